/**
 * Resources that refer to others that refer to others (chains of two hops and more). Few targets are gathered and looked
 * up. Otherwise each of the first rows is followed to what it refers to, as long as that promises to fill the page; what it
 * does not fill is left to the window. See decision 0019.
 */
import type { Condition } from '../algebra.ts'
import { linkContext } from '../condition-sql.ts'
import { cost, ranks } from '../cost.ts'
import { hasFewTargets, isWorthFollowing, throughProbe } from '../link-sql.ts'
import { columns } from '../row-sql.ts'
import type { Driver, Search } from './driver.ts'
import { inOrder } from './in-order.ts'
import { okOf } from './ok.ts'
import { foundFirst, lookedAtFirst } from './window.ts'

/** How many rows in order are followed, and how many when those promise to be enough. */
const glance = 200
const slowWindow = 1000
/** Rows that belong together stand together, so that a part of them may have few: half of what is needed is a promise. */
const trust = 2

type Through = Condition & { readonly kind: 'through' }

const leader = (search: Search): Through | undefined => {
  const [first] = foundFirst(search)
  const isOurs = first?.kind === 'through' && cost(first) < ranks.many && isWorthFollowing(first)
  return isOurs ? first : undefined
}

const rows = (search: Search, first: Through): string => {
  const { plan, where, values, limit } = search
  const context = linkContext(plan, values)
  const others = where.filter((condition) => condition !== first)
  const isFew = hasFewTargets(first, context)
  const test = throughProbe(first, context)
  const count = (name: string): string => `(select count(*) from ${name})`
  const promises = `case when ${isFew} then false else ${count('g')} < ${limit} and ${count('g')} * ${(trust * slowWindow) / glance} >= ${limit} end`
  const isFilled = `(${count('g')} = ${limit} or ${count('s')} = ${limit})`
  return [
    `with w as materialized (${inOrder(search, others, test, slowWindow)})`,
    `g as materialized (${okOf(search, 'w', glance, `not (${isFew})`)})`,
    `s as materialized (${okOf(search, 'w', slowWindow, promises)})`,
    `l as materialized (select * from (${lookedAtFirst.rows(search)} offset 0) r where not ${isFilled})`,
  ]
    .join(', ')
    .concat(
      ` select ${columns} from g r where ${count('g')} = ${limit} union all select ${columns} from s r where ${count('s')} = ${limit} union all select ${columns} from l r`,
    )
}

export const referring: Driver = {
  name: 'referring',
  leads: (search) => leader(search) !== undefined,
  rows: (search) => {
    const first = leader(search)
    if (!first) throw new Error('no condition is one on what rows refer to')
    return rows(search, first)
  },
}
