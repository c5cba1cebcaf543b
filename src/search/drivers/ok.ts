/** Rows that were asked one after another, no further than somebody reads: whoever reads on goes on where it was. */
import { columns } from '../row-sql.ts'
import type { Search } from './driver.ts'

/**
 * Those of the first `size` rows of `from` that are ok, looked at only `when` they are worth it. Sorting them here would
 * read all of `from` before.
 */
export const okOf = ({ limit }: Search, from: string, size: number, when: string): string =>
  `select ${columns} from (select * from ${from} limit ${size}) r where ${when} and r.ok limit ${limit}`
