/** The FHIR API as one Fastify scope: its routes, its bodies, its answers. http://hl7.org/fhir/R4/http.html */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { methodNotAllowed } from '../base/problem.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import type { Interaction, Rest } from '../rest/index.ts'
import { sendRaw, sendReply } from './answer.ts'
import { type Arrived, ask, checkType, formPairs } from './ask.ts'
import { rawContent } from './binary.ts'
import { readBody } from './body.ts'
import { chooseEncoding } from './compress.ts'
import type { HttpContext } from './context.ts'
import { negotiate, type Representation } from './negotiate.ts'
import { parsePrefer } from './prefer.ts'
import { type Pair, parseQuery, splitPresentation } from './query.ts'
import { methodsOf, paths, routes } from './routes.ts'

/** Where a request goes, for logs and metrics: never its URL, which may name a patient. */
export type Place = { readonly route: string; readonly interaction: string }

declare module 'fastify' {
  interface FastifyRequest {
    ctx: HttpContext
    place: Place
    /** How to answer, once it is known; refusals too are written so. */
    representation: Representation | undefined
  }
}

export type FhirScopeDeps = { readonly rest: Rest; readonly xml: Xml; readonly bodyLimit: number }

/** A Fastify plugin; to be registered with the prefix `/fhir`. */
export const fhirScope =
  (deps: FhirScopeDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request: FastifyRequest, stream: FastifyRequest['raw']) =>
      readBody(stream, request.headers, deps.bodyLimit),
    )
    for (const [method, path, interaction] of routes) {
      scope.route({
        method: method === 'GET' ? ['GET', 'HEAD'] : method,
        url: path,
        onRequest: placeAt({ route: `/fhir${path}`, interaction }),
        handler: (request, reply) => answer(deps, interaction, request, reply),
      })
    }
    for (const path of paths) refuseOtherMethods(scope, path)
  }

const placeAt = (place: Place) => (request: FastifyRequest, _reply: FastifyReply, done: () => void) => {
  request.place = place
  done()
}

const answer = async (
  { rest, xml }: FhirScopeDeps,
  interaction: Interaction,
  request: FastifyRequest,
  http: FastifyReply,
) => {
  const { ctx, method, headers } = request
  const arrived = { method, headers, interaction, params: request.params, body: request.body } as Arrived
  checkType(arrived.params.type)
  const { query, format, pretty } = splitPresentation(pairsOf(arrived, request.query as string))
  // A raw read accepts any type; what the client accepts matters again when the answer is a resource after all.
  const mayBeRaw = arrived.params.type === 'Binary' && (interaction === 'read' || interaction === 'vread')
  const isList = interaction.startsWith('search-') || interaction.startsWith('history-')
  if (!mayBeRaw) request.representation = negotiate(headers.accept, format, isList)
  const reply = await rest.perform(ctx, await ask(arrived, query, xml))
  const raw = mayBeRaw ? rawContent(reply, { headers, format, base: ctx.base }) : undefined
  if (raw !== undefined) return sendRaw(http, raw)
  request.representation ??= negotiate(headers.accept, format)
  return sendReply(http, reply, {
    representation: request.representation,
    xml,
    pageFormat: isList ? format : undefined,
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
