/** The `Ctx` of an HTTP request: trace (https://www.w3.org/TR/trace-context/), clock, tenant, cancellation. */
import { randomFillSync } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { type Access, noAccess } from '../access/access.ts'
import type { Ctx } from '../access/ctx.ts'
import { anybody, type Principal } from '../access/principal.ts'
import type { Log } from '../base/log.ts'
import type { Address } from './tenancy.ts'

export type ContextOptions = {
  readonly log: Log
  /** Aborted when the time for draining is over. */
  readonly stopped: AbortSignal
  /** Believe X-Forwarded-For. */
  readonly trustProxy?: boolean
}

/** Who asks, and what that one may. */
export type Caller = { readonly who: Principal; readonly access: Access }

const nobody: Caller = { who: anybody, access: noAccess }

/** Signal and logger are made when somebody asks: most requests need neither. */
export class HttpContext implements Ctx {
  readonly at = Date.now()
  readonly trace: string
  /** Span of the caller, 16 hex digits, when it sent a valid `traceparent`. */
  readonly parentSpan: string | undefined
  /** Whether the caller records its trace; undefined without a caller's span. */
  readonly sampled: boolean | undefined
  /** `performance.now()` at arrival, to measure how long the answer took. */
  readonly started = performance.now()
  readonly #options: ContextOptions
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  #address: Address | undefined
  #caller: Caller = nobody
  #signal: AbortSignal | undefined
  #log: Log | undefined

  constructor(options: ContextOptions, request: IncomingMessage, response: ServerResponse) {
    const parent = parseTraceparent(request.headers.traceparent)
    this.trace = parent?.trace ?? randomTrace()
    this.parentSpan = parent?.span
    this.sampled = parent?.sampled
    this.#options = options
    this.#request = request
    this.#response = response
  }

  /** For whom the request is; said before anything but a refusal is made of it. */
  arriveAt(address: Address): void {
    this.#address = address
  }

  /** Who asks, once that is known. */
  callFor(caller: Caller): void {
    this.#caller = caller
  }

  get who(): Principal {
    return this.#caller.who
  }

  get access(): Access {
    return this.#caller.access
  }

  /** Of the client; behind a proxy that is believed, what that one says. */
  get address(): string | undefined {
    const { headers, socket } = this.#request
    const named = this.#options.trustProxy ? headers['x-forwarded-for'] : undefined
    return (Array.isArray(named) ? named[0] : named)?.split(',')[0]?.trim() || socket.remoteAddress
  }

  get correlation(): string | undefined {
    const named = this.#request.headers['x-request-id']
    return typeof named === 'string' ? named.slice(0, 128) : undefined
  }

  /** -1, which nobody is, as long as it is not known. */
  get tenant(): number {
    return this.#address?.tenant ?? -1
  }

  get base(): string {
    return this.#address?.base ?? ''
  }

  /** URL of the tenant without trailing slash: FHIR is at `[root]/fhir`, sign-in at `[root]/auth`. */
  get root(): string {
    return this.#address?.root ?? ''
  }

  get signal(): AbortSignal {
    this.#signal ??= AbortSignal.any([goneSignal(this.#response), this.#options.stopped])
    return this.#signal
  }

  get log(): Log {
    this.#log ??= this.#options.log.child({ trace: this.trace })
    return this.#log
  }
}

/** Aborted when the connection closes before the answer is out. */
const goneSignal = (response: ServerResponse): AbortSignal => {
  const controller = new AbortController()
  const abort = () => {
    if (!response.writableFinished) controller.abort()
  }
  if (response.destroyed) abort()
  else response.once('close', abort)
  return controller.signal
}

type Parent = { readonly trace: string; readonly span: string; readonly sampled: boolean }

const traceparent = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:$|-)/

/** An invalid header is treated as absent, as the recommendation demands. */
export const parseTraceparent = (header: unknown): Parent | undefined => {
  if (typeof header !== 'string') return undefined
  const match = traceparent.exec(header)
  if (!match || (header.startsWith('00') && header.length !== 55)) return undefined
  return { trace: match[1]!, span: match[2]!, sampled: (Number.parseInt(match[3]!, 16) & 1) === 1 }
}

const pool = Buffer.allocUnsafe(16 * 256)
let used = pool.length

const randomTrace = (): string => {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  used += 16
  return pool.toString('hex', used - 16, used)
}
