/** The `Ctx` of an HTTP request: trace (https://www.w3.org/TR/trace-context/), clock, base URL, cancellation. */
import { randomFillSync } from 'node:crypto'
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { unrestricted } from '../access/access.ts'
import type { Ctx } from '../access/ctx.ts'
import { internal } from '../access/principal.ts'
import type { Log } from '../base/log.ts'

/** `baseUrl` wins; otherwise the base is what the client called us, believing proxies only when told to. */
export type ContextOptions = {
  readonly log: Log
  readonly baseUrl?: string | undefined
  readonly trustProxy: boolean
  /** Aborted when the time for draining is over. */
  readonly stopped: AbortSignal
}

/** Signal and logger are made when somebody asks: most requests need neither. */
export class HttpContext implements Ctx {
  readonly tenant = 1
  readonly who = internal
  readonly access = unrestricted
  readonly at = Date.now()
  readonly trace: string
  /** Span of the caller, 16 hex digits, when it sent a valid `traceparent`. */
  readonly parentSpan: string | undefined
  /** Whether the caller records its trace; undefined without a caller's span. */
  readonly sampled: boolean | undefined
  readonly base: string
  /** `performance.now()` at arrival, to measure how long the answer took. */
  readonly started = performance.now()
  readonly #options: ContextOptions
  readonly #response: ServerResponse
  #signal: AbortSignal | undefined
  #log: Log | undefined

  constructor(options: ContextOptions, request: IncomingMessage, response: ServerResponse) {
    const parent = parseTraceparent(request.headers.traceparent)
    this.trace = parent?.trace ?? randomTrace()
    this.parentSpan = parent?.span
    this.sampled = parent?.sampled
    this.base = options.baseUrl ?? baseOf(request, options.trustProxy)
    this.#options = options
    this.#response = response
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

const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

const baseOf = (request: IncomingMessage, trustProxy: boolean): string => {
  const { headers, socket } = request
  const host = (trustProxy && forwarded(headers, 'x-forwarded-host')) || headers.host
  const protocol = trustProxy && forwarded(headers, 'x-forwarded-proto') === 'https' ? 'https' : 'http'
  if (host !== undefined && hostPattern.test(host)) return `${protocol}://${host}/fhir`
  return `${protocol}://localhost:${socket.localPort}/fhir`
}

/** The value nearest to the client. */
const forwarded = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim()
}
