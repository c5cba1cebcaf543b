/**
 * Resources that others refer to (`_has`). Of few referrers the references are gathered, and rows in order are asked
 * whether they are among them. Otherwise each of the first rows asks the index for its referrers, as long as that
 * promises to fill the page; then they are gathered, too. What does not fill the page so is looked up. See decisions
 * 0016 and 0019.
 */
import type { Condition } from '../algebra.ts'
import { all, filter, linkContext } from '../condition-sql.ts'
import { type Referrers, referrers } from '../link-sql.ts'
import { afterCursor, isDescending, orderBy } from '../order-sql.ts'
import { columns, ofType } from '../row-sql.ts'
import type { Driver, Search } from './driver.ts'
import { inOrder } from './in-order.ts'
import { okOf } from './ok.ts'
import { foundFirst } from './window.ts'

/** Up to so many tokens, each is one lookup. */
const few = 100
/** How many rows in order are compared with what was gathered. */
const window = 2000
/** How many rows in order are asked for their referrers; when those promise to be enough, more. */
const glance = 50

type Reverse = Condition & { readonly kind: 'reverse' }

const leader = (search: Search): Reverse | undefined => {
  const [first] = foundFirst(search)
  return first?.kind === 'reverse' ? first : undefined
}

/** The first rows by the keys alone, which their index has: only the rows of the page are visited. */
const inKeyOrder = (search: Search, others: readonly Condition[], test: string, when: string) => {
  const { plan, values, limit } = search
  const direction = isDescending(plan) ? ' desc' : ''
  const filters = others.map((condition) => filter(condition, plan, values))
  const keys = `select r.id from resource r where ${all([ofType, ...afterCursor(plan, values)])} order by r.id${direction} limit ${window}`
  const row = `select * from resource r where ${all([ofType, 'r.id = k.id', ...filters])} offset 0`
  return `select ${columns} from (select r.id from (${keys}) r where ${test}) k cross join lateral (${row}) r where ${when} order by k.id${direction} limit ${limit}`
}

/** The first rows in an order that only they themselves have. */
const compared = (search: Search, others: readonly Condition[], test: string, when: string) =>
  `select ${columns} from (${inOrder(search, others, test, window)}) r where ${when} and r.ok order by ${orderBy(search.plan)} limit ${search.limit}`

const rows = (search: Search, first: Reverse): string => {
  const { plan, where, values, limit } = search
  const others = where.filter((condition) => condition !== first)
  const found: Referrers = referrers(first, linkContext(plan, values))
  const count = (name: string): string => `(select count(*) from ${name})`
  const isFull = (name: string): string => `${count(name)} = ${limit}`
  const isTried = `not (${found.isFew})`
  // As many in each of the rows as in the first of them fill the page.
  const promises = `case when ${found.isFew} or ${isFull('g')} then false else ${count('g')} * ${found.patience / glance} >= ${limit} end`
  const isFilled = `${isFull('g')} or ${isFull('s')}`
  const isGathered = `case when ${isFilled} then false else ${found.isWhole} and ${found.count} > ${few} end`
  const walk =
    plan.sort.by === 'key'
      ? inKeyOrder(search, others, found.test(), isGathered)
      : compared(search, others, found.test(), isGathered)
  const filters = others.map((condition) => filter(condition, plan, values))
  const looked = all([
    `case when ${isFilled} then false else not ${isFull('h')} end`,
    ofType,
    `r.id = any(array(${found.ids}))`,
    ...filters,
    ...afterCursor(plan, values),
  ])
  return [
    `with w as materialized (${inOrder(search, others, found.probe, found.patience)})`,
    `g as materialized (${okOf(search, 'w', glance, isTried)})`,
    `s as materialized (${okOf(search, 'w', found.patience, promises)})`,
    `h as materialized (${walk})`,
    `m as materialized (select ${columns} from resource r where ${looked} order by ${orderBy(plan)} limit ${limit})`,
  ]
    .join(', ')
    .concat(
      ` select ${columns} from g r where ${isFull('g')} union all select ${columns} from s r where ${isFull('s')} union all select ${columns} from h r where ${isFull('h')} union all select ${columns} from m r`,
    )
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
