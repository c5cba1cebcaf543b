/** What the pieces of the profile validator know of each other. */
import type { Issue, IssueCode, Severity } from '../../base/issue.ts'
import type { Canonicals } from '../../fhir/definitions/canonicals.ts'
import type { Definitions } from '../../fhir/definitions/model.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import type { MembershipTest } from '../../terminology/model.ts'
import type { Around, Invariants } from '../invariants/invariants.ts'
import type { OpenCode, OpenReference, ValidationOptions } from '../model.ts'
import type { BundleIndex } from './bundle-index.ts'
import type { Place } from './place.ts'
import type { ElementTree } from './tree.ts'

/** Where the definitions of R4 itself have their canonicals. */
export const coreUrl = 'http://hl7.org/fhir/StructureDefinition/'

/** Judges one value; `sibling` has the id and extensions of a primitive. */
export type Check = (value: unknown, sibling: JsonObject | undefined, place: Place, run: Judgement) => void

/** The resources around a value: `%resource`, `%rootResource`, and the Bundle with the entry that holds it. */
export type Scope = {
  readonly resource: JsonObject
  readonly root: JsonObject
  readonly bundle?: BundleIndex
  readonly fullUrl?: string
}

export type Profile = {
  readonly tree: ElementTree
  /** The type that it constrains. */
  readonly type: string
  /** Everything beyond the checks of the type, which is judged apart. */
  readonly check: Check
}

/** Definitions as trees and as compiled checks, for one tenant. */
export type Registry = {
  readonly definitions: Definitions
  readonly canonicals: Canonicals
  readonly membership: MembershipTest
  readonly invariants: Invariants
  /** By type name or canonical; undefined when it is not there or has no usable snapshot. */
  tree(url: string): ElementTree | undefined
  typeTree(type: string): ElementTree | undefined
  /** What R4 itself says of a type. */
  typeCheck(type: string): Check
  profile(canonical: string): Profile | undefined
  /** Whether the type is the other, or a specialisation of it: `Age` of `Quantity`. */
  isA(type: string, ancestor: string): boolean
}

/** One validation in progress: what was found, and what every check may ask. */
export type Judgement = {
  readonly registry: Registry
  readonly options: ValidationOptions
  /** False when the structure is broken: then values may have any shape. */
  readonly sound: boolean
  readonly scope: Scope
  /** Verdicts by resource and profile; true while one is being found, so that references in a circle come to an end. */
  readonly held: Map<JsonObject, Map<string, boolean>>
  readonly issues: readonly Issue[]
  readonly codes: OpenCode[]
  readonly references: OpenReference[]
  readonly hasErrors: boolean
  /** Whether an integer was met, whose text must then be looked at. */
  integers: boolean
  /** A run whose findings only answer a question. */
  fork(): Judgement
  /** The same where no expression is being evaluated: what expressions may ask is made once for both. */
  twin(): Judgement
  /** What expressions may ask, for the scope. */
  around(): Around
  /** Made once for each Bundle. */
  indexOf(bundle: JsonObject): BundleIndex
  /** Visits another resource and comes back. */
  within(scope: Scope, visit: () => void): void
  /** `sentence` follows the expression. */
  report(severity: Severity, code: IssueCode, rule: string, place: Place, sentence: string): void
  error(code: IssueCode, rule: string, place: Place, sentence: string): void
  warn(code: IssueCode, rule: string, place: Place, sentence: string): void
  /** What cannot be judged: a warning, or an error where the tenant is strict. */
  doubt(code: IssueCode, rule: string, place: Place, sentence: string): void
  add(found: Issue): void
}
