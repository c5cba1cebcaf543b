/**
 * What the index of values finds, in the order of the ids: the index has them, so only the rows of the page are looked
 * at. Of too many the rows in order are asked first.
 */
import { all, filter } from '../condition-sql.ts'
import { cost, ranks } from '../cost.ts'
import { isDescending } from '../order-sql.ts'
import { columns, ofType } from '../row-sql.ts'
import { isRowCondition, type RowCondition, rowIds } from '../value-sql.ts'
import type { Driver, Search } from './driver.ts'
import { streamed } from './stream.ts'

/** Up to so many entries of the index are sorted. */
const most = 5000
/** How many rows in order are looked at before, and when there are more. */
const glance = 1200
const window = 4000

const rows = (search: Search, first: RowCondition): string => {
  const { plan, where, values, limit } = search
  const { cursor } = plan
  const direction = isDescending(plan) ? ' desc' : ''
  const beyond = isDescending(plan) ? '<' : '>'
  const after = cursor ? ` where x.id ${beyond} ${values.add(cursor.key, 'uuid')}` : ''
  const ids = rowIds(first, plan.tenant, values.add)
  const others = where.filter((condition) => condition !== first)
  const row = (filters: readonly string[]): string =>
    `cross join lateral (select * from resource r where ${all([ofType, 'r.id = k.id', ...filters])} offset 0) r`
  const found = (from: string, filters: readonly string[], when: string): string =>
    `select ${columns} from (select distinct x.id from (${from}) x${after} order by x.id${direction}) k ${row(filters)} where ${when} order by k.id${direction} limit ${limit}`
  const filters = others.map((condition) => filter(condition, plan, values))
  const ok = `, (${all(where.map((condition) => filter(condition, plan, values)))}) as ok`
  const inOrder = (size: number, when: string): string =>
    `select ${columns} from (${streamed({ ...search, where: [], limit: String(size) }, ok)}) r where r.ok and ${when} order by r.id${direction} limit ${limit}`
  const isFull = (name: string): string => `(select count(*) from ${name}) = ${limit}`
  const isFew = `(select count(*) from v) <= ${most}`
  // Measured values that many have fill the page at once; strings are those of few.
  const isLikely = cost(first) > ranks.few
  return [
    `with g as materialized (${inOrder(glance, String(isLikely))})`,
    `v as materialized (select x.id from (${ids}) x where not ${isFull('g')} limit ${most + 1})`,
    `f as materialized (${found('select v.id from v', filters, `not ${isFull('g')} and ${isFew}`)})`,
    `h as materialized (${inOrder(window, `not ${isFull('g')} and not ${isFew}`)})`,
    `m as materialized (${found(ids, filters, `not ${isFull('g')} and not ${isFew} and not ${isFull('h')}`)})`,
  ]
    .join(', ')
    .concat(
      ` select ${columns} from g r where ${isFull('g')} union all select ${columns} from f r union all select ${columns} from h r where ${isFull('h')} union all select ${columns} from m r`,
    )
}

const leader = ({ plan, where: [first] }: Search): RowCondition | undefined =>
  plan.sort.by === 'key' && first && isRowCondition(first) && cost(first) < ranks.most ? first : undefined

export const valuesInOrder: Driver = {
  name: 'values in order',
  leads: (search) => leader(search) !== undefined,
  rows: (search) => {
    const first = leader(search)
    if (!first) throw new Error('no condition is one on values')
    return rows(search, first)
  },
}
