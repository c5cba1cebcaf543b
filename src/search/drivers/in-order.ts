/** Rows in order that are asked one after another. */
import type { Condition } from '../algebra.ts'
import { all } from '../condition-sql.ts'
import type { Search } from './driver.ts'
import { isRangeOfOrder, streamed } from './stream.ts'
import { filterInOrder } from './window.ts'

/** The first rows in order with `ok`, which tells whether they meet the conditions and the test. */
export const inOrder = (search: Search, others: readonly Condition[], test: string, size: number): string => {
  const tests = others
    .filter((condition) => !isRangeOfOrder(search, condition))
    .map((condition) => filterInOrder(condition, search))
  const ranges = search.where.filter((condition) => isRangeOfOrder(search, condition))
  const ok = `, (${all([test, ...tests])}) as ok`
  return streamed({ ...search, where: ranges, limit: String(size) }, ok)
}
