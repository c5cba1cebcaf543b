/** The meaning of a search, ready to be turned into SQL or answered in memory: http://hl7.org/fhir/R4/search.html */
import { hasErrors, type Issue, issue, warning } from '../base/issue.ts'
import { sharedBy } from '../base/shared.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import { type Compartment, combine, insideAcross, typesOf } from './across.ts'
import { type Condition, conjuncts } from './algebra.ts'
import { type ContainedSearch, containedPlan } from './contained-plan.ts'
import { type Cursor, readPlaces } from './cursor.ts'
import { everywhere } from './everywhere.ts'
import type { Extractor } from './extract.ts'
import { guardPlan } from './guard.ts'
import { type Include, includeParameters, readIncludes } from './include.ts'
import { beyondRepetition } from './limits.ts'
import { narrow } from './narrow.ts'
import type { ValueSets } from './params/token-modifiers.ts'
import { type Filter, parse } from './parse.ts'
import type { Guard } from './reach.ts'
import { restrict } from './restrict.ts'
import { badCursor, readResults, resultParameters } from './results.ts'
import { type Ask, asksIn } from './score.ts'
import { readShape } from './shape.ts'
import { fitsKeys, readSort } from './sort.ts'
import type { SortKey } from './sort-key.ts'

/** A decoded pair of the query string. */
export type Parameter = readonly [name: string, value: string]

/**
 * What orders the matches. `key` is the storage order, used when the client asks for none; `id` the logical id as
 * text; `updated` meta.lastUpdated, then the storage order; `date` the type's primary date, then the storage order;
 * `values` any other parameters.
 */
export type Sort =
  | { readonly by: 'key' | 'id' | 'updated' | 'date'; readonly descending: boolean }
  | { readonly by: 'values'; readonly descending: false; readonly keys: readonly SortKey[] }

/** What of each match is wanted: http://hl7.org/fhir/R4/search.html#summary */
export type Shape = {
  readonly summary: 'true' | 'text' | 'data' | 'count' | 'false'
  /** JSON members to keep beside the mandatory ones; absent when `_elements` was not given. */
  readonly elements?: readonly string[]
}

export type Plan = {
  readonly tenant: number
  readonly type: string
  /** Set when several types are searched at once; `type` is then the first of them. */
  readonly across?: readonly string[]
  /** All of them hold. */
  readonly where: readonly Condition[]
  readonly sort: Sort
  /** Size of a page; 0 asks for the total only. */
  readonly count: number
  /** `known`: when the page is all there is, which costs nothing. */
  readonly total: 'none' | 'known' | 'estimate' | 'accurate'
  readonly shape: Shape
  /** What comes along with the matches. */
  readonly includes: readonly Include[]
  /** The words that were asked for: matches get a score. */
  readonly asks?: readonly Ask[]
  /** Set when contained resources are searched for; `where` finds what contains them, of any type. */
  readonly contained?: ContainedSearch
  /** The client wants to know how the search would be done, and not its matches. */
  readonly explain?: boolean
  /** Where the page starts; absent on the first. */
  readonly cursor?: Cursor
  /** The parameters that were understood, for the links; without `_cursor`. */
  readonly used: readonly Parameter[]
}

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
  /** Only what is in this compartment is found. */
  readonly compartment?: Compartment
  /** What was found out about the value sets that the search names, see `valueSetsIn`; others are asked of the definitions. */
  readonly valueSets?: ValueSets
  /** What whoever asks may see; everything without it. */
  readonly guard?: Guard
}

type Room = { readonly definitions: Definitions; readonly extractor: Extractor }

/** Without a type several are searched: those of `_type`, of the compartment, or all. */
export const makePlan = (
  room: Room,
  type: string | undefined,
  pairs: readonly Parameter[],
  options: PlanOptions,
): { readonly plan: Plan; readonly issues: readonly Issue[] } => {
  const { plan, issues } = meaningOf(room, type, pairs, options)
  return { plan: options.guard ? guardPlan(plan, options.guard) : plan, issues }
}

