/** What may be reached of a type, as a condition on its rows: compartments, search parameters, ids. */
import { insideAcross } from './across.ts'
import { anyId, type Condition, conjuncts, every, some } from './algebra.ts'
import type { Extractor } from './extract.ts'
import { parse } from './parse.ts'
import { restrict } from './restrict.ts'

/** Resources of one type that a search finds: by compartment, or by search parameters which all hold. */
export type Restriction =
  | { readonly kind: 'compartment'; readonly type: string; readonly ids: readonly string[] }
  | { readonly kind: 'search'; readonly query: readonly (readonly [string, string])[] }
  | { readonly kind: 'ids'; readonly ids: readonly string[] }
  /** All of these hold. */
  | { readonly kind: 'every'; readonly of: readonly Restriction[] }
  /** What does not meet any of these. */
  | { readonly kind: 'except'; readonly of: readonly Restriction[] }

/**
 * Which resources of a type may be touched: none, all, or those that in each group meet one restriction. A group is
 * what one source allows (a policy's rules, the token's scopes); all sources must allow.
 */
export type Reach = 'none' | 'all' | { readonly groups: readonly (readonly Restriction[])[] }

export type ReachOptions = {
  /** Base URL of this server without trailing slash. */
  readonly base: string
  /** ctx.at */
  readonly at: number
}

/** Of no rows. */
export const never: Condition = some([])

/** What of a type somebody may see; undefined for all of it. */
export type Guard = (type: string) => Condition | undefined

/** Undefined for all. A restriction that cannot be understood allows nothing, and an exception that cannot excepts all. */
export const reachCondition = (
  extractor: Extractor,
  type: string,
  reach: Reach,
  options: ReachOptions,
): Condition | undefined => {
  if (reach === 'all') return undefined
  if (reach === 'none') return never
  return every(
    reach.groups.flatMap((group) => {
      const alternatives = group.map((one) => conditionOf(extractor, type, one, options) ?? never)
      return conjuncts(some(alternatives.filter((one) => !isNever(one))))
    }),
  )
}

/** Whether nothing can meet the condition. */
export const isNever = (condition: Condition | undefined): boolean =>
  condition !== undefined &&
  ((condition.kind === 'some' && condition.of.every(isNever)) ||
    (condition.kind === 'every' && condition.of.some(isNever)) ||
    ((condition.kind === 'tokens' || condition.kind === 'ids') && condition.any.length === 0))

const conditionOf = (
  extractor: Extractor,
  type: string,
  restriction: Restriction,
  options: ReachOptions,
): Condition | undefined => {
  if (restriction.kind === 'ids') return anyId(restriction.ids)
  if (restriction.kind === 'compartment') return inCompartments(extractor, type, restriction)
  if (restriction.kind === 'search') return bySearch(extractor, type, restriction.query, options)
  const of = restriction.of.map((one) => conditionOf(extractor, type, one, options))
  if (!of.every((one) => one !== undefined)) return undefined
  return restriction.kind === 'every' ? every(of) : Object.freeze({ kind: 'not', of: some(of) })
}

/** The union of the compartments of several resources. */
const inCompartments = (
  extractor: Extractor,
  type: string,
  { type: of, ids }: Restriction & { readonly kind: 'compartment' },
): Condition => {
  const room = { definitions: extractor.definitions, extractor }
  const parts = ids.map((id) => insideAcross(room, [type], { type: of, id }))
  const tokens = parts.flatMap((one) => tokensIn(one))
  return some([
    ...(of === type ? [anyId(ids)] : []),
    ...(tokens.length > 0 ? [{ kind: 'tokens', any: tokens, rank: 'few' } as const] : []),
  ])
}

const tokensIn = (condition: Condition): readonly string[] => {
  if (condition.kind === 'tokens') return condition.any
  return condition.kind === 'some' ? condition.of.flatMap(tokensIn) : []
}

const bySearch = (
  extractor: Extractor,
  type: string,
  query: readonly (readonly [string, string])[],
  options: ReachOptions,
): Condition | undefined => {
  const { filters } = parse(query, []).query
  const found = filters.map((filter) => restrict(extractor, filter, { type, ofPatient: true, ...options }))
  const conditions = found.flatMap((one) => ('condition' in one ? [one.condition] : []))
  return filters.length === query.length && conditions.length === found.length && found.length > 0
    ? every(conditions)
    : undefined
}
