/**
 * Resources that others refer to (`_has`). The references of those others are gathered once. Of few, each leads to a
 * row; of more, rows in order are asked whether they are among them; of too many to gather, each of the first rows asks
 * the index for its referrers. What does not fill the page so is looked up. See decisions 0016 and 0019.
 */
import type { Condition } from '../algebra.ts'
import { all, filter, linkContext } from '../condition-sql.ts'
import { type Referrers, referrers } from '../link-sql.ts'
import { afterCursor, orderBy } from '../order-sql.ts'
import { columns, ofType } from '../row-sql.ts'
import type { Driver, Search } from './driver.ts'
import { isRangeOfOrder, streamed } from './stream.ts'
import { filterInOrder, foundFirst } from './window.ts'

/** Up to so many tokens, each is one lookup. */
const few = 500
/** How many rows in order are compared with what was gathered. */
const window = 2000
/** How many rows in order are asked for their referrers. */
const slowWindow = 200

type Reverse = Condition & { readonly kind: 'reverse' }

const leader = (search: Search): Reverse | undefined => {
  const [first] = foundFirst(search)
  return first?.kind === 'reverse' ? first : undefined
}

/** The first rows in order that meet the conditions and the test, looked at only `when` they are worth it. */
const inOrder = (search: Search, others: readonly Condition[], test: string, when: string, size: number) => {
  const tests = others
    .filter((condition) => !isRangeOfOrder(search, condition))
    .map((condition) => filterInOrder(condition, search))
  const ranges = search.where.filter((condition) => isRangeOfOrder(search, condition))
  const ok = `, (${all([test, ...tests])}) as ok`
  const looked = streamed({ ...search, where: ranges, limit: String(size) }, ok)
  return `select ${columns} from (${looked}) r where ${when} and r.ok order by ${orderBy(search.plan)} limit ${search.limit}`
}

const rows = (search: Search, first: Reverse): string => {
  const { plan, where, values, limit } = search
  const others = where.filter((condition) => condition !== first)
  const found: Referrers = referrers(first, linkContext(plan, values))
  const isMany = `${found.isWhole} and ${found.count} > ${few}`
  const isFull = (name: string): string => `(select count(*) from ${name}) = ${limit}`
  const unfilled = `not ${isFull('h')} and not ${isFull('s')}`
  const filters = others.map((condition) => filter(condition, plan, values))
  const looked = all([
    unfilled,
    ofType,
    `r.id = any(array(${found.ids}))`,
    ...filters,
    ...afterCursor(plan, values),
  ])
  return `with h as materialized (${inOrder(search, others, found.test, isMany, window)}), s as materialized (${inOrder(search, others, filter(first, plan, values), `not (${found.isWhole})`, slowWindow)}), m as materialized (select ${columns} from resource r where ${looked} order by ${orderBy(plan)} limit ${limit}) select ${columns} from h r where ${isFull('h')} union all select ${columns} from s r where ${isFull('s')} union all select ${columns} from m r`
}

export const referred: Driver = {
  name: 'referred',
  leads: (search) => leader(search) !== undefined,
  rows: (search) => {
    const first = leader(search)
    if (!first) throw new Error('no condition is one on referrers')
    return rows(search, first)
  },
}