const meaningOf = (
  room: Room,
  type: string | undefined,
  pairs: readonly Parameter[],
  options: PlanOptions,
): { readonly plan: Plan; readonly issues: readonly Issue[] } => {
  if (type !== undefined) return planOf(room, [type], pairs, options, !options.compartment)
  const { types, used, issues } = typesOf(room.definitions, options.compartment, pairs)
  const others = pairs.filter(([name]) => name !== '_type')
  const made = planOf(room, types, others, options, false)
  return {
    plan: { ...made.plan, across: types, used: [...used, ...made.plan.used] },
    issues: [...issues, ...made.issues],
  }
}

/** The plan of a search and what was found wrong with it; it is to be used only when no issue is an error. */
const planOf = (
  room: Room,
  types: readonly string[],
  pairs: readonly Parameter[],
  options: PlanOptions,
  isOneType: boolean,
): { readonly plan: Plan; readonly issues: readonly Issue[] } => {
  const { query, issues: refusals } = parse(pairs, resultParameters)
  const type = types[0] ?? ''
  const { where: asked, used, issues: unusable } = restrictAll(room, types, query.filters, options)
  const where = narrow(asked)
  const { results, issues: resultIssues } = readResults(query.results)
  const { shape, issues: shapeIssues } = readShape(room.definitions, types, query.results)
  const included = query.results.filter(([name]) => includeParameters.includes(name))
  const {
    includes,
    used: usedIncludes,
    issues: includeIssues,
  } = readIncludes(room.extractor, types, included)
  const asks = asksIn(where)
  const sorted = results.sort === undefined ? undefined : readSort(room.extractor, types, results.sort, where)
  const isContained = results.contained === 'true' || results.contained === 'both'
  const sortIssues = sorted && 'issues' in sorted ? sorted.issues : isContained ? unfitSort(sorted?.sort) : []
  const forgivable = [...unusable, ...resultIssues, ...sortIssues, ...shapeIssues, ...includeIssues]
  const dropped = new Set(forgivable.flatMap((one) => one.expression ?? []))
  const isAcross = types.length > 1 || isContained
  const sort = sorted && 'sort' in sorted ? sorted.sort : defaultSort(where, isAcross)
  const { cursor } = results
  const isForeign = cursor !== undefined && !isOf(cursor, sort)
  const isCount = results.count === 0 || shape.summary === 'count'
  const { plan, issues: containedIssues } = containedPlan(
    {
      tenant: options.tenant,
      type,
      where,
      sort,
      count: isCount ? 0 : Math.min(results.count ?? options.defaultCount, options.maxCount),
      total: isCount ? 'accurate' : results.total,
      shape: isCount ? { summary: 'count' } : shape,
      includes: isCount ? [] : includes,
      ...(asks.length > 0 ? { asks } : {}),
      ...(results.explain ? { explain: true } : {}),
      ...(cursor && !isForeign ? { cursor } : {}),
      used: [
        ...used,
        ...query.results
          .filter(
            ([name]) =>
              name !== '_cursor' && !included.some(([one]) => one === name) && !dropped.has(`http.${name}`),
          )
          .map((pair) =>
            isTooMany(pair, options.maxCount) ? (['_count', String(options.maxCount)] as const) : pair,
          ),
        ...usedIncludes,
      ],
    },
    results,
    isOneType,
  )
  const cursorIssues = isForeign ? [badCursor()] : []
  return {
    plan,
    issues: [...refusals, ...cursorIssues, ...judge([...forgivable, ...containedIssues], options.lenient)],
  }
}

/** The links say how many there are on a page. */
const isTooMany = ([name, value]: Parameter, maxCount: number): boolean =>
  name === '_count' && Number(value) > maxCount

/** What contains the matches is of any type: only what all have orders it. */
const unfitSort = (sort: Sort | undefined): readonly Issue[] =>
  sort === undefined || sort.by === 'id' || sort.by === 'updated'
    ? []
    : [
        issue(
          'not-supported',
          'What contains the matches can be sorted by _id or _lastUpdated, each with "-" before it for descending order.',
          'http._sort',
        ),
      ]

