/**
 * For conditions of which nobody knows whether many rows meet them: a window of the first rows in order, and when it
 * does not fill the page, a lookup. See decision 0012.
 */
import type { Condition } from '../algebra.ts'
import { all, filter, linkContext, typed } from '../condition-sql.ts'
import { cost, ranks } from '../cost.ts'
import { hasFewTargets, throughProbe } from '../link-sql.ts'
import { afterCursor, orderBy } from '../order-sql.ts'
import { columns } from '../row-sql.ts'
import { isValueCondition, rowCount } from '../value-sql.ts'
import type { Driver, Search } from './driver.ts'
import { okOf } from './ok.ts'
import { isFound, isRangeOfOrder, streamed } from './stream.ts'

/** How many rows are looked at in order before an index is asked. */
const window = 2000
/** Asking a row for its referrers, for what it refers to, or for its words, takes long. */
const slowWindow = 200
/** So many rows are asked for their words first; one in eight of what is needed must be there. */
const glance = 50
const trust = 8
/** Up to so many values, the rows that they lead to are looked up; of more, the rows in order are asked. */
const few = 3000

type Through = Condition & { readonly kind: 'through' }

const hasManyTargets = (condition: Condition): condition is Through =>
  condition.kind === 'through' && cost(condition) >= ranks.many

const isSlow = (condition: Condition): boolean =>
  condition.kind === 'reverse' || condition.kind === 'texts' || hasManyTargets(condition)

/** A condition on rows that come in order, of which few will be asked. */
export const filterInOrder = (condition: Condition, { plan, values }: Search): string =>
  hasManyTargets(condition)
    ? throughProbe(condition, linkContext(plan, values))
    : filter(condition, plan, values)

/** Whether so few are found by the condition that the window is not worth looking at; undefined when nobody knows. */
const isRare = (condition: Condition, { plan, values }: Search): string | undefined => {
  if (condition.kind === 'through' && !hasManyTargets(condition))
    return hasFewTargets(condition, linkContext(plan, values))
  if (!isValueCondition(condition)) return undefined
  const count = rowCount(condition, plan.tenant, values.add, few + 1)
  return count && `(select n from ${values.define(condition, () => count)}) <= ${few}`
}

/** The conditions that the rows of the window must meet, beside the range that it is of. */
const tests = (search: Search): string =>
  all(
    search.where
      .filter((condition) => !isRangeOfOrder(search, condition))
      .map((condition) => filterInOrder(condition, search)),
  )

/**
 * The part that looks at rows in order: `h` has those of the page. `short` tells whether they do not fill it; when it is
 * known to be `rare`, they are not looked at.
 */
const look = (
  search: Search,
  first: Condition,
  rare: string | undefined,
): { readonly windows: string; readonly short: string } => {
  const { plan, where, limit } = search
  const size = isSlow(first) ? slowWindow : window
  const ok = `, (${tests(search)}) as ok`
  const ranges = where.filter((condition) => isRangeOfOrder(search, condition))
  const looked = streamed({ ...search, where: ranges, limit: String(size) }, ok)
  const guard = rare === undefined ? '' : ` and not (${rare})`
  const page = (from: string): string =>
    `h as materialized (select ${columns} from ${from} r where r.ok${guard} order by ${orderBy(plan)} limit ${limit})`
  // What is slow to test is tested only until the page is full; without the whole window nobody knows its size.
  const isUnfilled = `(select count(*) from h) < ${limit}`
  if (first.kind === 'texts') {
    const promises = `(select count(*) from p) * ${trust} >= ${limit}`
    const windows = `w as materialized (${looked}), p as materialized (${okOf(search, 'w', glance, 'true')}), h as materialized (${okOf(search, 'w', size, promises)})`
    return { windows, short: isUnfilled }
  }
  if (where.some(isSlow)) return { windows: page(`(${looked})`), short: isUnfilled }
  return {
    windows: `w as materialized (${looked}), ${page('w')}`,
    short: `${isUnfilled} and (select count(*) from w) = ${size}`,
  }
}

/** The conditions that an index can lead stand first. */
export const foundFirst = (search: Search): readonly Condition[] => {
  const isOurs = (condition: Condition): boolean => isFound(search, condition)
  return [...search.where.filter(isOurs), ...search.where.filter((one) => !isOurs(one))]
}

const rows = (search: Search): string => {
  const { plan, values, limit } = search
  const where = foundFirst(search)
  const [first] = where
  if (!first) throw new Error('a window is for a search with conditions')
  const rare = isRare(first, search)
  const { windows, short } = look({ ...search, where }, first, rare)
  const found = where.map((condition) => filter(condition, plan, values, { lookUp: condition === first }))
  const unfilled = rare === undefined ? short : `(${rare} or ${short})`
  return `with ${windows}, m as materialized (select ${columns} from resource r where ${all([unfilled, typed(first, '$2::smallint'), ...found, ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}) select ${columns} from h r where not (${unfilled}) union all select ${columns} from m r`
}

export const lookedAtFirst: Driver = {
  name: 'window',
  leads: (search) => search.where.some((condition) => isFound(search, condition)),
  rows,
}
