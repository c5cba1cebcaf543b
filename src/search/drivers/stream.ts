/** Rows of the type in the order asked for, filtered on the way: for searches that no index leads. */

import { all, filter } from '../condition-sql.ts'
import { canLookUp } from '../cost.ts'
import { afterCursor, isDescending, orderBy } from '../order-sql.ts'
import { columns, current, ofType } from '../row-sql.ts'
import { streamedByDate } from '../sort-sql.ts'
import { type Driver, isPrimaryDate, type Search } from './driver.ts'

const filtersOf = ({ plan, where, values }: Search): readonly string[] =>
  where.map((condition) => filter(condition, plan, values))

const byKey = (search: Search, extra: string): string => {
  const { plan, values, limit } = search
  const filters = filtersOf(search)
  return `select ${columns}${extra} from resource r where ${all([ofType, ...filters, ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
}

/** UUIDs in their index order and other ids in theirs, merged. */
const byId = (search: Search, extra: string): string => {
  const { plan, values, limit } = search
  const filters = filtersOf(search)
  const direction = isDescending(plan) ? ' desc' : ''
  const beyond = isDescending(plan) ? '<' : '>'
  const after = plan.cursor ? values.add(plan.cursor.value, 'text') : undefined
  const half = (isNull: string, column: string): string => {
    const text = column === 'r.id' ? 'r.id::text collate "C"' : column
    const start = after === undefined ? [] : [`${text} ${beyond} ${after}`]
    return `(select r.*${extra} from resource r where ${all([ofType, `r.fhir_id is ${isNull}`, ...filters, ...start])} order by ${column}${direction} limit ${limit})`
  }
  return `select ${columns}${extra === '' ? '' : ', r.ok'} from (${half('null', 'r.id')} union all ${half('not null', 'r.fhir_id')}) r order by ${orderBy(plan)} limit ${limit}`
}

/** The order of last_updated is kept by the index of the versions, of which only the current ones count. */
const byUpdate = ({ plan, where, values, limit }: Search, extra: string): string => {
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

const byDate = (search: Search, extra: string): string => {
  const { plan, where, values, limit } = search
  const rest = filtersOf({ ...search, where: where.filter((one) => !isPrimaryDate(one)) })
  const dates = where.filter(isPrimaryDate)
  return streamedByDate(plan, dates, rest, { columns, extra, ofType, limit }, values.add)
}

const orders = { key: byKey, id: byId, updated: byUpdate, date: byDate } as const

/** Rows in order that meet the conditions; `extra` are further columns. No index has the order of `values`. */
export const streamed = (search: Search, extra = ''): string => {
  const { by } = search.plan.sort
  if (by === 'values') throw new Error('rows in the order of values cannot be streamed')
  return orders[by](search, extra)
}

/** Whether the condition is a range of the index that has the order. */
export const isRangeOfOrder = ({ plan: { sort } }: Search, condition: Search['where'][number]): boolean =>
  (condition.kind === 'updated' && sort.by === 'updated') || (isPrimaryDate(condition) && sort.by === 'date')

/** Whether an index finds the rows of the condition, and not only those around the place in the order. */
export const isFound = (search: Search, condition: Search['where'][number]): boolean =>
  condition.kind !== 'ids' && canLookUp(condition) && !isRangeOfOrder(search, condition)

export const stream: Driver = {
  name: 'stream',
  leads: (search) => !search.where.some((condition) => isFound(search, condition)),
  rows: (search) => streamed(search),
}
