/** A `Reply` as an HTTP response: http://hl7.org/fhir/R4/http.html#summary */
import type { FastifyReply } from 'fastify'
import type { Problem } from '../base/problem.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import type { Reply } from '../rest/index.ts'
import { RangeProblem, type RawContent } from './binary.ts'
import { cacheHeaders, type Headers } from './cache-headers.ts'
import { compress, type Encoding } from './compress.ts'
import type { Representation } from './negotiate.ts'
import { outcomeText } from './outcome.ts'
import { withPresentation } from './page-links.ts'
import { ndjsonLinks, represent } from './represent.ts'

/** How the client wants its answer. `resource` is `Patient/1` when the path names one. */
export type Manner = {
  readonly representation: Representation
  readonly xml: Xml
  readonly pretty: boolean
  /** `_format` and `_pretty` as in the request, when the answer is a list of resources. */
  readonly pageQuery?: string | undefined
  readonly base: string
  readonly resource?: string | undefined
  readonly encoding?: Encoding | undefined
  readonly preferenceApplied?: string | undefined
}

/** Sends what `rest` replied. */
export const sendReply = (
  http: FastifyReply,
  reply: Reply,
  manner: Manner,
): FastifyReply | Promise<FastifyReply> => {
  const headers = cacheHeaders(reply, manner.base, manner.resource)
  if (manner.preferenceApplied !== undefined) headers['preference-applied'] = manner.preferenceApplied
  http.code(reply.status)
  const text = textOf(reply)
  if (text === undefined) return http.headers(headers).send()
  return sendText(http, headers, keepFormat(text, manner), manner)
}

/** `rest` makes the links and knows nothing of how they are to be shown. */
const keepFormat = (text: string, { pageQuery }: Manner): string =>
  pageQuery === undefined ? text : withPresentation(text, pageQuery)

const textOf = ({ status, body, outcome }: Reply): string | undefined => {
  if (status === 204 || status === 304) return undefined
  if (body !== undefined) return body.length === 1 ? body[0] : body.join('')
  return outcome === undefined ? undefined : outcomeText(outcome)
}

const sendText = (http: FastifyReply, headers: Headers, text: string, manner: Manner) => {
  const { form, contentType } = manner.representation
  headers['content-type'] = contentType
  headers.vary = 'Accept, Accept-Encoding'
  const links = form === 'ndjson' ? ndjsonLinks(text) : ''
  if (links !== '') headers.link = links
  const shown = represent(text, form, manner)
  if (typeof shown !== 'string') return shown.then((made) => sendShown(http, headers, made, manner))
  return sendShown(http, headers, shown, manner)
}

const sendShown = (http: FastifyReply, headers: Headers, shown: string, { encoding }: Manner) =>
  encoding === undefined ? http.headers(headers).send(shown) : sendCompressed(http, headers, shown, encoding)

const sendCompressed = async (http: FastifyReply, headers: Headers, text: string, encoding: Encoding) => {
  const packed = await compress(text, encoding)
  if (packed === undefined) return http.headers(headers).send(text)
  return http.headers({ ...headers, 'content-encoding': packed.encoding }).send(packed.bytes)
}

/** Sends the content of a Binary, whole or in part. */
export const sendRaw = (http: FastifyReply, raw: RawContent): FastifyReply =>
  http.code(raw.status).headers(raw.headers).send(raw.bytes)

/** Sends a refusal as OperationOutcome. */
export const sendProblem = (
  http: FastifyReply,
  problem: Problem,
  { form, contentType }: Representation,
  xml: Xml,
): FastifyReply => {
  if (problem.retryAfter !== undefined) http.header('retry-after', Math.ceil(problem.retryAfter))
  if (problem instanceof RangeProblem) http.header('content-range', `bytes */${problem.length}`)
  const text = outcomeText(problem.issues)
  http.code(problem.status).header('content-type', contentType)
  return http.send(form === 'xml' ? [...xml.write(text)].join('') : text)
}