/** Whether a position is one in this order. */
const isOf = (cursor: Cursor, sort: Sort): boolean =>
  cursor.by === sort.by &&
  (sort.by !== 'values' || fitsKeys(sort.keys, readPlaces(String(cursor.value)) ?? []))

/** A position that is not ours must never be forgiven: it would restart at the first page. */
const judge = (issues: readonly Issue[], lenient: boolean): readonly Issue[] =>
  lenient && hasErrors(issues)
    ? issues.map((one) =>
        one.expression?.includes('http._cursor')
          ? one
          : warning(one.code, `${one.diagnostics} It was left out.`, ...(one.expression ?? [])),
      )
    : issues

const restrictAll = (
  room: Room,
  types: readonly string[],
  filters: readonly Filter[],
  options: PlanOptions,
): {
  readonly where: readonly Condition[]
  readonly used: readonly Parameter[]
  readonly issues: readonly Issue[]
} => {
  const { base, compartment, valueSets } = options
  const ofPatient = compartment?.type === 'Patient' || filters.some(namesPatient)
  const context = { base, at: options.at, ofPatient, ...(valueSets ? { valueSets } : {}) }
  const where: Condition[] = []
  const used: Parameter[] = []
  const issues: Issue[] = []
  if (compartment) {
    where.push(insideAcross(room, types, compartment))
  }
  for (const [at, filter] of filters.entries()) {
    const found = new Map<string, Condition>()
    let refused: Issue | undefined
    for (const type of types) {
      const definition = room.extractor.indexed(type).get(filter.code)?.definition
      const repeated = definition && beyondRepetition(definition, filter, filters.slice(0, at))
      const one = repeated ? { issue: repeated } : restrict(room.extractor, filter, { type, ...context })
      if ('condition' in one) found.set(type, one.condition)
      else refused ??= one.issue
    }
    if (refused) issues.push(types.length > 1 ? refusedAcross(room, filter, types, found, refused) : refused)
    else {
      where.push(...conjuncts(combine(found)))
      used.push(filter.source)
    }
  }
  return { where, used, issues }
}

/** What the first type lacks says little about a search of many. */
const refusedAcross = (
  { extractor }: Room,
  { code, source: [name] }: Filter,
  types: readonly string[],
  found: ReadonlyMap<string, Condition>,
  refused: Issue,
): Issue => {
  const [able, unable] = [[...found.keys()], types.filter((type) => !found.has(type))]
  if (refused.code !== 'not-supported') return refused
  if (able.length === 0) {
    const all = types.map((type) => extractor.indexed(type))
    if (!/^[a-z][\w-]*$/i.test(name) || all.some((one) => one.has(code))) return refused
    const known = [...new Set([...everywhere, ...sharedBy(all.map((one) => one.keys()))])].sort()
    return {
      ...refused,
      diagnostics: `No type of this search can be searched by "${name.slice(0, 64)}". All of them can by: ${known.join(', ')}.`,
    }
  }
  const subject = unable.length <= 5 ? unable.join(', ') : `${unable.length} types of this search`
  return {
    ...refused,
    diagnostics: `${subject} cannot be searched by "${name.slice(0, 64)}". These can: ${able.join(', ')}; name them with "_type", or leave the parameter out.`,
  }
}

/** Lists that the server works out are those of a patient. */
const namesPatient = ({ code, modifier }: Filter): boolean =>
  (code === 'patient' || code === 'subject') &&
  (modifier === undefined || modifier === 'Patient' || modifier === 'identifier')

/** Where the client asks for no order: the one in which the database can find the matches. */
const defaultSort = (where: readonly Condition[], isAcross: boolean): Sort => {
  const isSelective = where.some(
    (c) =>
      c.kind === 'ids' ||
      c.kind === 'strings' ||
      (c.kind === 'tokens' && (c.rank === 'unique' || c.rank === 'few')),
  )
  const byDate = !isSelective && !isAcross && where.some((c) => c.kind === 'dates' && c.primary)
  if (byDate) return { by: 'date', descending: true }
  const byUpdate = !isSelective && where.some((c) => c.kind === 'updated')
  return { by: byUpdate ? 'updated' : 'key', descending: false }
}
