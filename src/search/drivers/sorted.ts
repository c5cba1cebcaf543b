/** All matches with the values of the keys that `_sort` names, sorted: no index has them in that order. */

import { all, filter, typed } from '../condition-sql.ts'
import { canLookUp } from '../cost.ts'
import { afterCursor, orderBy } from '../order-sql.ts'
import { columns } from '../row-sql.ts'
import { keyColumns, keyNames } from '../sort-sql.ts'
import type { Driver } from './driver.ts'

export const sorted: Driver = {
  name: 'sorted',
  leads: ({ plan }) => plan.sort.by === 'values',
  rows: ({ plan, where, values, limit }) => {
    const keys = plan.sort.by === 'values' ? plan.sort.keys : []
    const [first] = where
    const canFind = first !== undefined && canLookUp(first)
    const found = where.map((condition) =>
      filter(condition, plan, values, { lookUp: canFind && condition === first }),
    )
    const m = `select ${columns}, ${keyColumns(keys, values.add)} from resource r where ${all([typed(where[0], '$2::smallint'), ...found])}`
    return `with m as materialized (${m}) select ${columns}, ${keyNames(keys)} from m r where ${all(['true', ...afterCursor(plan, values)])} order by ${orderBy(plan)} limit ${limit}`
  },
}
