/** What the other rooms ask of terminology: http://hl7.org/fhir/R4/terminology-service.html */
import type { ValueSet } from 'fhir/r4.js'

export type CodedValue = {
  readonly system?: string
  readonly version?: string
  readonly code: string
  readonly display?: string
}

/**
 * Whether a value set or a code system holds a code.
 * `no` carries what is wrong; `unknown` says what is missing to answer (`LOINC is not loaded; load it with …`).
 */
export type Membership =
  | {
      readonly result: 'yes'
      readonly display?: string
      readonly displays?: readonly string[]
      readonly inactive?: boolean
    }
  | { readonly result: 'no'; readonly reason: string }
  | { readonly result: 'unknown'; readonly reason: string }

/**
 * A question whose answer may need concepts that are in the database. `valueSet` is a canonical; without it the code
 * is looked up in its system. `inferSystem`: the value is a bare code (type code), whose system the value set tells.
 */
export type CodeQuestion = {
  readonly valueSet?: string
  /** The value set of that name itself, where no canonical leads to it: a contained one. */
  readonly inline?: ValueSet
  readonly value: CodedValue
  readonly inferSystem?: boolean
}

/** What validation uses. */
export type MembershipTest = {
  /** The answer when memory holds it; undefined when the database must be asked. */
  now(question: CodeQuestion): Membership | undefined
  /** The answers in order, in one round trip. */
  ask(questions: readonly CodeQuestion[]): Promise<readonly Membership[]>
}
