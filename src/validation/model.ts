/** What a validation is asked and what it answers: http://hl7.org/fhir/R4/validation.html */
import type { Issue } from '../base/issue.ts'
import type { CodeQuestion, Membership } from '../terminology/model.ts'

/**
 * How strict a tenant is. `off`: the base structure only. `standard`: everything that R4 says is an error refuses;
 * what cannot be judged (a profile or a code system that is not loaded) is a warning. `strict`: that refuses too.
 */
export type ValidationMode = 'strict' | 'standard' | 'off'

export type ValidationOptions = {
  readonly mode: ValidationMode
  /** Profiles to hold beside those of `meta.profile`: canonicals. */
  readonly profiles: readonly string[]
  /** What `now()` and `today()` in constraints are: an ISO instant, that of the request. */
  readonly now: string
  /** Whether best-practice constraints are reported: `dom-6` and its like. */
  readonly bestPractice: 'ignore' | 'information' | 'warning' | 'error'
  /** Whether somebody asks for the verdict, and nothing is written: what written data may lack is an error then. */
  readonly conclusive?: boolean
}

/** A code that only the database can judge; `judge` makes the issues of the answer. */
export type OpenCode = { readonly question: CodeQuestion; judge(answer: Membership): readonly Issue[] }

/** A reference whose target's existence, type or profile only the database tells. */
export type OpenReference = {
  /** `Patient/1`, as in the resource. */
  readonly reference: string
  readonly expression: string
  /** Canonicals of which the target must meet one; empty when any will do. */
  readonly profiles: readonly string[]
}

/** All findings, and what is open: the caller asks, once for all. */
export type Validated = {
  readonly issues: readonly Issue[]
  readonly codes: readonly OpenCode[]
  readonly references: readonly OpenReference[]
}
