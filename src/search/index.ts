/** The door of search: query text → meaning → SQL text. It executes nothing. http://hl7.org/fhir/R4/search.html */
import type { Issue } from '../base/issue.ts'
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { acrossCountStatement, acrossPageStatement } from './across-sql.ts'
import type { IndexRows, Condition as RowCondition } from './algebra.ts'
import { editionsIn, typesIn } from './answered-from.ts'
import type { NamedCodes } from './codes-key.ts'
import { type ConditionOptions, type ConditionPlan, makeCondition } from './condition.ts'
import { withContained } from './contained.ts'
import { type ContainedSearch, meantBy } from './contained-plan.ts'
import { countStatement } from './count-sql.ts'
import { createExtractor, type Extractor } from './extract.ts'
import { hiding, type Masked } from './hidden.ts'
import { includesOf } from './include.ts'
import { includeStatement, type Round } from './include-sql.ts'
import { limitsText, type Unusable } from './limits.ts'
import { createLinkWalkers } from './link-walker.ts'
import { type Lookup, lookupsStatement } from './lookups-sql.ts'
import { type Candidate, matches, meetsAlone } from './memory.ts'
import { namedValueSets } from './named-value-sets.ts'
import { type Page, page, type Row } from './page.ts'
import { pageStatement } from './page-sql.ts'
import { makePlan, type Parameter, type Plan, type PlanOptions, type Shape } from './plan.ts'
import { withParameters } from './posted.ts'
import { isNever, type Reach, type ReachOptions, reachCondition } from './reach.ts'
import { readShape } from './shape.ts'
import type { Statement } from './statement.ts'

import { isSuspect } from './suspect.ts'

export type { Condition as RowCondition, IndexRows } from './algebra.ts'
export { codesKey, type NamedCodes } from './codes-key.ts'
export type { ConditionOptions, ConditionPlan as Condition } from './condition.ts'
export { readPlaces } from './cursor.ts'
export { fold } from './fold.ts'
export { guardFilter, noPlan, withinStatement } from './guard-sql.ts'
export { type GuardedRead, guardedRead } from './guarded-read.ts'
export { type Hashes, hashToken, hashTokens, parameterNumber } from './hash.ts'
export { idsStatement } from './ids-sql.ts'
export type { Lookup } from './lookups-sql.ts'
export { type Candidate, matches } from './memory.ts'
export type { FoundRow, Page, Row } from './page.ts'
export { referenceToken } from './params/reference.ts'
export type { ValueSets } from './params/token-modifiers.ts'
export { readQueryString } from './parse.ts'
export type { Parameter, Plan, PlanOptions, Shape } from './plan.ts'
export { editionOf, parameterName } from './posted.ts'
export type { Guard, Reach, Restriction } from './reach.ts'
export { scoreOf } from './score.ts'
export { isTextKey, type SortKey } from './sort-key.ts'
export { collectInto, type Statement, statement, type Values } from './statement.ts'
export { type StoredRows, storedRows } from './stored.ts'
export { splitUnescaped, unescapeValue } from './values.ts'

export type Search = {
  /** Judges and understands a search of one type, or without one of several. `plan` is to be used only when no issue is an error. */
  plan(
    type: string | undefined,
    query: readonly Parameter[],
    options: PlanOptions,
  ): { readonly plan: Plan; readonly issues: readonly Issue[] }
  /** What a search asks of terminology: whoever can answer gives it to the plan as `valueSets`, by `codesKey`. */
  valueSets(query: readonly Parameter[]): readonly NamedCodes[]
  /** Whether the search may have to look at every resource, so that its cost should be asked for first. */
  isSuspect(plan: Plan): boolean
  /** One page and one row more, as FoundRow. Not needed when `plan.count` is 0. */
  statement(plan: Plan): Statement
  /** One row `{ count }` (text): the exact number of matches, without regard to paging. */
  countStatement(plan: Plan): Statement
  /** Which of the statement's rows are the page, in its order, and the query strings of the links. */
  page<R extends Row>(plan: Plan, rows: readonly R[]): Page<R>
  /**
   * What `_include` and `_revinclude` bring along with rows that were found (the page, then what came along last, for
   * `:iterate`), as FoundRow; undefined when there is nothing to look up. Rows may come that were found before.
   */
  includeStatement(
    plan: Plan,
    round: Pick<Round, 'base' | 'found' | 'isFirst' | 'limit' | 'guard'>,
  ): Statement | undefined
  /** What may be reached of a type, as a condition on its rows; undefined for all. */
  reach(type: string, reach: Reach, options: ReachOptions): RowCondition | undefined
  /** Whether nothing can meet the condition. */
  isNever(condition: RowCondition | undefined): boolean
  /**
   * Whether a version, which need not be the current one, meets the condition by what it says itself: what depends on
   * other resources it does not meet.
   */
  isWithin(condition: RowCondition, type: string, resource: JsonObject, base: string): boolean
  /**
   * What to write beside a resource (tokens as text, to be hashed with `hashTokens`). `base` makes absolute references
   * to this server equal to relative ones.
   */
  extract(type: string, resource: JsonObject, base: string): IndexRows
  /**
   * A condition of a conditional interaction; `query` is the text after `?` or its decoded pairs. Always strict;
   * parameters that shape the result, and a condition without any parameter, are refused.
   */
  condition(
    type: string,
    query: string | readonly Parameter[],
    options: ConditionOptions,
  ): { readonly condition: ConditionPlan; readonly issues: readonly Issue[] }
  /** The first two matches of each of many single-token conditions: Row with `n`, the position from 0. */
  lookupsStatement(tenant: number, lookups: readonly Lookup[]): Statement
  /** Whether a resource, which need not be in the database yet, meets the conditions of a plan. */
  matches(plan: Plan, candidate: Candidate): boolean
  /** Which of the resources that a match contains are meant, by their places in `contained`; and whether it is itself. */
  contained(
    asked: ContainedSearch,
    match: { readonly type: string; readonly id: string; readonly lastUpdated: number },
    resource: JsonObject,
    base: string,
  ): { readonly self: boolean; readonly places: readonly number[] }
  /** `_summary` and `_elements` of a read; other parameters are left alone. */
  shape(
    type: string,
    query: readonly Parameter[],
  ): { readonly shape: Shape; readonly issues: readonly Issue[] }
  /** What `_include` and `_revinclude` may be for a type, as their values are written. */
  includes(type: string): { readonly include: readonly string[]; readonly revinclude: readonly string[] }
  /** The same with search parameters that users posted; what they are not about is shared with this one. */
  withParameters(posted: readonly SearchParameterDefinition[]): Search
  /** The same without the parameters that tell of masked elements. */
  hiding(masked: Masked): Search
  /** The editions of posted parameters whose index rows the search is answered from. */
  editions(plan: Plan): readonly string[]
  /** The types whose index rows the search is answered from. */
  types(plan: Plan): readonly string[]
  /** Why a parameter cannot be used for a type; undefined when it can. */
  judge(type: string, definition: SearchParameterDefinition): Unusable | undefined
  /** Codes and types of the parameters that searches of a type can use, for the CapabilityStatement. */
  parameters(type: string): readonly SearchParameterUse[]
}

