/** Plan × index rows → boolean: the same answer as the database's, for a resource that need not be in it. */
import type { JsonObject } from '../fhir/json/value.ts'
import type { Condition, IndexRows, Interval } from './algebra.ts'
import { isInside } from './bounds.ts'
import { isNear } from './params/near.ts'
import { passesQuantity } from './params/quantity.ts'
import { passesString } from './params/string.ts'
import { hasWords } from './params/text.ts'
import { isPresent } from './presence.ts'

/** A condition on other resources than the one that is asked about. */
export type LinkCondition = Condition & { readonly kind: 'through' | 'reverse' | 'lineage' }

/**
 * `lastUpdated` in ms since 1970. Index rows do not tell what other resources say: `follow` answers for conditions on
 * those; without it they cannot be asked.
 */
export type Candidate = {
  readonly id: string
  readonly lastUpdated: number
  readonly rows: IndexRows
  /** Needed where several types are searched. */
  readonly type?: string
  readonly follow?: (condition: LinkCondition, candidate: Candidate) => boolean
}

/** Whether all conditions hold. */
export const matches = (where: readonly Condition[], candidate: Candidate): boolean =>
  where.every((condition) => holds(condition, candidate))

const holds = (condition: Condition, candidate: Candidate): boolean => {
  const { id, lastUpdated, rows } = candidate
  if (condition.kind === 'not') return !holds(condition.of, candidate)
  if (condition.kind === 'every') return condition.of.every((one) => holds(one, candidate))
  if (condition.kind === 'some') return condition.of.some((one) => holds(one, candidate))
  if (condition.kind === 'present') return isPresent(rows.tokens, condition.bit)
  if (condition.kind === 'texts') return hasWords(condition, rows.tokens)
  if (condition.kind === 'near') return isNear(condition, rows.tokens)
  if (condition.kind === 'ids') return condition.any.includes(id)
  if (condition.kind === 'updated') return condition.any.some((interval) => isWithin(interval, lastUpdated))
  if (condition.kind === 'types')
    return candidate.type !== undefined && condition.any.includes(candidate.type)
  if (condition.kind === 'through' || condition.kind === 'reverse' || condition.kind === 'lineage') {
    if (!candidate.follow) throw new Error('a condition on other resources needs somebody who knows them')
    return candidate.follow(condition, candidate)
  }
  if (condition.kind === 'strings') return isAmongStrings(condition, rows)
  if (condition.kind === 'dates') return isAmongDates(condition, rows)
  if (condition.kind === 'quantities') return isAmongQuantities(condition, rows)
  return condition.any.some((token) => rows.tokens.includes(token))
}

const isAmongStrings = (
  { parameter, any }: Condition & { kind: 'strings' },
  { strings }: IndexRows,
): boolean =>
  strings.some((row) => row.parameter === parameter && any.some((test) => passesString(test, row)))

const isAmongDates = (
  { parameter, primary, any }: Condition & { kind: 'dates' },
  { date, dates }: IndexRows,
): boolean => {
  const rows = primary ? (date ? [date] : []) : dates
  return rows.some(
    (row) => row.parameter === parameter && any.some((bounds) => isInside(bounds, row.low, row.high)),
  )
}

const isAmongQuantities = (
  { parameters, any }: Condition & { kind: 'quantities' },
  { quantities }: IndexRows,
): boolean =>
  quantities.some(
    (row) => parameters.includes(row.parameter) && any.some((test) => passesQuantity(test, row)),
  )

const isWithin = ({ from, to }: Interval, at: number): boolean =>
  (from === undefined || from <= at) && (to === undefined || at < to)

/** What other resources say cannot be known of a version that is past. */
class Unknown extends Error {}

const unknown: NonNullable<Candidate['follow']> = () => {
  throw new Unknown()
}

/** Whether a resource meets the condition by what it says itself. */
export const meetsAlone = (
  condition: Condition,
  type: string,
  { id }: JsonObject,
  rows: IndexRows,
): boolean => {
  try {
    return holds(condition, { id: String(id), lastUpdated: Number.NaN, type, rows, follow: unknown })
  } catch (error) {
    if (error instanceof Unknown) return false
    throw error
  }
}
