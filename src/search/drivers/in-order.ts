/**
 * Rows in order that are asked one after another, no further than somebody reads: what has asked some of them goes on
 * where it was.
 */
import type { Condition } from '../algebra.ts'
import { all } from '../condition-sql.ts'
import { columns } from '../row-sql.ts'
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

/**
 * Those of the first `size` rows of `from` that are ok, looked at only `when` they are worth it. Sorting them here would
 * read all of `from` before.
 */
export const okOf = ({ limit }: Search, from: string, size: number, when: string): string =>
  `select ${columns} from (select * from ${from} limit ${size}) r where ${when} and r.ok limit ${limit}`
