/** Plan → SQL text. Values travel only as parameters. */
import { hash } from 'node:crypto'
import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition, Link, Near } from './algebra.ts'
import { hashToken, parameterNumber } from './hash.ts'
import { type LinkContext, referrersCount, reverseFilter, throughFilter, throughProbe } from './link-sql.ts'
import { earth } from './params/near.ts'
import type { Plan } from './plan.ts'
import { bitValue } from './presence.ts'
import type { SortKey } from './sort.ts'
import {
  afterDate,
  afterKeys,
  keyColumns,
  keyNames,
  orderByDate,
  orderByKeys,
  streamedByDate,
} from './sort-sql.ts'
import { isValueCondition, primaryRanges, rowCount, valueFilter } from './value-sql.ts'

/** A prepared statement: `name` is a hash of `text`, so equal names mean equal texts. */
export type Statement = { readonly name: string; readonly text: string; readonly values: readonly unknown[] }

/** How many rows are looked at in order before the index of tokens is asked: decision 0012. */
const window = 2000

/** Up to so many tokens are compared one by one; more, such as a value set's, are hashed once for all rows: 70 times faster with 3,000. */
const fewTokens = 16

const names = new Map<string, string>()

/** A statement under the name of its text. */
export const statement = (text: string, values: readonly unknown[]): Statement => {
  let name = names.get(text)
  if (name === undefined) {
    name = `search-${hash('sha256', text).slice(0, 32)}`
    if (names.size >= 1000) names.clear()
    names.set(text, name)
  }
  return { name, text, values }
}

/**
 * Collects values; `$1` is the tenant and `$2` the type. What is defined stands in front of the statement and is run
 * once, or never when nobody asks for it.
 */
export type Values = {
  readonly list: unknown[]
  add(value: unknown, type: string): string
  define(key: object, make: () => string): string
  /** The statement with what was defined. */
  with(text: string): string
}

/** `types` is the number of the type, or an array of them. */
export const collect = (tenant: number, types: unknown): Values => {
  const list: unknown[] = [tenant, types]
  const names = new Map<object, string>()
  const definitions: string[] = []
  return {
    list,
    add: (value, type) => `$${list.push(value)}::${type}`,
    define: (key, make) => {
      const known = names.get(key)
      if (known !== undefined) return known
      const text = make()
      const name = `d${definitions.length}`
      definitions.push(`${name} as materialized (${text})`)
      names.set(key, name)
      return name
    },
    with: (text) => (definitions.length === 0 ? text : `with ${definitions.join(', ')} ${text}`),
  }
}

const ranks = { unique: 1, few: 2, many: 4, most: 5 } as const

/** The smaller, the fewer rows the condition is expected to leave. */
const cost = (condition: Condition): number => {
  if (condition.kind === 'ids') return 0
  if (condition.kind === 'tokens') return ranks[condition.rank]
  if (['not', 'present', 'near', 'types'].includes(condition.kind)) return 7
  if (condition.kind === 'every') return Math.min(7, ...condition.of.map(cost))
  if (condition.kind === 'some') return Math.max(0, ...condition.of.map(cost))
  if (condition.kind === 'strings') return stringCost(condition)
  if (condition.kind === 'quantities') return condition.any.every(({ code }) => code !== undefined) ? 3 : 4.5
  if (condition.kind === 'dates') return 4.5
  if (condition.kind === 'texts') return ranks.many
  if (condition.kind === 'through') return Math.max(ranks.few, ...condition.any.map(linkCost))
  if (condition.kind === 'reverse') return Math.max(ranks.few, linkCost(condition.link))
  return 3
}

/** Resources with strings that people search by are few; a URL is that of one resource. */
const stringCost = ({ any }: Condition & { kind: 'strings' }): number =>
  any.every(({ how }) => how === 'exact') ? ranks.unique : ranks.few

const linkCost = ({ where }: Link): number => Math.min(7, ...where.map(cost))

/** Whether the database can find the rows by an index when it looks this condition up. */
export const canLookUp = (condition: Condition): boolean => {
  if (condition.kind === 'some') return condition.of.every(canLookUp)
  if (condition.kind === 'every') return condition.of.some(canLookUp)
  return (
    isValueCondition(condition) || ['tokens', 'texts', 'ids', 'through', 'reverse'].includes(condition.kind)
  )
}

