/** The HTTP edge: Fastify with the house's limits, contexts, errors and one log line a request. https://fastify.dev */
import type { SecureContextOptions } from 'node:tls'
import cors from '@fastify/cors'
import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify'
import type { Recording } from '../access/happening.ts'
import { challengeOf } from '../auth/refusals.ts'
import { faultOf } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import { notFound, type Problem } from '../base/problem.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import { sendProblem } from './answer.ts'
import { HttpContext } from './context.ts'
import { type DocsDeps, docs } from './docs.ts'
import { type FhirScopeDeps, fhirScope, limitBy, type Place } from './fhir-scope.ts'
import { type HealthDeps, health } from './health.ts'
import { createHostCheck } from './host.ts'
import { answerClientError, type Limits, serverLimits } from './limits.ts'
import { createMemory } from './memory.ts'
import type { Metrics } from './metrics.ts'
import { fhirJson, negotiate, type Representation } from './negotiate.ts'
import { toProblem } from './outcome.ts'
import { parseQuery, splitPresentation } from './query.ts'
import { recordRefused } from './refused.ts'
import { headerLines, passHeaders, securityHeaders, setHeaders } from './security-headers.ts'
import { createSlowReaders, type SlowReaders, type Watched } from './slow-readers.ts'
import { type Address, type Addressing, createAddressing, type TenancyOptions } from './tenancy.ts'
import type { Span, Traces } from './traces.ts'

export type HttpDeps = Omit<FhirScopeDeps, 'bodyLimit' | 'memory'> &
  Authorization &
  HealthDeps &
  DocsDeps &
  TenancyOptions & {
    readonly log: Log
    readonly metrics: Metrics
    readonly limits: Limits
    /** The address to listen on: on a loopback one only local names are answered. */
    readonly listens?: string | undefined
    /** Origins of browser applications that may call; `*` for all, empty for none. */
    readonly corsOrigins: readonly string[]
    /** Aborts what still runs when the time for draining is over. */
    readonly stopped: AbortSignal
    readonly traces?: Traces | undefined
    /** Certificate and key; without them plain HTTP is spoken. */
    readonly tls?: SecureContextOptions | undefined
    /** Where refusals go that `rest` does not hear of; without it they do not go on record. */
    readonly recording?: Recording | undefined
  }

/** The authorization server; none where nobody has to say who they are. */
type Authorization = {
  readonly authorization?:
    | {
        /** A Fastify plugin for the prefix `/auth`. */
        routes(scope: FastifyInstance): Promise<void>
        /** A Fastify plugin for the paths outside of it: `.well-known`. */
        wellKnown(scope: FastifyInstance): Promise<void>
      }
    | undefined
}

const nowhere: Place = { route: 'unknown', interaction: 'other' }

