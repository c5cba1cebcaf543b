/** Plan × index rows → boolean: the same answer as the database's, for a resource that need not be in it. */
import type { Condition, IndexRows, Interval } from './algebra.ts'

/** `lastUpdated` in ms since 1970. */
export type Candidate = { readonly id: string; readonly lastUpdated: number; readonly rows: IndexRows }

/** Whether all conditions hold. */
export const matches = (where: readonly Condition[], candidate: Candidate): boolean =>
  where.every((condition) => holds(condition, candidate))

const holds = (condition: Condition, { id, lastUpdated, rows }: Candidate): boolean => {
  if (condition.kind === 'ids') return condition.any.includes(id)
  if (condition.kind === 'updated') return condition.any.some((interval) => isWithin(interval, lastUpdated))
  return condition.any.some((token) => rows.tokens.includes(token))
}

const isWithin = ({ from, to }: Interval, at: number): boolean =>
  (from === undefined || from <= at) && (to === undefined || at < to)
