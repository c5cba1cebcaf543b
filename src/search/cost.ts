/** Which condition of a search the database should look up: the one that is expected to leave the fewest rows. */
import type { Condition, Link } from './algebra.ts'
import { isValueCondition } from './value-sql.ts'

/** What conditions of a kind cost; values and words lie between the tokens. */
export const ranks = { unique: 1, few: 2, many: 4, most: 5 } as const

/** The smaller, the fewer rows the condition is expected to leave. */
export const cost = (condition: Condition): number => {
  if (condition.kind === 'ids') return 0
  if (condition.kind === 'tokens') return ranks[condition.rank]
  if (['not', 'present', 'near', 'types'].includes(condition.kind)) return 7
  if (condition.kind === 'every') return Math.min(7, ...condition.of.map(cost))
  if (condition.kind === 'some') return Math.max(0, ...condition.of.map(cost))
  if (condition.kind === 'strings') return stringCost(condition)
  if (condition.kind === 'quantities') return condition.any.every(({ code }) => code !== undefined) ? 3 : 4.5
  if (condition.kind === 'dates') return 4.5
  if (condition.kind === 'texts') return ranks.many
  if (condition.kind === 'lineage') return ranks.few
  if (condition.kind === 'through') return Math.max(ranks.few, ...condition.any.map(linkCost))
  if (condition.kind === 'reverse') return Math.max(ranks.few, linkCost(condition.link))
  return 3
}

/** Resources with strings that people search by are few; a URL is that of one resource. */
const stringCost = ({ any }: Condition & { kind: 'strings' }): number =>
  any.every(({ how }) => how === 'exact') ? ranks.unique : ranks.few

const linkCost = ({ where }: Link): number => Math.min(7, ...where.map(cost))

/** Whether the database can find the rows by an index when it looks this condition up. */
export const canLookUp = (condition: Condition): boolean => {
  if (condition.kind === 'some') return condition.of.every(canLookUp)
  if (condition.kind === 'every') return condition.of.some(canLookUp)
  return (
    isValueCondition(condition) ||
    ['tokens', 'texts', 'ids', 'through', 'reverse', 'lineage'].includes(condition.kind)
  )
}

/** The conditions with the one that the database should look up first. */
export const inOrder = (where: readonly Condition[]): readonly Condition[] =>
  where.toSorted((a, b) => cost(a) - cost(b))
