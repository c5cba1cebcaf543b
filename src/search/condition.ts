/** Conditions of conditional interactions: http://hl7.org/fhir/R4/http.html#ccreate */
import { hasErrors, type Issue, issue } from '../base/issue.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import type { Extractor } from './extract.ts'
import { guardPlan } from './guard.ts'
import { pageStatement } from './page-sql.ts'
import type { ValueSets } from './params/token-modifiers.ts'
import { parse, readQueryString } from './parse.ts'
import { makePlan, type Parameter, type Plan } from './plan.ts'
import type { Guard } from './reach.ts'
import { restrict } from './restrict.ts'
import { resultParameters } from './results.ts'
import { content } from './row-sql.ts'
import type { Statement } from './statement.ts'

/** What selects the resource that a conditional interaction means. */
export type ConditionPlan = {
  /** What was asked, of whatever may be seen. */
  readonly plan: Plan
  /** The first matches, as Row of page.ts. */
  readonly statement: Statement
  /**
   * Sorted texts to lock so that conditions which may mean the same resource wait for each other: its identifiers
   * whatever their system, else the whole condition. They contain no tenant.
   */
  readonly locks: readonly string[]
  /** Set when the condition is one token: many such are answered by one statement of lookups. */
  readonly token?: string
}

export type ConditionOptions = {
  readonly tenant: number
  readonly base: string
  readonly at: number
  /** How many matches the statement brings at most; 2 tell whether there is exactly one. */
  readonly rows?: number
  /** What whoever asks may see: nothing else is selected. */
  readonly guard?: Guard
  /** As of PlanOptions. */
  readonly valueSets?: ValueSets
}

/** Understands a condition, always strictly. It is to be used only when no issue is an error. */
export const makeCondition = (
  room: { readonly definitions: Definitions; readonly extractor: Extractor },
  type: string,
  query: string | readonly Parameter[],
  options: ConditionOptions,
): { readonly condition: ConditionPlan; readonly issues: readonly Issue[] } => {
  const pairs = typeof query === 'string' ? readQueryString(query) : query
  const { guard, ...others } = options
  const planned = makePlan(room, type, pairs, { ...others, lenient: false, defaultCount: 1, maxCount: 1 })
  const plan: Plan = {
    ...planned.plan,
    count: (options.rows ?? 2) - 1,
    sort: { by: 'key', descending: false },
  }
  const issues = [...planned.issues, ...unfit(pairs)]
  const seen = guard ? guardPlan(plan, guard) : plan
  const [only] = seen.where
  const token =
    seen.where.length === 1 && only?.kind === 'tokens' && only.any.length === 1 ? only.any[0] : undefined
  const condition: ConditionPlan = {
    plan,
    statement: pageStatement(seen, content),
    locks: hasErrors(issues) ? [] : locksOf(room.extractor, type, pairs, options),
    ...(token === undefined ? {} : { token }),
  }
  return { condition, issues }
}

const unfit = (pairs: readonly Parameter[]): readonly Issue[] => {
  if (pairs.length === 0)
    return [
      issue(
        'invalid',
        'A condition needs at least one search parameter, such as identifier=[system]|[value].',
      ),
    ]
  return pairs
    .filter(([name]) => resultParameters.includes(name))
    .map(([name]) =>
      issue(
        'invalid',
        `"${name}" shapes a result and cannot be part of a condition: leave it out.`,
        `http.${name}`,
      ),
    )
}

const locksOf = (
  extractor: Extractor,
  type: string,
  pairs: readonly Parameter[],
  options: ConditionOptions,
): readonly string[] => {
  const { filters } = parse(pairs, resultParameters).query
  const identifiers = filters.flatMap((filter) => {
    const found = restrict(extractor, filter, { type, ofPatient: true, ...options })
    return 'locks' in found ? found.locks : []
  })
  if (identifiers.length > 0) return [...new Set(identifiers)].sort()
  const whole = pairs.map(([name, value]) => `${name}=${value}`).sort()
  return [`${type}?${whole.join('&')}`]
}
