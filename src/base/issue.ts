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

/**
 * A finding. `diagnostics` tells the caller what to do; `expression` holds FHIRPath locations. `rule` is the id of the
 * rule that was broken (`dom-3`, `slice-closed`), `line` and `column` count from 1 in the text that was sent.
 */
export type Issue = {
  readonly severity: Severity
  readonly code: IssueCode
  readonly diagnostics: string
  readonly expression?: readonly string[]
  readonly rule?: string
  readonly line?: number
  readonly column?: number
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

/** FHIR has no codes for rules that are broken; keys of constraints are the server's as well, as those of any profile may come. */
const rules = 'https://lamplight.dev/fhir/CodeSystem/rule'

const extension = 'http://hl7.org/fhir/StructureDefinition/operationoutcome-issue-'

/** The issue as OperationOutcome.issue: the rule in `details`, line and column in the extensions that R4 has for them. */
export const outcomeIssue = ({
  severity,
  code,
  diagnostics,
  expression,
  rule,
  line,
  column,
}: Issue): object => {
  const places = [
    ...(line === undefined ? [] : [{ url: `${extension}line`, valueInteger: line }]),
    ...(column === undefined ? [] : [{ url: `${extension}col`, valueInteger: column }]),
  ]
  return {
    ...(places.length > 0 ? { extension: places } : {}),
    severity,
    code,
    ...(rule === undefined ? {} : { details: { coding: [{ system: rules, code: rule }] } }),
    diagnostics,
    ...(expression && expression.length > 0 ? { expression } : {}),
  }
}
