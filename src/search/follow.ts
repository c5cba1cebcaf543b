/** Answers conditions on links from resources at hand: chains and `_has` without a database. */
import type { Condition, Lineage } from './algebra.ts'
import { type Candidate, type LinkCondition, matches } from './memory.ts'

/** A resource at hand. */
export type Known = Omit<Candidate, 'follow'> & { readonly type: string }

const isInLineage = (
  world: readonly Known[],
  { direction, prefix, type, ids, where = [] }: Lineage,
  id: string,
): boolean => {
  const follow = followAmong(world)
  const known = world.filter((one) => one.type === type && matches(where, { ...one, follow }))
  const refers = (from: Known, to: string): boolean => from.rows.tokens.includes(prefix + to)
  const next = (of: string): readonly string[] =>
    (direction === 'below'
      ? known.filter((one) => refers(one, of))
      : known.filter((one) => known.some((from) => from.id === of && refers(from, one.id)))
    ).map((one) => one.id)
  const found = new Set(ids.flatMap(next))
  for (const one of found) for (const further of next(one)) found.add(further)
  return found.has(id)
}

/** What `Candidate.follow` is for a world of no other resources than these. */
export const followAmong =
  (world: readonly Known[]): NonNullable<Candidate['follow']> =>
  (condition: LinkCondition, candidate: Candidate): boolean => {
    const { id, rows } = candidate
    if (condition.kind === 'lineage') return isInLineage(world, condition, id)
    const follow = followAmong(world)
    const meets = (one: Known, where: readonly Condition[]): boolean => matches(where, { ...one, follow })
    if (condition.kind === 'reverse') {
      const { prefix, type, where } = condition.link
      return world.some(
        (one) => one.type === type && one.rows.tokens.includes(prefix + id) && meets(one, where),
      )
    }
    const { inside } = condition
    if (inside && matches([inside.where], { ...candidate, follow })) return true
    return condition.any.some(({ prefix, type, where }) =>
      world.some((one) => one.type === type && rows.tokens.includes(prefix + one.id) && meets(one, where)),
    )
  }
