/** The door of search: query text → meaning → SQL text. It executes nothing. http://hl7.org/fhir/R4/search.html */
import type { Issue } from '../base/issue.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import type { IndexRows } from './algebra.ts'
import type { Page, Row } from './page.ts'
import type { Parameter, Plan } from './plan.ts'
import type { Statement } from './sql.ts'

export type { IndexRows } from './algebra.ts'
export type { Page, Row } from './page.ts'
export type { Parameter, Plan } from './plan.ts'
export type { Statement } from './sql.ts'

export type PlanOptions = {
  readonly tenant: number
  /** Base URL of this server without trailing slash. */
  readonly base: string
  /** ctx.at, for the prefix `ap`. */
  readonly at: number
  /** `Prefer: handling=lenient`: what cannot be used is reported as a warning and left out. */
  readonly lenient: boolean
  readonly defaultCount: number
  /** A larger `_count` gives pages of this size. */
  readonly maxCount: number
}

export type Condition = {
  readonly plan: Plan
  /** The first two matches; Row. */
  readonly statement: Statement
  /** Stable, sorted texts to lock so that equal conditions wait for each other; they contain no tenant. */
  readonly locks: readonly string[]
  /** Set when the condition is one exact token: many such conditions can be answered by `conditionsStatement`. */
  readonly token?: string
}

export type Search = {
  /** Judges and understands a search of one type. `plan` is to be used only when no issue is an error. */
  plan(
    type: string,
    query: readonly Parameter[],
    options: PlanOptions,
  ): { readonly plan: Plan; readonly issues: readonly Issue[] }
  /** One page and one row more, as Row. */
  statement(plan: Plan): Statement
  /** One row `{ count: string }`: the exact number of matches, without regard to paging. */
  countStatement(plan: Plan): Statement
  /** Which of the statement's rows are the page, and the query strings of the links. */
  page(plan: Plan, rows: readonly Row[]): Page
  /** What to write beside a resource. `base` makes absolute references to this server equal to relative ones. */
  extract(type: string, resource: JsonObject, base: string): IndexRows
  /**
   * A condition of a conditional interaction: `query` is the text after `?` or its decoded pairs. Always strict; parameters that
   * only shape the result, and a condition without any parameter, are refused.
   */
  condition(
    type: string,
    query: string | readonly Parameter[],
    options: { readonly tenant: number; readonly base: string; readonly at: number },
  ): { readonly condition: Condition; readonly issues: readonly Issue[] }
  /** Whether a resource that may not be in the database yet meets the conditions of a plan. */
  matches(
    plan: Plan,
    row: { readonly id: string; readonly lastUpdated: number; readonly rows: IndexRows },
  ): boolean
}
