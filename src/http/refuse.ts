/** What went wrong, as an OperationOutcome in the form that the client asked for. http://hl7.org/fhir/R4/http.html#2.21.0.4 */
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Recording } from '../access/happening.ts'
import { challengeOf } from '../auth/refusals.ts'
import { faultOf } from '../base/fault.ts'
import type { Problem } from '../base/problem.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import { sendProblem } from './answer.ts'
import { fhirJson, negotiate, type Representation } from './negotiate.ts'
import { toProblem } from './outcome.ts'
import { parseQuery, splitPresentation } from './query.ts'
import { recordRefused } from './refused.ts'

export type RefusalDeps = { readonly xml: Xml; readonly recording?: Recording | undefined }

/** The error handler. What `rest` did not hear of goes on record before the answer. */
export const refuse =
  ({ xml, recording }: RefusalDeps) =>
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
