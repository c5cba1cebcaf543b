/** How much the entries that look may bring into one response: a small Bundle can ask for a large resource many times. */
import { tooCostly } from '../../base/problem.ts'
import type { Reply } from '../reply.ts'

/** Characters of a response. A text of the engine ends at half a billion, and each is in memory more than once. */
const most = 100_000_000

/** Performs what looks for one Bundle until it is too much together: from then on nothing is done, and 403 thrown. */
export const createAllowance = (): ((look: () => Promise<Reply>) => Promise<Reply>) => {
  let left = most
  return async (look) => {
    const reply = left > 0 ? await look() : undefined
    left -= (reply?.body ?? []).reduce((sum, { length }) => sum + length, 0)
    if (reply && left >= 0) return reply
    left = 0
    throw tooCostly(
      `The response would have more than ${most} characters; ask for less in one Bundle, or with _elements or _summary.`,
    )
  }
}
