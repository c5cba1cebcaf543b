/** Answers conditions on links from resources at hand: chains and `_has` without a database. */
import type { Condition } from './algebra.ts'
import { type Candidate, type LinkCondition, matches } from './memory.ts'

/** A resource at hand. */
export type Known = Omit<Candidate, 'follow'> & { readonly type: string }

/** What `Candidate.follow` is for a world of no other resources than these. */
export const followAmong =
  (world: readonly Known[]): NonNullable<Candidate['follow']> =>
  (condition: LinkCondition, { id, rows }: Candidate): boolean => {
    const follow = followAmong(world)
    const meets = (one: Known, where: readonly Condition[]): boolean => matches(where, { ...one, follow })
    if (condition.kind === 'reverse') {
      const { prefix, type, where } = condition.link
      return world.some(
        (one) => one.type === type && one.rows.tokens.includes(prefix + id) && meets(one, where),
      )
    }
    return condition.any.some(({ prefix, type, where }) =>
      world.some((one) => one.type === type && rows.tokens.includes(prefix + one.id) && meets(one, where)),
    )
  }
