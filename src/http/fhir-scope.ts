/** The FHIR API as one Fastify scope: its routes, its bodies, its answers. http://hl7.org/fhir/R4/http.html */
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { methodNotAllowed } from '../base/problem.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import type { Interaction, Reply, Rest } from '../rest/index.ts'
import { sendRaw, sendReply } from './answer.ts'
import { type Arrived, ask, checkType, formPairs } from './ask.ts'
import { rawContent } from './binary.ts'
import { readBody } from './body.ts'
import { chooseEncoding } from './compress.ts'
import type { Caller, HttpContext } from './context.ts'
import type { Limiter } from './limited.ts'
import { type Hold, type Memory, outOfMemory } from './memory.ts'
import { negotiate, type Representation } from './negotiate.ts'
import { parsePrefer } from './prefer.ts'
import { type Pair, parseQuery, presentationOf, splitPresentation } from './query.ts'
import { methodsOf, paths, routes } from './routes.ts'

/** Where a request goes, for logs and metrics: never its URL, which may name a patient. */
export type Place = { readonly route: string; readonly interaction: string }

declare module 'fastify' {
  interface FastifyRequest {
    ctx: HttpContext
    place: Place
    /** How to answer, once it is known; refusals too are written so. */
    representation: Representation | undefined
    /** Whether `rest` has been asked: then it has put on record what came of it. */
    isPerformed: boolean
    /** What it takes of the memory for all requests. */
    hold: Hold | undefined
  }
}

export type FhirScopeDeps = {
  readonly rest: Rest
  readonly xml: Xml
  readonly bodyLimit: number
  readonly memory: Memory
  readonly authenticate: Authenticate
  /** Bounds what one client may ask for. */
  readonly limiter?: Limiter | undefined
}

/** Who asks, and what that one may. Throws a `Problem` (401) when nobody can be told from the headers. */
export type Authenticate = (
  headers: IncomingHttpHeaders,
  tenant: number,
  signal: () => AbortSignal,
) => Caller | Promise<Caller>

/** What everybody may ask: what this server can do, and where a token is to be had. */
const open: ReadonlySet<string> = new Set(['capabilities'])

/** A Fastify plugin; to be registered with the prefix `/fhir`. */
export const fhirScope =
  (deps: FhirScopeDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request: FastifyRequest, stream: FastifyRequest['raw']) =>
      readBody(stream, request.headers, deps.bodyLimit, holdOf(deps, request)),
    )
    const admit = admitBy(deps)
    const limit = limitBy(deps.limiter)
    for (const [method, path, interaction] of routes) {
      scope.route({
        method: method === 'GET' ? ['GET', 'HEAD'] : method,
        url: path,
        onRequest: open.has(interaction)
          ? [placeAt({ route: `/fhir${path}`, interaction }), limit]
          : [placeAt({ route: `/fhir${path}`, interaction }), admit],
        handler: (request, reply) => answer(deps, interaction, request, reply),
      })
    }
    for (const path of paths) refuseOtherMethods(scope, path)
  }

/** For whoever is not asked for a token. */
export const limitBy =
  (limiter: Limiter | undefined) =>
  (request: FastifyRequest, reply: FastifyReply, done: (error?: Error) => void): void =>
    done(limiter?.admit(request, reply))

/** Without a promise when the token is known. */
const admitBy =
  ({ authenticate, limiter }: Pick<FhirScopeDeps, 'authenticate' | 'limiter'>) =>
  (request: FastifyRequest, reply: FastifyReply, end: (error?: Error) => void): void => {
    const { ctx } = request
    // Whoever guesses tokens is told to wait before being told that this one is wrong, too.
    const done = (error?: Error): void => end(limiter?.admit(request, reply) ?? error)
    try {
      const caller = authenticate(request.headers, ctx.tenant, () => ctx.signal)
      if (caller instanceof Promise) {
        caller.then((found) => {
          ctx.callFor(found)
          done()
        }, done)
        return
      }
      ctx.callFor(caller)
    } catch (error) {
      done(error as Error)
      return
    }
    done()
  }

