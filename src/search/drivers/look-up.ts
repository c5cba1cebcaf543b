/** Rows found by a condition that leaves few of them, then sorted. */

import { all, filter, typed } from '../condition-sql.ts'
import { cost, ranks } from '../cost.ts'
import { afterCursor, orderBy } from '../order-sql.ts'
import { columns } from '../row-sql.ts'
import type { Driver } from './driver.ts'

export const lookUp: Driver = {
  name: 'look up',
  // How many targets a link has nobody knows before.
  leads: ({ where: [first] }) =>
    first !== undefined && cost(first) <= ranks.few && first.kind !== 'through' && first.kind !== 'reverse',
  rows: ({ plan, where, values, limit }) => {
    const found = where.map((condition, index) => filter(condition, plan, values, { lookUp: index === 0 }))
    return `with m as materialized (select ${columns} from resource r where ${all([typed(where[0], '$2::smallint'), ...found])}) select ${columns} from m r where ${all(['true', ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
  },
}
