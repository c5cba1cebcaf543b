/** The order of matches and the rows after a cursor, in SQL: http://hl7.org/fhir/R4/search.html#sort */
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition } from './algebra.ts'
import { componentText, textHead } from './composite-order-sql.ts'
import { readPlaces } from './cursor.ts'
import { parameterNumber } from './hash.ts'
import { distanceText } from './near-sql.ts'
import type { Plan } from './plan.ts'
import { scoreText } from './score-sql.ts'
import { isTextKey, type SortKey } from './sort-key.ts'
import { type Add, primaryRanges } from './value-sql.ts'

const tables = { strings: 'search_string', dates: 'search_date', quantities: 'search_quantity' } as const
const columns = {
  strings: 's.folded',
  dates: '(extract(epoch from s.low) * 1000)::float8',
  quantities: 'coalesce(s.canonical_low, s.low)',
} as const

/** The value of a key for the resource `r`: text or float8, null where there is none. */
const keyText = (key: SortKey, add: Add): string => {
  const best = key.descending ? 'max' : 'min'
  if (key.kind === 'id') return 'coalesce(r.fhir_id, r.id::text) collate "C"'
  if (key.kind === 'updated') return '(extract(epoch from r.last_updated) * 1000)::float8'
  if (key.kind === 'date') return '(extract(epoch from r.date_low) * 1000)::float8'
  if (key.kind === 'score') return scoreText(key.asks, add)
  if (key.kind === 'distance') return distanceText(key.circles, add)
  if (key.kind === 'component') return componentText(key.of, key.part, key.descending, add)
  if (key.kind === 'type') return 'r.type::float8'
  if (key.kind === 'types') {
    const cases = key.of.map(
      ([type, one]) => `when ${add(typeNumber(type), 'smallint')} then ${keyText(one, add)}`,
    )
    return `(case r.type ${cases.join(' ')} end)`
  }
  if (key.kind === 'json') {
    const values = key.paths.map(
      (path) => `select jsonb_path_query(v.json, ${add(path, 'jsonpath')}, '{}', true) as x`,
    )
    return `(select ${best}(${textHead}) from resource_version v cross join lateral (${values.join(' union all ')}) x where v.tenant = $1::int and v.type = r.type and v.id = r.id and v.version = r.version)`
  }
  const numbers = add(key.parameters.map(parameterNumber), 'int[]')
  return `(select ${best}(${columns[key.kind]}) from ${tables[key.kind]} s where s.tenant = $1::int and s.type = r.type and s.id = r.id and s.parameter + 0 = any(${numbers}))`
}

/** Columns `s0`, `s1`, … with the values of the keys, to be selected from the resource `r`. */
export const keyColumns = (keys: readonly SortKey[], add: Add): string =>
  keys.map((key, n) => `${keyText(key, add)} as s${n}`).join(', ')

/** The same columns where they have been selected. */
export const keyNames = (keys: readonly SortKey[]): string => keys.map((_, n) => `r.s${n}`).join(', ')

const isBackward = (plan: Plan): boolean => plan.cursor?.backward ?? false

/** The order by the columns of the keys. */
export const orderByKeys = (plan: Plan, keys: readonly SortKey[]): string => {
  const backward = isBackward(plan)
  const parts = keys.map((key, n) => {
    const direction = key.descending !== backward ? ' desc' : ''
    return `r.s${n}${isTextKey(key) ? ' collate "C"' : ''}${direction} nulls ${backward ? 'first' : 'last'}`
  })
  return [...parts, `r.id${backward ? ' desc' : ''}`].join(', ')
}

/** What rows after the cursor meet: equal in the first keys, after it in the next one; ties go by the id. */
export const afterKeys = (plan: Plan, keys: readonly SortKey[], add: Add): readonly string[] => {
  const { cursor } = plan
  if (!cursor) return []
  const places = readPlaces(String(cursor.value)) ?? []
  const backward = isBackward(plan)
  const equal: string[] = []
  const alternatives: string[] = []
  keys.forEach((key, n) => {
    const place = places[n] ?? null
    const column = isTextKey(key) ? `r.s${n} collate "C"` : `r.s${n}`
    const beyond = key.descending !== backward ? '<' : '>'
    if (place === null) {
      if (backward) alternatives.push([...equal, `r.s${n} is not null`].join(' and '))
      equal.push(`r.s${n} is null`)
      return
    }
    const at = add(place, isTextKey(key) ? 'text' : 'float8')
    const after = `${column} ${beyond} ${at}`
    alternatives.push([...equal, backward ? after : `(${after} or r.s${n} is null)`].join(' and '))
    equal.push(`${column} = ${at}`)
  })
  alternatives.push([...equal, `r.id ${backward ? '<' : '>'} ${add(cursor.key, 'uuid')}`].join(' and '))
  return [`(${alternatives.map((one) => `(${one})`).join(' or ')})`]
}

