/** Counts attempts before they are judged, the same for people that exist and others. */
import { countAttempt } from '../../store/attempts.ts'
import type { PeopleDeps, Refused, Site } from './deps.ts'
import { attemptLimits } from './policy.ts'

type Counted = readonly [kind: keyof typeof attemptLimits, subject: string]

export const attemptSubject = ([kind, subject]: Counted): string => `${kind} ${subject}`

/** The refusal when one of the counts is beyond its limit; all are counted. */
export const refuseTooMany = async (
  { database }: PeopleDeps,
  { tenant, at }: Site,
  ...counted: readonly Counted[]
): Promise<Refused | undefined> => {
  const waits = await Promise.all(
    counted.map((one) => countAttempt(database, tenant, attemptSubject(one), attemptLimits[one[0]], at)),
  )
  const seconds = Math.max(0, ...waits.map((wait) => wait ?? 0))
  return seconds > 0 ? { wrong: 'tooMany', status: 429, retryAfter: seconds } : undefined
}
