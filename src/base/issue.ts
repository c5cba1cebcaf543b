/** One finding about a request or a resource: http://hl7.org/fhir/R4/operationoutcome.html */

/** http://hl7.org/fhir/R4/valueset-issue-type.html, the codes this server uses. */
export type IssueCode =
  | 'invalid'
  | 'structure'
  | 'required'
  | 'value'
  | 'invariant'
  | 'security'
  | 'login'
  | 'forbidden'
  | 'processing'
  | 'not-supported'
  | 'duplicate'
  | 'multiple-matches'
  | 'not-found'
  | 'deleted'
  | 'too-long'
  | 'code-invalid'
  | 'extension'
  | 'too-costly'
  | 'business-rule'
  | 'conflict'
  | 'transient'
  | 'lock-error'
  | 'timeout'
  | 'throttled'
  | 'exception'
  | 'informational'

export type Severity = 'fatal' | 'error' | 'warning' | 'information'

/** A finding. `diagnostics` tells the caller what to do; `expression` holds FHIRPath locations. */
export type Issue = {
  readonly severity: Severity
  readonly code: IssueCode
  readonly diagnostics: string
  readonly expression?: readonly string[]
}

/** An `error` issue, the common case. */
export const issue = (code: IssueCode, diagnostics: string, ...expression: string[]): Issue =>
  expression.length > 0
    ? { severity: 'error', code, diagnostics, expression }
    : { severity: 'error', code, diagnostics }

/** A `warning` issue. */
export const warning = (code: IssueCode, diagnostics: string, ...expression: string[]): Issue => ({
  ...issue(code, diagnostics, ...expression),
  severity: 'warning',
})

/** Whether any of the issues refuses the request. */
export const hasErrors = (issues: readonly Issue[]): boolean =>
  issues.some((i) => i.severity === 'error' || i.severity === 'fatal')