/** The primary date where its index must not be chosen for the order. */
const hidden = "(r.date_low + '0'::interval)"

const directionOf = (plan: Plan): string => (plan.sort.descending !== isBackward(plan) ? ' desc' : '')

/** The order by the primary date. */
export const orderByDate = (plan: Plan): string =>
  `r.date_low${directionOf(plan)} nulls ${isBackward(plan) ? 'first' : 'last'}, r.id${directionOf(plan)}`

const iso = (ms: number): string => new Date(ms).toISOString()

/** What rows after the cursor meet in the order of the primary date. */
export const afterDate = (plan: Plan, add: Add): readonly string[] => {
  const { cursor } = plan
  if (!cursor) return []
  const beyond = directionOf(plan) === '' ? '>' : '<'
  const key = add(cursor.key, 'uuid')
  if (cursor.value === '')
    return isBackward(plan)
      ? [`(r.date_low is not null or r.id ${beyond} ${key})`]
      : [`r.date_low is null and r.id ${beyond} ${key}`]
  const at = add(iso(Number(cursor.value)), 'timestamptz')
  const after = `r.date_low ${beyond} ${at} or (r.date_low = ${at} and r.id ${beyond} ${key})`
  return [isBackward(plan) ? `(${after})` : `(${after} or r.date_low is null)`]
}

/**
 * Rows in the order of the primary date: a branch for each range of the index that the conditions leave, and one for
 * the rows without a date, which only exists when nothing is asked of the date. `rest` are the other conditions.
 */
export const streamedByDate = (
  plan: Plan,
  dates: readonly Condition[],
  rest: readonly string[],
  names: {
    readonly columns: string
    readonly extra: string
    readonly ofType: string
    /** What an index finds in the order of the date, instead of the whole type. */
    readonly lead?: string
    readonly limit: string
  },
  add: Add,
): string => {
  const { columns: selected, extra, ofType, lead, limit } = names
  const { cursor } = plan
  const direction = directionOf(plan)
  const beyond = direction === '' ? '>' : '<'
  // The other conditions come after the order, in a `case` of which the planner expects half of the rows: it takes them
  // to leave hardly any otherwise, and sorts.
  const ledBranch = (conditions: readonly string[], order: string): string =>
    `(select ${selected}${extra} from (select * from resource r where ${[lead, ...conditions].join(' and ')} order by ${order} offset 0) r where case when ${[ofType, ...rest].join(' and ')} then true else false end limit ${limit})`
  const branch = (conditions: readonly string[], order: string, isLed = lead !== undefined): string =>
    isLed
      ? ledBranch(conditions, order)
      : `(select ${selected}${extra} from resource r where ${[ofType, ...conditions, ...rest].join(' and ')} order by ${order} limit ${limit})`
  const start = (low: string): readonly string[] => {
    if (!cursor || cursor.value === '') return []
    const at = add(iso(Number(cursor.value)), 'timestamptz')
    const key = add(cursor.key, 'uuid')
    return [`${low} ${beyond}= ${at}`, `(${low} ${beyond} ${at} or r.id ${beyond} ${key})`]
  }
  const hasDated = cursor?.value !== '' || isBackward(plan)
  const hasUndated = dates.length === 0 && (!cursor || cursor.value === '' || !isBackward(plan))
  const undatedStart = cursor?.value === '' ? [`r.id ${beyond} ${add(cursor.key, 'uuid')}`] : []
  const branches = [
    ...(hasDated
      ? primaryRanges(dates, add).map((range, n) =>
          // Of the ranges after the first another index finds a few rows, which are sorted.
          n === 0
            ? branch(
                ['r.date_low is not null', ...range, ...start('r.date_low')],
                `r.date_low${direction}, r.id${direction}`,
              )
            : branch([...range, ...start(hidden)], `${hidden}${direction}, r.id${direction}`, false),
        )
      : []),
    ...(hasUndated ? [branch(['r.date_low is null', ...undatedStart], `r.id${direction}`)] : []),
  ]
  const kept = extra === '' ? selected : `${selected}, r.ok`
  return `select ${kept} from (${branches.join(' union all ')}) r order by ${orderByDate(plan)} limit ${limit}`
}
