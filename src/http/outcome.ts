/** Refusals as OperationOutcome: http://hl7.org/fhir/R4/operationoutcome.html. The HTTP edge of `Problem`. */
import type { Issue, IssueCode } from '../base/issue.ts'
import { issue, outcomeIssue } from '../base/issue.ts'
import { Problem } from '../base/problem.ts'

/** The text of an OperationOutcome. A success without findings says so, because `issue` must not be empty. */
export const outcomeText = (issues: readonly Issue[]): string =>
  JSON.stringify({
    resourceType: 'OperationOutcome',
    issue:
      issues.length > 0
        ? issues.map(outcomeIssue)
        : [{ severity: 'information', code: 'informational', diagnostics: 'All is well.' }],
  })

/**
 * What to answer for anything thrown. A `Problem` is itself and an error of Fastify keeps its status; all else is a bug:
 * 500 with the trace id and nothing about its cause.
 */
export const toProblem = (error: unknown, trace: string): Problem => {
  if (error instanceof Problem) return error
  const status = frameworkStatus(error)
  if (status === undefined) {
    const text = `Something went wrong inside the server; nothing is known to be wrong with the request. When reporting it, name trace ${trace}.`
    return new Problem(500, [issue('exception', text)], { cause: error })
  }
  return new Problem(status, [issue(codeOf(status), sentenceOf(status))], { cause: error })
}

/** Errors that Fastify raises about the request carry a code `FST_…` and a status of the client's making. */
const frameworkStatus = (error: unknown): number | undefined => {
  if (!(error instanceof Error) || !('code' in error) || !('statusCode' in error)) return undefined
  const { code, statusCode } = error
  if (typeof code !== 'string' || !code.startsWith('FST_') || typeof statusCode !== 'number') return undefined
  return statusCode >= 400 && statusCode < 500 ? statusCode : undefined
}

const codes: Readonly<Record<number, IssueCode>> = {
  404: 'not-found',
  405: 'not-supported',
  408: 'timeout',
  413: 'too-long',
  414: 'too-long',
  415: 'not-supported',
  431: 'too-long',
  503: 'transient',
}
const codeOf = (status: number): IssueCode => codes[status] ?? 'invalid'

const sentences: Readonly<Record<number, string>> = {
  408: 'The request did not arrive in time. Send it again, faster or in smaller parts.',
  413: 'The body is larger than this server accepts.',
  414: 'The URL is too long. Send a search as POST to _search with its parameters in the body.',
  415: 'The Content-Type header is malformed.',
  431: 'The URL and the headers together are too large. Send a search as POST to _search with its parameters in the body.',
}
const sentenceOf = (status: number): string =>
  sentences[status] ?? 'The request is malformed: check its URL, its headers and its framing.'

/** The problem of a request that never became one (HTTP parser, sockets): only its status is known. */
export const rawProblem = (status: number): Problem =>
  new Problem(status, [issue(codeOf(status), sentenceOf(status))])