/** The conditions with the one that the database should look up first. */
export const inOrder = (where: readonly Condition[]): readonly Condition[] =>
  where.toSorted((a, b) => cost(a) - cost(b))

/** As a statement's parameter. */
export const instant = (ms: number): string => new Date(ms).toISOString()
/** Dates that ISO 8601 writes with four digits; what lies beyond is no bound for a stored instant. */
const [earliest, latest] = [-62_135_596_800_000, 253_402_300_799_999] as const

/** A condition as a filter. `lookUp` lets the index of tokens serve it, which otherwise must not be chosen: its cost is unknown to a prepared statement. */
export const filter = (
  condition: Condition,
  plan: Plan,
  values: Values,
  options = { lookUp: false },
): string => {
  if (condition.kind === 'texts') return textsFilter(condition, values, options)
  if (condition.kind === 'near') return nearFilter(condition, values)
  if (condition.kind === 'ids') return `r.id = any(${values.add(condition.any.map(idKey), 'uuid[]')})`
  if (condition.kind === 'updated') return updatedFilter(condition, 'r.last_updated', values)
  if (condition.kind === 'present')
    return `(r.tokens[1] & ${values.add(bitValue(condition.bit), 'bigint')}) <> 0`
  // A comparison with an absent value is unknown, which is not true: its negation holds.
  if (condition.kind === 'not') return `(${filter(condition.of, plan, values)}) is not true`
  if (condition.kind === 'every' || condition.kind === 'some') {
    if (options.lookUp && condition.of.length > 0 && canLookUp(condition))
      return lookUpGroup(condition, plan, values)
    const parts = condition.of.map((one) => `(${filter(one, plan, values)})`)
    if (parts.length === 0) return condition.kind === 'every' ? 'true' : 'false'
    return `(${parts.join(condition.kind === 'every' ? ' and ' : ' or ')})`
  }
  if (condition.kind === 'types')
    return `r.type = any(${values.add(condition.any.map(typeNumber), 'smallint[]')})`
  if (condition.kind === 'through') return throughFilter(condition, linkContext(plan, values), options)
  if (condition.kind === 'reverse') return reverseFilter(condition, linkContext(plan, values), options)
  if (isValueCondition(condition)) return valueFilter(condition, plan.tenant, values.add, options)
  const hashes = condition.any.map((token) => hashToken(plan.tenant, token))
  const [only] = hashes
  if (hashes.length === 0 || only === undefined) return 'false'
  if (hashes.length > 1) {
    const any = values.add(hashes, 'bigint[]')
    if (options.lookUp) return `r.tokens && ${any}`
    if (hashes.length <= fewTokens) return `(r.tokens || '{}'::bigint[]) && ${any}`
    return `exists (select from unnest(r.tokens) token where (token in (select unnest(${any}))) is true)`
  }
  const one = values.add(only, 'bigint')
  return options.lookUp ? `r.tokens @> array[${one}]` : `${one} = any(r.tokens)`
}

/** The texts that have the words, then the resources that have the texts. */
const textsFilter = (
  { parameters, words }: Condition & { readonly kind: 'texts' },
  values: Values,
  options: { readonly lookUp: boolean },
): string => {
  // Words consist of letters, marks and digits: quotes keep them whole, nothing in them ends a quote.
  const query = words.map(({ text, isBeginning }) => `'${text}'${isBeginning ? ':*' : ''}`).join(' & ')
  const texts = `select t.token from search_text t where t.tenant = $1::int and t.words @@ ${values.add(query, 'tsquery')} and t.parameter = any(${values.add(parameters.map(parameterNumber), 'int[]')})`
  // Not as a join: what is looked for is hashed once.
  return options.lookUp
    ? `r.tokens && array(${texts})`
    : `exists (select from unnest(r.tokens) token where (token in (${texts})) is true)`
}

/** The position stands in the current version's JSONB: so few resources have one that no column is kept for it. */
const nearFilter = ({ latitude, longitude, metres }: Near, values: Values): string => {
  const [lat, lon, most] = [latitude, longitude, metres].map((value) => values.add(value, 'float8'))
  const squares = `power(sind((p.lat - ${lat}) / 2), 2) + cosd(${lat}) * cosd(p.lat) * power(sind((p.lon - ${lon}) / 2), 2)`
  const positions = `select (v.json #>> '{position,latitude}')::float8 as lat, (v.json #>> '{position,longitude}')::float8 as lon from resource_version v where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version offset 0`
  return `exists (select from (${positions}) p where ${2 * earth} * asin(least(1, sqrt(${squares}))) <= ${most})`
}

