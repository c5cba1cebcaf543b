/** Rows in order that are asked one after another. */
import type { Condition } from '../algebra.ts'
import { all } from '../condition-sql.ts'
import { orderBy } from '../order-sql.ts'
import { columns } from '../row-sql.ts'
import type { Search } from './driver.ts'
import { isRangeOfOrder, streamed } from './stream.ts'
import { filterInOrder } from './window.ts'

/** The first rows in order that meet the conditions and the test, looked at only `when` they are worth it. */
export const inOrder = (
  search: Search,
  others: readonly Condition[],
  test: string,
  when: string,
  size: number,
) => {
  const tests = others
    .filter((condition) => !isRangeOfOrder(search, condition))
    .map((condition) => filterInOrder(condition, search))
  const ranges = search.where.filter((condition) => isRangeOfOrder(search, condition))
  const ok = `, (${all([test, ...tests])}) as ok`
  const looked = streamed({ ...search, where: ranges, limit: String(size) }, ok)
  return `select ${columns} from (${looked}) r where ${when} and r.ok order by ${orderBy(search.plan)} limit ${search.limit}`
}
