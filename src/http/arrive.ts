/** What every request begins and ends with: its context, headers, measures, and one line in the log. */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Log } from '../base/log.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import { type ContextOptions, HttpContext } from './context.ts'
import type { Place } from './fhir-scope.ts'
import { createHostCheck, type HostOptions } from './host.ts'
import type { Limiter } from './limited.ts'
import type { Metrics } from './metrics.ts'
import { type securityHeaders, setHeaders } from './security-headers.ts'
import type { SlowReaders, Watched } from './slow-readers.ts'
import type { Address, Addressing } from './tenancy.ts'
import type { Span, Traces } from './traces.ts'

export type ArrivalDeps = ContextOptions &
  HostOptions & {
    readonly log: Log
    readonly metrics: Metrics
    readonly traces?: Traces | undefined
    readonly limiter?: Limiter | undefined
  }

const nowhere: Place = { route: 'unknown', interaction: 'other' }

/** Asked every few seconds by machines: not worth a line unless somebody looks for them. */
const probes = new Set(['/health/live', '/health/ready', '/metrics'])

/** Of the paths outside of the FHIR API, the router's pattern, which holds nothing of the client's. */
const outside = (request: FastifyRequest): Place => ({
  route: request.routeOptions.url ?? nowhere.route,
  interaction: nowhere.interaction,
})

type Arriving = {
  readonly addressing: Addressing
  readonly slowReaders: SlowReaders
  readonly headers: ReturnType<typeof securityHeaders>
}

/** The hook `onRequest`; the request's end is awaited from here, too. */
export const arrive = (deps: ArrivalDeps, { addressing, slowReaders, headers }: Arriving) => {
  const { log, metrics, traces, limiter } = deps
  const checkHost = createHostCheck(deps)
  type Left = { readonly span: Span | undefined; readonly watched: Watched }
  const leave = (request: FastifyRequest, reply: FastifyReply, { span, watched }: Left): void => {
    const { ctx } = request
    const place = request.place === nowhere ? outside(request) : request.place
    const status = reply.raw.writableEnded ? reply.statusCode : 499
    const ms = performance.now() - ctx.started
    request.hold?.release()
    watched.forget()
    limiter?.settle(request, reply, ms)
    metrics.inFlight(-1)
    metrics.observe(place.interaction, status, ms / 1000)
    span?.end(place, status)
    log[probes.has(place.route) ? 'debug' : 'info'](lineOf(request, reply, place, status, ms), 'request')
  }
  return (request: FastifyRequest, reply: FastifyReply, done: (refusal?: Error) => void): void => {
    const ctx = new HttpContext(deps, request.raw, reply.raw)
    request.ctx = ctx
    request.place = nowhere
    reply.header('x-request-id', ctx.trace)
    setHeaders(reply, headers)
    const asked = request.headers['x-request-id']
    if (typeof asked === 'string' && /^[\x21-\x7e]{1,128}$/.test(asked))
      reply.header('x-correlation-id', asked)
    metrics.inFlight(1)
    const span = traces?.begin(ctx, request.method)
    const watched = slowReaders.watch(reply.raw)
    reply.raw.once('close', () => leave(request, reply, { span, watched }))
    const enter = (address: Address): void => {
      ctx.arriveAt(address)
      done(address.hosted ? undefined : checkHost(request.headers.host))
    }
    const address = addressing.find(request.raw)
    if (address === undefined) addressing.ask(request.raw).then(enter, done)
    else enter(address)
  }
}

/** No URL, no id, no query: they may name a patient. Status 499 is a client that left before the answer was out. */
const lineOf = (request: FastifyRequest, reply: FastifyReply, place: Place, status: number, ms: number) => {
  const { type } = (request.params ?? {}) as { type?: string }
  return {
    trace: request.ctx.trace,
    method: request.method,
    route: place.route,
    ...(type !== undefined && isResourceType(type) ? { type } : {}),
    status,
    ms: Math.round(ms * 100) / 100,
    bytes: Number(reply.getHeader('content-length') ?? 0),
  }
}
