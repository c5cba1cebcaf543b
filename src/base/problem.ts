/** The one error that is thrown on purpose: a refusal with its HTTP status and its issues. */
import { type Issue, type IssueCode, issue } from './issue.ts'

/** A refusal. `cause` is logged, never sent. Converted to an OperationOutcome only at the edges. */
export class Problem extends Error {
  readonly status: number
  readonly issues: readonly Issue[]
  /** Seconds after which a retry may succeed; sent as `Retry-After`. */
  readonly retryAfter?: number

  constructor(
    status: number,
    issues: readonly Issue[],
    options: { cause?: unknown; retryAfter?: number } = {},
  ) {
    super(
      issues[0]?.diagnostics ?? `HTTP ${status}`,
      options.cause === undefined ? {} : { cause: options.cause },
    )
    this.name = 'Problem'
    this.status = status
    this.issues = issues
    if (options.retryAfter !== undefined) this.retryAfter = options.retryAfter
  }
}

const problem =
  (status: number, code: IssueCode) =>
  (diagnostics: string, ...expression: string[]): Problem =>
    new Problem(status, [issue(code, diagnostics, ...expression)])

/** 400: the request cannot be understood (malformed JSON, unknown parameter, bad header). */
export const invalid = problem(400, 'invalid')
/** 400: the request asks for something that this server does not do. */
export const unsupported = problem(400, 'not-supported')
/** 422: the content breaks a rule of the resource. */
export const unprocessable = problem(422, 'processing')
/** 404 */
export const notFound = problem(404, 'not-found')
/** 410: the resource was deleted. */
export const gone = problem(410, 'deleted')
/** 409: the current state forbids it, or another request got in between. */
export const conflict = problem(409, 'conflict')
/** 412: a precondition header does not hold. */
export const preconditionFailed = problem(412, 'conflict')
/** 412: a condition that must select one resource selects several. */
export const multipleMatches = problem(412, 'multiple-matches')
/** 401 */
export const unauthenticated = problem(401, 'login')
/** 403 */
export const forbidden = problem(403, 'forbidden')
/** 405: the interaction is not offered here. */
export const methodNotAllowed = problem(405, 'not-supported')
/** 406: none of the accepted formats can be produced. */
export const notAcceptable = problem(406, 'not-supported')
/** 413: larger than a limit. */
export const tooLarge = problem(413, 'too-long')
/** 415: the format of the body is not understood. */
export const unsupportedMediaType = problem(415, 'not-supported')
/** 416: the byte range is outside of the content. */
export const rangeNotSatisfiable = problem(416, 'value')
/** 421: the request names another server. */
export const misdirected = problem(421, 'security')
/** 403: would cost more than a request may. */
export const tooCostly = problem(403, 'too-costly')

/** 429 with the seconds to wait. */
export const throttled = (diagnostics: string, retryAfter: number): Problem =>
  new Problem(429, [issue('throttled', diagnostics)], { retryAfter })
/** 503 with the seconds to wait. */
export const unavailable = (diagnostics: string, retryAfter: number, cause?: unknown): Problem =>
  new Problem(503, [issue('transient', diagnostics)], { retryAfter, cause })