/** Everything wired and not listening yet. */
export const createServer = (deps: HttpDeps): FastifyInstance => {
  const addressing = createAddressing(deps)
  const headers = securityHeaders(deps.tls !== undefined || deps.baseUrl?.startsWith('https:') === true)
  const server = fastify({
    rewriteUrl: addressing.route,
    ...serverLimits(deps.limits),
    ...(deps.tls ? { https: { ...serverLimits(deps.limits).http, ...deps.tls } } : {}),
    clientErrorHandler: (error, socket) => answerClientError(error, socket, headerLines(headers)),
    frameworkErrors: (error, _request, reply) => {
      setHeaders(reply, headers)
      sendProblem(reply, toProblem(error, 'unknown'), fhirJson, deps.xml)
    },
    exposeHeadRoutes: false,
    // While draining, requests of open connections are still served; the connection closes after each.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 2048, querystringParser: asText },
  }) as unknown as FastifyInstance
  server.decorateRequest('place', undefined as never)
  server.decorateRequest('ctx', undefined as never)
  server.decorateRequest('hold', undefined)
  const slowReaders = createSlowReaders(deps.limits.answerTimeout)
  server.addHook('onClose', async () => slowReaders.close())
  server.addHook('onRequest', arrive(deps, { addressing, slowReaders, headers }))
  server.decorateRequest('representation', undefined)
  server.decorateRequest('isPerformed', false)
  const memory = createMemory(Math.max(deps.limits.memory, deps.limits.body))
  deps.metrics.gauge('lamplight_http_held_bytes', 'Bodies and large answers in memory.', memory.used)
  server.setErrorHandler(refuse(deps))
  server.setNotFoundHandler(() => {
    throw notFound('There is nothing at this path. The FHIR API begins at /fhir; see /fhir/metadata.')
  })
  health(server, deps)
  server.register(async (scope) => {
    scope.addHook('onRequest', limitBy(deps.limiter))
    docs(scope, deps)
  })
  server.register(
    async (scope) => {
      if (deps.corsOrigins.length > 0) await scope.register(cors, corsOptions(deps.corsOrigins))
      await scope.register(fhirScope({ ...deps, bodyLimit: deps.limits.body, memory }))
    },
    { prefix: '/fhir' },
  )
  if (deps.authorization) {
    const { routes, wellKnown } = deps.authorization
    server.register(async (scope) => {
      scope.addHook('onRequest', limitBy(deps.limiter))
      // oidc-provider answers past Fastify.
      scope.addHook('preHandler', async (_request, reply) => passHeaders(reply))
      await scope.register(routes, { prefix: '/auth' })
      await scope.register(wellKnown)
    })
  }
  return server
}

/** Asked every few seconds by machines: not worth a line unless somebody looks for them. */
const probes = new Set(['/health/live', '/health/ready', '/metrics'])

/** Of the paths outside of the FHIR API, the router's pattern, which holds nothing of the client's. */
const outside = (request: FastifyRequest): Place => ({
  route: request.routeOptions.url ?? nowhere.route,
  interaction: nowhere.interaction,
})

/** The query string stays text here: `query.ts` reads it. Fastify's type wants an object. */
const asText = (text: string) => text as unknown as Record<string, unknown>

type Arriving = {
  readonly addressing: Addressing
  readonly slowReaders: SlowReaders
  readonly headers: ReturnType<typeof securityHeaders>
}

const arrive = (deps: HttpDeps, { addressing, slowReaders, headers }: Arriving) => {
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

const refuse =
  ({ xml, recording }: Pick<HttpDeps, 'xml' | 'recording'>) =>
  (error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply | Promise<FastifyReply> => {
    const problem = toProblem(error, request.ctx.trace)
    const recorded = recordRefused(recording, request, problem)
    if (recorded === undefined) return sendRefusal(problem, request, reply, xml)
    const send = (said: unknown) => sendRefusal(toProblem(said, request.ctx.trace), request, reply, xml)
    return recorded.then(() => send(problem), send)
  }

const sendRefusal = (
  problem: Problem,
  request: FastifyRequest,
  reply: FastifyReply,
  xml: Xml,
): FastifyReply => {
  if (problem.status >= 500)
    request.ctx.log.error({ fault: faultOf(problem.cause ?? problem) }, 'request failed')
  const challenge = challengeOf(problem)
  if (challenge !== undefined) reply.header('www-authenticate', challenge)
  return sendProblem(reply, problem, representationOf(request), xml)
}

/** What was negotiated, or, when it did not come to that, what the client seems to like; JSON when that is not clear. */
const representationOf = (request: FastifyRequest): Representation => {
  if (request.representation) return request.representation
  try {
    const { format } = splitPresentation(parseQuery((request.query as string | undefined) ?? ''))
    return negotiate(request.headers.accept, format)
  } catch {
    return fhirJson
  }
}

const corsOptions = (origins: readonly string[]) => ({
  origin: origins.includes('*') ? '*' : [...origins],
  methods: ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'],
  exposedHeaders: [
    'Content-Location',
    'ETag',
    'Last-Modified',
    'Location',
    'Preference-Applied',
    'RateLimit-Limit',
    'RateLimit-Remaining',
    'RateLimit-Reset',
    'Retry-After',
    'WWW-Authenticate',
    'X-Correlation-Id',
    'X-Request-Id',
  ],
  maxAge: 600,
  strictPreflight: false,
})