/** Of conditions that all hold one is looked up; of alternatives each is, and what they find is put together. */
const lookUpGroup = (
  condition: Condition & { kind: 'every' | 'some' },
  plan: Plan,
  values: Values,
): string => {
  if (condition.kind === 'every') {
    const parts = inOrder(condition.of)
    const first = parts.find(canLookUp)
    return `(${all(parts.map((one) => filter(one, plan, values, { lookUp: one === first })))})`
  }
  const number = plan.across ? '$2::smallint[]' : values.add(typeNumber(plan.type), 'smallint')
  const types = plan.across ? `any(${number})` : number
  const found = condition.of.map(
    (one) =>
      `select r.id from resource r where ${typed(one, types)} and ${filter(one, plan, values, { lookUp: true })}`,
  )
  const ids = `r.id = any(array(${found.join(' union all ')}))`
  // Resources of different types may share an id.
  return plan.across ? `${ids} and ${filter(condition, plan, values)}` : ids
}

const linkContext = (plan: Plan, values: Values): LinkContext => {
  const of = (type: string): Plan => ({ ...plan, type })
  return {
    tenant: plan.tenant,
    type: plan.type,
    add: values.add,
    define: values.define,
    filters: (type, where) => where.map((condition) => filter(condition, of(type), values)),
    rows: (type, where, selected) => {
      const sorted = inOrder(where)
      const filters = sorted.map((condition, index) =>
        filter(condition, of(type), values, { lookUp: index === 0 }),
      )
      const ofType = typed(sorted[0], values.add(typeNumber(type), 'smallint'))
      return `select ${selected} from resource r where ${[ofType, ...filters].join(' and ')}`
    },
  }
}

/** `column` holds the time. */
export const updatedFilter = (
  condition: Condition & { kind: 'updated' },
  column: string,
  values: Values,
): string => {
  const parts = condition.any.map(({ from, to }) => {
    if ((from !== undefined && from > latest) || (to !== undefined && to <= earliest)) return 'false'
    const lower =
      from !== undefined && from > earliest
        ? [`${column} >= ${values.add(instant(from), 'timestamptz')}`]
        : []
    const upper =
      to !== undefined && to <= latest ? [`${column} < ${values.add(instant(to), 'timestamptz')}`] : []
    return [...lower, ...upper].join(' and ') || 'true'
  })
  return parts.length === 1 ? (parts[0] ?? 'true') : `(${parts.map((part) => `(${part})`).join(' or ')})`
}

/** The logical id as text: the order of `_sort=_id`. */
export const logicalId = 'coalesce(r.fhir_id, r.id::text) collate "C"'

/** Whether the rows are read downwards: backwards from a cursor is the other way round. */
export const isDescending = (plan: Plan): boolean => plan.sort.descending !== (plan.cursor?.backward ?? false)

const orderBy = (plan: Plan): string => {
  if (plan.sort.by === 'date') return orderByDate(plan)
  if (plan.sort.by === 'values') return orderByKeys(plan, plan.sort.keys)
  const direction = isDescending(plan) ? ' desc' : ''
  if (plan.sort.by === 'key') return `r.id${direction}`
  return plan.sort.by === 'id' ? logicalId + direction : `r.last_updated${direction}, r.id${direction}`
}

/** Conditions that only rows after the cursor meet. */
const afterCursor = (plan: Plan, values: Values): readonly string[] => {
  const { cursor } = plan
  if (!cursor) return []
  if (plan.sort.by === 'date') return afterDate(plan, values.add)
  if (plan.sort.by === 'values') return afterKeys(plan, plan.sort.keys, values.add)
  const beyond = isDescending(plan) ? '<' : '>'
  if (cursor.by === 'key') return [`r.id ${beyond} ${values.add(cursor.key, 'uuid')}`]
  if (cursor.by === 'id') return [`${logicalId} ${beyond} ${values.add(cursor.value, 'text')}`]
  const at = values.add(instant(Number(cursor.value)), 'timestamptz')
  const key = values.add(cursor.key, 'uuid')
  // The first comparison is the one that the index on last_updated can serve.
  return [`r.last_updated ${beyond}= ${at}`, `(r.last_updated ${beyond} ${at} or r.id ${beyond} ${key})`]
}

