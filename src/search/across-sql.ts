/** Plan of several resource types → SQL text. */
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition } from './algebra.ts'
import { all, filter, typed } from './condition-sql.ts'
import { canLookUp, inOrder } from './cost.ts'
import { isDescending, logicalId } from './order-sql.ts'
import { place, scored } from './page-sql.ts'
import type { Plan } from './plan.ts'
import { current, lastUpdated, columns as ofRow, sizeFor, smallContent } from './row-sql.ts'
import type { SortKey } from './sort-key.ts'
import { afterKeys, keyColumns, keyNames, orderByKeys } from './sort-sql.ts'
import { collect, type Statement, statement, type Values } from './statement.ts'
import { instant, updatedFilter } from './updated-sql.ts'

const columns = `r.type, ${ofRow}`
/** As a sum it leaves the planner the index of time alone. */
const typesByTime = 'v.tenant = $1::int and v.type + 0 = any($2::smallint[])'

/** What orders the rows: the same direction for all, so that rows can be compared as a whole. */
const keys = {
  key: ['r.type', 'r.id'],
  id: [logicalId, 'r.type'],
  updated: ['r.last_updated', 'r.id', 'r.type'],
} as const

type By = keyof typeof keys

const orderBy = (plan: Plan, by: By): string =>
  keys[by].map((key) => `${key}${isDescending(plan) ? ' desc' : ''}`).join(', ')

/** The condition that a row lies after the cursor. */
const afterCursor = (plan: Plan, by: By, values: Values): readonly string[] => {
  const { cursor } = plan
  if (!cursor) return []
  const type = values.add(cursor.type ?? 0, 'smallint')
  const key = by === 'id' ? '' : values.add(cursor.key, 'uuid')
  const beyond = isDescending(plan) ? '<' : '>'
  if (by === 'key') return [`(r.type, r.id) ${beyond} (${type}, ${key})`]
  if (by === 'id') return [`(${logicalId}, r.type) ${beyond} (${values.add(cursor.value, 'text')}, ${type})`]
  const at = values.add(instant(Number(cursor.value)), 'timestamptz')
  return [`(r.last_updated, r.id, r.type) ${beyond} (${at}, ${key}, ${type})`]
}

const filtersOf = (plan: Plan, where: readonly Condition[], values: Values, lookUp: boolean) =>
  where.map((condition, index) => filter(condition, plan, values, { lookUp: lookUp && index === 0 }))

/** The versions are in the order of time; of each, the current one counts. */
const byUpdate = (plan: Plan, where: readonly Condition[], values: Values, limit: string): string => {
  const onVersion = (text: string): string =>
    text
      .replaceAll('r.last_updated', 'v.last_updated')
      .replaceAll('r.id', 'v.id')
      .replaceAll('r.type', 'v.type')
  const filters = where.map((condition) =>
    condition.kind === 'updated'
      ? updatedFilter(condition, 'v.last_updated', values)
      : filter(condition, plan, values),
  )
  const start = afterCursor(plan, 'updated', values).map(onVersion)
  return `select ${columns} from resource_version v ${current} where ${all([typesByTime, ...filters, ...start])} order by ${onVersion(orderBy(plan, 'updated'))} limit ${limit}`
}

/** One type after the other, each in its own order. */
const typeByType = (
  plan: Plan,
  by: 'key' | 'id',
  where: readonly Condition[],
  values: Values,
  limit: string,
): string => {
  const filters = [...filtersOf(plan, where, values, false), ...afterCursor(plan, by, values)]
  const ofType = 'r.tenant = $1::int and r.type = k.type'
  const direction = isDescending(plan) ? ' desc' : ''
  const half = (isNull: string, column: string): string =>
    `(select ${columns} from resource r where ${all([ofType, `r.fhir_id is ${isNull}`, ...filters])} order by ${column}${direction} limit ${limit})`
  const rows =
    by === 'key'
      ? `select ${columns} from resource r where ${all([ofType, ...filters])} order by r.id${direction} limit ${limit}`
      : `${half('null', 'r.id')} union all ${half('not null', 'r.fhir_id')}`
  return `select ${columns} from unnest($2::smallint[]) k(type) cross join lateral (${rows}) r order by ${orderBy(plan, by)} limit ${limit}`
}

/** All matches with the values of the keys, sorted. */
const sorted = (plan: Plan, keys: readonly SortKey[], values: Values, limit: string): string => {
  const where = inOrder(plan.where)
  const [first] = where
  const filters = filtersOf(plan, where, values, first !== undefined && canLookUp(first))
  const m = `select ${columns}, ${keyColumns(keys, values.add)} from resource r where ${all([typed(first, 'any($2::smallint[])'), ...filters])}`
  return `with m as materialized (${m}) select ${columns}, ${keyNames(keys)} from m r where ${all(['true', ...afterKeys(plan, keys, values.add)])} order by ${orderByKeys(plan, keys)} limit ${limit}`
}

const rowsOf = (plan: Plan, by: By, values: Values, limit: string): string => {
  const where = inOrder(plan.where)
  if (where[0] && canLookUp(where[0]))
    return `with m as materialized (select ${columns} from resource r where ${all([typed(where[0], 'any($2::smallint[])'), ...filtersOf(plan, where, values, true)])}) select ${columns} from m r where ${all(['true', ...afterCursor(plan, by, values)])} order by ${orderBy(plan, by)} limit ${limit}`
  if (by === 'updated') return byUpdate(plan, where, values, limit)
  return typeByType(plan, by, where, values, limit)
}

const collectAcross = (plan: Plan): Values => collect(plan.tenant, (plan.across ?? []).map(typeNumber))

/** One page and one row more; the rows are `Row` of page.ts. */
export const acrossPageStatement = (plan: Plan): Statement => {
  const values = collectAcross(plan)
  const by = byOf(plan)
  const wanted = plan.count + 1
  const keys = plan.sort.by === 'values' ? plan.sort.keys : undefined
  const limit = String(sizeFor(wanted))
  const found = keys ? sorted(plan, keys, values, limit) : rowsOf(plan, by, values, limit)
  const order = keys ? orderByKeys(plan, keys) : orderBy(plan, by)
  const names = keys ? `, ${keyNames(keys)}` : ''
  const text = `select r.type, r.id, r.fhir_id, r.version, ${lastUpdated}, ${smallContent}${place(plan)}${scored(plan, values)} from (select ${columns}${names} from (${found}) r order by ${order} limit ${values.add(wanted, 'int')}) r order by ${order}`
  return statement(values.with(text), values.list)
}

const byOf = ({ sort }: Plan): By => (sort.by === 'id' || sort.by === 'updated' ? sort.by : 'key')

/** The number of all matches, as one row `{ count }`. */
export const acrossCountStatement = (plan: Plan): Statement => {
  const values = collectAcross(plan)
  const where = inOrder(plan.where)
  const isByTime = where.length > 0 && where.every(({ kind }) => kind === 'updated')
  const from = isByTime ? `resource_version v ${current}` : 'resource r'
  const types = isByTime ? typesByTime : typed(where[0], 'any($2::smallint[])')
  const filters = isByTime
    ? where.map((one) => (one.kind === 'updated' ? updatedFilter(one, 'v.last_updated', values) : 'true'))
    : filtersOf(plan, where, values, true)
  return statement(values.with(`select count(*) from ${from} where ${all([types, ...filters])}`), values.list)
}