/** A parameter that works, `url` as in the SearchParameter's definition. */
export type SearchParameterUse = {
  readonly code: string
  readonly type: string
  readonly url: string
  /** Of a parameter that a user posted. */
  readonly edition?: string
  /** What the definition allows, where it does not allow everything. */
  readonly documentation?: string
}

/** The search of a process; walkers of a resource type are compiled when it is first met. */
export const createSearch = (definitions: Definitions, base?: Extractor): Search => {
  const extractor = createExtractor(definitions, base)
  return searchOf(definitions, extractor, extractor)
}

/** `seen` has the parameters that can be asked by, `extractor` all of them. */
const searchOf = (definitions: Definitions, extractor: Extractor, seen: Extractor): Search => {
  const room = { definitions, extractor: seen }
  const linked = { extractor: seen, walkers: createLinkWalkers(definitions) }
  return {
    plan: (type, query, options) => makePlan(room, type, query, options),
    valueSets: namedValueSets,
    isSuspect,
    statement: (plan) => (plan.across ? acrossPageStatement(plan) : pageStatement(plan)),
    countStatement: (plan) => (plan.across ? acrossCountStatement(plan) : countStatement(plan)),
    page,
    includeStatement: ({ tenant, includes }, round) =>
      includeStatement(linked, { tenant, includes, ...round }),
    extract: withContained(extractor.extract),
    condition: (type, query, options) => makeCondition(room, type, query, options),
    lookupsStatement,
    matches: (plan, candidate) => matches(plan.where, candidate),
    reach: (type, of, options) => reachCondition(extractor, type, of, options),
    isNever,
    isWithin: (condition, type, resource, url) =>
      meetsAlone(condition, type, resource, withContained(extractor.extract)(type, resource, url)),
    contained: (asked, match, resource, url) => meantBy(extractor, asked, match, resource, url),
    shape: (type, query) => readShape(definitions, [type], query),
    hiding: (masked) => searchOf(definitions, extractor, hiding(extractor, masked)),
    withParameters: (posted) => createSearch(withParameters(definitions, posted), extractor),
    editions: (plan) => editionsIn(extractor, plan),
    types: (plan) => typesIn(extractor, plan),
    judge: extractor.judge,
    includes: (type) => includesOf(extractor, type),
    parameters: (type) => [
      ...common,
      ...(definitions.types.get(type)?.base === 'DomainResource' ? [text] : []),
      ...[...extractor.indexed(type).values()].map(({ definition }) => use(definition)),
    ],
  }
}

const common: readonly SearchParameterUse[] = [
  { code: '_id', type: 'token', url: 'http://hl7.org/fhir/SearchParameter/Resource-id' },
  { code: '_content', type: 'string', url: 'http://hl7.org/fhir/SearchParameter/Resource-content' },
  { code: '_lastUpdated', type: 'date', url: 'http://hl7.org/fhir/SearchParameter/Resource-lastUpdated' },
]

/** Of resources that have a narrative. */
const text: SearchParameterUse = {
  code: '_text',
  type: 'string',
  url: 'http://hl7.org/fhir/SearchParameter/DomainResource-text',
}

const use = ({ code, type, url, edition, limits }: SearchParameterDefinition): SearchParameterUse => ({
  code,
  type,
  url,
  ...(edition === undefined ? {} : { edition }),
  ...(limits === undefined ? {} : { documentation: limitsText(limits) }),
})
