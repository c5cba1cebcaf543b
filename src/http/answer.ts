/** A `Reply` as an HTTP response: http://hl7.org/fhir/R4/http.html#summary */
import type { FastifyReply } from 'fastify'
import type { Problem } from '../base/problem.ts'
import type { Reply } from '../rest/index.ts'
import { RangeProblem, type RawContent } from './binary.ts'
import { cacheHeaders, type Headers } from './cache-headers.ts'
import { compress, type Encoding } from './compress.ts'
import { fhirJson } from './negotiate.ts'
import { outcomeText } from './outcome.ts'
import { pretty } from './pretty.ts'

/** How the client wants its answer. `resource` is `Patient/1` when the path names one. */
export type Manner = {
  readonly contentType: string
  readonly pretty: boolean
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
  return sendText(http, headers, text, manner)
}

const textOf = ({ status, body, outcome }: Reply): string | undefined => {
  if (status === 204 || status === 304) return undefined
  if (body !== undefined) return body.length === 1 ? body[0] : body.join('')
  return outcome === undefined ? undefined : outcomeText(outcome)
}

const sendText = (http: FastifyReply, headers: Headers, text: string, manner: Manner) => {
  headers['content-type'] = manner.contentType
  headers.vary = 'Accept, Accept-Encoding'
  const shown = manner.pretty ? pretty(text) : text
  if (manner.encoding === undefined) return http.headers(headers).send(shown)
  return sendCompressed(http, headers, shown, manner.encoding)
}

const sendCompressed = async (http: FastifyReply, headers: Headers, text: string, encoding: Encoding) => {
  const packed = await compress(text, encoding)
  if (packed === undefined) return http.headers(headers).send(text)
  return http.headers({ ...headers, 'content-encoding': packed.encoding }).send(packed.bytes)
}

/** Sends the content of a Binary, whole or in part. */
export const sendRaw = (http: FastifyReply, raw: RawContent): FastifyReply =>
  http.code(raw.status).headers(raw.headers).send(raw.bytes)

/** Sends a refusal as OperationOutcome. */
export const sendProblem = (http: FastifyReply, problem: Problem): FastifyReply => {
  if (problem.retryAfter !== undefined) http.header('retry-after', Math.ceil(problem.retryAfter))
  if (problem instanceof RangeProblem) http.header('content-range', `bytes */${problem.length}`)
  const type = http.getHeader('content-type')
  if (type === undefined || !String(type).startsWith('application/fhir+json'))
    http.header('content-type', fhirJson)
  return http.code(problem.status).header('cache-control', 'no-store').send(outcomeText(problem.issues))
}
