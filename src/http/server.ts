/** The HTTP edge: Fastify with the house's limits, contexts, errors and one log line a request. https://fastify.dev */
import type { SecureContextOptions } from 'node:tls'
import cors from '@fastify/cors'
import { type FastifyInstance, fastify } from 'fastify'
import type { Recording } from '../access/happening.ts'
import type { Log } from '../base/log.ts'
import { notFound } from '../base/problem.ts'
import { sendProblem } from './answer.ts'
import { arrive } from './arrive.ts'
import { type DocsDeps, docs } from './docs.ts'
import { type FhirScopeDeps, fhirScope, limitBy } from './fhir-scope.ts'
import { type HealthDeps, health } from './health.ts'
import { answerClientError, type Limits, serverLimits } from './limits.ts'
import { createMemory } from './memory.ts'
import type { Metrics } from './metrics.ts'
import { fhirJson } from './negotiate.ts'
import { toProblem } from './outcome.ts'
import { refuse } from './refuse.ts'
import { headerLines, passHeaders, securityHeaders, setHeaders } from './security-headers.ts'
import { createSlowReaders } from './slow-readers.ts'
import { createAddressing, type TenancyOptions } from './tenancy.ts'
import type { Traces } from './traces.ts'

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

/** The query string stays text here: `query.ts` reads it. Fastify's type wants an object. */
const asText = (text: string) => text as unknown as Record<string, unknown>

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