const placeAt = (place: Place) => (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
  request.place = place
  done()
}

const holdOf = ({ memory }: FhirScopeDeps, request: FastifyRequest): Hold => {
  request.hold ??= memory.hold()
  return request.hold
}

/** Answers above this many characters count as large. */
const large = 262_144

const writes: ReadonlySet<Interaction> = new Set([
  'create',
  'update',
  'patch',
  'delete',
  'batch',
  'operation',
])

/** Refuses to send what there is no room for; what may have been written cannot be refused any more. */
const checkRoom = (
  deps: FhirScopeDeps,
  interaction: Interaction,
  request: FastifyRequest,
  { body }: Reply,
): void => {
  const size = body?.reduce((sum, piece) => sum + piece.length, 0) ?? 0
  if (size <= large || holdOf(deps, request).take(size) || writes.has(interaction)) return
  throw outOfMemory()
}

const answer = async (
  deps: FhirScopeDeps,
  interaction: Interaction,
  request: FastifyRequest,
  http: FastifyReply,
) => {
  const { rest, xml } = deps
  const { ctx, method, headers } = request
  const arrived = { method, headers, interaction, params: request.params, body: request.body } as Arrived
  checkType(arrived.params.type)
  const { query, format, pretty } = splitPresentation(pairsOf(arrived, request.query as string))
  // A raw read accepts any type; what the client accepts matters again when the answer is a resource after all.
  const mayBeRaw = arrived.params.type === 'Binary' && (interaction === 'read' || interaction === 'vread')
  const isList = interaction.startsWith('search-') || interaction.startsWith('history-')
  if (!mayBeRaw) request.representation = negotiate(headers.accept, format, isList)
  const asked = await ask(arrived, query, xml)
  request.isPerformed = true
  const reply = await rest.perform(ctx, asked)
  checkRoom(deps, interaction, request, reply)
  const raw = mayBeRaw ? rawContent(reply, { headers, format, base: ctx.base }) : undefined
  if (raw !== undefined) return sendRaw(http, raw)
  request.representation ??= negotiate(headers.accept, format)
  return sendReply(http, reply, {
    representation: request.representation,
    xml,
    pageQuery: isList ? presentationOf({ ...(format ? { format } : {}), pretty }) : undefined,
    pretty,
    base: ctx.base,
    resource: resourceOf(arrived),
    encoding:
      method === 'HEAD' ? undefined : chooseEncoding(headers['accept-encoding'] as string | undefined),
    preferenceApplied: parsePrefer(headers.prefer as string | undefined).applied,
  })
}

const pairsOf = (arrived: Arrived, url: string): readonly Pair[] => {
  const form = formPairs(arrived)
  return form.length === 0 ? parseQuery(url) : [...parseQuery(url), ...form]
}

const resourceOf = ({ params }: Arrived): string | undefined =>
  params.id === undefined || params.within !== undefined ? undefined : `${params.type}/${params.id}`

/** 405 with what the path does offer; OPTIONS is told the same without being refused. */
const refuseOtherMethods = (scope: FastifyInstance, path: string): void => {
  const allow = [...methodsOf(path), 'OPTIONS'].join(', ')
  const others = scope.supportedMethods.filter(
    (method) => method !== 'OPTIONS' && !allow.split(', ').includes(method),
  )
  const onRequest = placeAt({ route: `/fhir${path}`, interaction: 'other' })
  scope.route({
    method: others,
    url: path,
    onRequest,
    handler: async (request, reply) => {
      checkType((request.params as Arrived['params']).type)
      reply.header('allow', allow)
      throw methodNotAllowed(`${request.method} is not possible here. Use one of ${allow}.`)
    },
  })
  scope.route({
    method: 'OPTIONS',
    url: path,
    onRequest,
    handler: (_request, reply) => reply.code(204).header('allow', allow).send(),
  })
}