export const columns = 'r.id, r.fhir_id, r.version, r.last_updated, r.date_low'
const ofType = 'r.tenant = $1::int and r.type = $2::smallint'

/**
 * The tenant and the type of rows that `first` is to find. A token tells both: as sums they do not tempt the planner to
 * go through the whole type by the primary key as well.
 */
export const typed = (first: Condition | undefined, types: string): string =>
  first && leadsByToken(first)
    ? `r.tenant + 0 = $1::int and r.type + 0 = ${types}`
    : `r.tenant = $1::int and r.type = ${types}`

const leadsByToken = (condition: Condition): boolean => {
  if (condition.kind !== 'every') return condition.kind === 'tokens' || condition.kind === 'texts'
  const first = inOrder(condition.of).find(canLookUp)
  return first !== undefined && leadsByToken(first)
}
/** All of the conditions. */
export const all = (conditions: readonly string[]): string => conditions.join(' and ')

const isPrimaryDate = (condition: Condition): boolean => condition.kind === 'dates' && condition.primary

/** All matches with the values of the keys, sorted: no index has them in that order. */
const sortedByValues = (
  plan: Plan,
  keys: readonly SortKey[],
  where: readonly Condition[],
  values: Values,
  limit: string,
): string => {
  const [first] = where
  const canFind = first !== undefined && canLookUp(first)
  const found = where.map((condition) =>
    filter(condition, plan, values, { lookUp: canFind && condition === first }),
  )
  const m = `select ${columns}, ${keyColumns(keys, values.add)} from resource r where ${all([typed(where[0], '$2::smallint'), ...found])}`
  return `with m as materialized (${m}) select ${columns}, ${keyNames(keys)} from m r where ${all(['true', ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
}

/** Rows found by the first condition, sorted. */
const lookedUp = (plan: Plan, where: readonly Condition[], values: Values, limit: string): string => {
  const found = where.map((condition, index) => filter(condition, plan, values, { lookUp: index === 0 }))
  return `with m as materialized (select ${columns} from resource r where ${all([typed(where[0], '$2::smallint'), ...found])}) select ${columns} from m r where ${all(['true', ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
}

/** Rows of the type in order, filtered on the way; `extra` are further columns. */
const streamed = (
  plan: Plan,
  where: readonly Condition[],
  values: Values,
  limit: string,
  extra = '',
): string => {
  const order = `order by ${orderBy(plan)} limit ${limit}`
  if (plan.sort.by === 'updated') return streamedByUpdate(plan, where, values, limit, extra)
  if (plan.sort.by === 'date') {
    const rest = where.filter((condition) => !isPrimaryDate(condition))
    const filters = rest.map((condition) => filter(condition, plan, values))
    return streamedByDate(
      plan,
      where.filter(isPrimaryDate),
      filters,
      { columns, extra, ofType, limit },
      values.add,
    )
  }
  const filters = where.map((condition) => filter(condition, plan, values))
  if (plan.sort.by === 'key')
    return `select ${columns}${extra} from resource r where ${all([ofType, ...filters, ...afterCursor(plan, values)])} ${order}`
  // UUIDs in their index order and other ids in theirs, merged.
  const direction = isDescending(plan) ? ' desc' : ''
  const beyond = isDescending(plan) ? '<' : '>'
  const after = plan.cursor ? values.add(plan.cursor.value, 'text') : undefined
  const half = (isNull: string, column: string): string => {
    const text = column === 'r.id' ? 'r.id::text collate "C"' : column
    const start = after === undefined ? [] : [`${text} ${beyond} ${after}`]
    return `(select r.*${extra} from resource r where ${all([ofType, `r.fhir_id is ${isNull}`, ...filters, ...start])} order by ${column}${direction} limit ${limit})`
  }
  return `select ${columns}${extra === '' ? '' : ', r.ok'} from (${half('null', 'r.id')} union all ${half('not null', 'r.fhir_id')}) r ${order}`
}

/** The row that a version `v` is the current one of; `offset 0` keeps the planner from turning the lookup around. */
export const current =
  'cross join lateral (select * from resource r where r.tenant = v.tenant and r.type = v.type and r.id = v.id and r.version = v.version offset 0) r'

/** The order of last_updated is kept by the index of the versions, of which only the current ones count. */
const streamedByUpdate = (
  plan: Plan,
  where: readonly Condition[],
  values: Values,
  limit: string,
  extra: string,
): string => {
  const onVersion = (text: string): string =>
    text.replaceAll('r.last_updated', 'v.last_updated').replaceAll('r.id', 'v.id')
  const filters = where.map((condition) => {
    const text = filter(condition, plan, values)
    return condition.kind === 'updated' ? onVersion(text) : text
  })
  const start = afterCursor(plan, values).map(onVersion)
  const version = 'v.tenant = $1::int and v.type = $2::smallint'
  return `select ${columns}${extra} from resource_version v ${current} where ${all([version, ...filters, ...start])} order by ${onVersion(orderBy(plan))} limit ${limit}`
}

/** Up to so many referrers or values, the rows that they lead to are looked up; of more, the rows in order are asked. */
const fewReferrers = 3000
/** Asking a row for its referrers, or for what it refers to, costs lookups. */
const slowWindow = 200

/**
 * Frequent or not, nobody knows: a window of the first rows in order, and when it does not fill the page, a lookup.
 */
const adaptive = (plan: Plan, where: readonly Condition[], values: Values, limit: string): string => {
  const isRange = (condition: Condition): boolean =>
    (condition.kind === 'updated' && plan.sort.by === 'updated') ||
    (isPrimaryDate(condition) && plan.sort.by === 'date')
  const isSlow = (condition: Condition): boolean =>
    condition.kind === 'reverse' || (condition.kind === 'through' && cost(condition) >= ranks.many)
  const tests = where
    .filter((condition) => !isRange(condition))
    .map((condition) =>
      condition.kind === 'through' && isSlow(condition)
        ? throughProbe(condition, linkContext(plan, values))
        : filter(condition, plan, values),
    )
  const ok = `, (${all(tests)}) as ok`
  const [first] = where
  const size = first && isSlow(first) ? slowWindow : window
  const looked = streamed(plan, where.filter(isRange), values, String(size), ok)
  const found = where.map((condition) => filter(condition, plan, values, { lookUp: condition === first }))
  // What is slow to test is tested only until the page is full; without the whole window nobody knows its size.
  const isLazy = where.some(isSlow)
  const full = isLazy ? '' : ` and (select count(*) from w) = ${size}`
  const windows = isLazy
    ? `h as materialized (select ${columns} from (${looked}) r where r.ok order by ${orderBy(plan)} limit ${limit})`
    : `w as materialized (${looked}), h as materialized (select ${columns} from w r where r.ok order by ${orderBy(plan)} limit ${limit})`
  const short = `(select count(*) from h) < ${limit}${full}`
  const rare = first ? isRare(first, plan, values) : undefined
  const unfilled = rare === undefined ? short : `(${rare} or ${short})`
  return `with ${windows}, m as materialized (select ${columns} from resource r where ${all([unfilled, typed(first, '$2::smallint'), ...found, ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}) select ${columns} from h r where not (${unfilled}) union all select ${columns} from m r`
}

/** Whether so few refer, or have the value, that the window is not worth looking at; undefined when nobody knows. */
const isRare = (condition: Condition, plan: Plan, values: Values): string | undefined => {
  if (condition.kind === 'reverse') {
    const name = values.define(condition.link, () =>
      referrersCount(condition, linkContext(plan, values), fewReferrers + 1),
    )
    return `(select n from ${name}) <= ${fewReferrers}`
  }
  if (!isValueCondition(condition)) return undefined
  const count = rowCount(condition, plan.tenant, values.add, fewReferrers + 1)
  return count && `(select n from ${values.define(condition, () => count)}) <= ${fewReferrers}`
}

const candidates = (plan: Plan, values: Values, limit: string): string => {
  const where = inOrder(plan.where)
  const isToken = (condition: Condition): boolean =>
    condition.kind !== 'ids' && canLookUp(condition) && !(isPrimaryDate(condition) && plan.sort.by === 'date')
  if (plan.sort.by === 'values') return sortedByValues(plan, plan.sort.keys, where, values, limit)
  if (where[0] && cost(where[0]) <= ranks.few) return lookedUp(plan, where, values, limit)
  if (!where.some(isToken)) return streamed(plan, where, values, limit)
  return adaptive(plan, [...where.filter(isToken), ...where.filter((c) => !isToken(c))], values, limit)
}

/**
 * The text has the next of these sizes and the exact one is a parameter: of a parameter the planner of a prepared
 * statement would expect a tenth of the table.
 */
const sizes = [2, 6, 11, 21, 51, 101, 201, 501, 1001] as const

/** A subquery and not a join, so that each row costs one lookup whatever the planner believes. */
export const content =
  '(select v.content from resource_version v where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version) as content'

/** In ms since 1970. */
export const lastUpdated = '(extract(epoch from r.last_updated) * 1000)::float8 as last_updated'

/** The size that the text has. */
export const sizeFor = (wanted: number): number => sizes.find((one) => one >= wanted) ?? wanted

/** What a cursor must know of a row beside its id. */
const place = (plan: Plan): string => {
  if (plan.sort.by === 'date') return ', (extract(epoch from r.date_low) * 1000)::float8 as place'
  if (plan.sort.by === 'values') return `, json_build_array(${keyNames(plan.sort.keys)})::text as place`
  return ''
}

/** One page and one row more; the rows are `Row` of page.ts. */
export const pageStatement = (plan: Plan): Statement => {
  const values = collect(plan.tenant, typeNumber(plan.type))
  const wanted = plan.count + 1
  const found = candidates(plan, values, String(sizeFor(wanted)))
  const keys = plan.sort.by === 'values' ? `, ${keyNames(plan.sort.keys)}` : ''
  const text = `select r.type, r.id, r.fhir_id, r.version, ${lastUpdated}, ${content}${place(plan)} from (select $2::smallint as type, ${columns}${keys} from (${found}) r order by ${orderBy(plan)} limit ${values.add(wanted, 'int')}) r order by ${orderBy(plan)}`
  return statement(values.with(text), values.list)
}

/** The ranges of the index of dates do not overlap, so the sum of their counts is the count. */
const countByDate = (where: readonly Condition[], plan: Plan, values: Values): Statement => {
  const rest = where.filter((condition) => !isPrimaryDate(condition))
  const filters = rest.map((condition) => filter(condition, plan, values))
  const counts = primaryRanges(where, values.add).map(
    (range) =>
      `select count(*) as n from resource r where ${all([ofType, 'r.date_low is not null', ...range, ...filters])}`,
  )
  const text = `select sum(n)::bigint as count from (${counts.join(' union all ')}) c`
  return statement(values.with(text), values.list)
}

/** The number of all matches, as one row `{ count }` (a bigint, which pg gives as text). */
export const countStatement = (plan: Plan): Statement => {
  const values = collect(plan.tenant, typeNumber(plan.type))
  const where = inOrder(plan.where)
  if (where.length > 0 && where.every((condition) => condition.kind === 'updated')) {
    const ranges = where.map((condition) => updatedFilter(condition, 'v.last_updated', values))
    const text = `select count(*) from resource_version v ${current} where ${all(['v.tenant = $1::int and v.type = $2::smallint', ...ranges])}`
    return statement(text, values.list)
  }
  if (where[0] && isPrimaryDate(where[0])) return countByDate(where, plan, values)
  const filters = where.map((condition, index) => filter(condition, plan, values, { lookUp: index === 0 }))
  return statement(
    values.with(
      `select count(*) from resource r where ${all([typed(where[0], '$2::smallint'), ...filters])}`,
    ),
    values.list,
  )
}

/** What one of many single-token conditions asks. */
export type Lookup = { readonly tenant: number; readonly type: string; readonly token: string }

/**
 * The first two matches of each lookup, in one statement; the lookups are of one tenant. Rows are `Row` with `n`, the
 * position of the lookup from 0.
 */
export const lookupsStatement = (tenant: number, lookups: readonly Lookup[]): Statement => {
  const text = `select c.n::int - 1 as n, r.type, r.id, r.fhir_id, r.version, ${lastUpdated}, ${content} from unnest($2::smallint[], $3::bigint[]) with ordinality c(type, token, n) cross join lateral (select r.type, ${columns} from resource r where r.tenant + 0 = $1::int and r.type + 0 = c.type and r.tokens @> array[c.token] limit 2) r order by c.n`
  return statement(text, [
    tenant,
    lookups.map(({ type }) => typeNumber(type)),
    lookups.map(({ token }) => hashToken(tenant, token)),
  ])
}
