/** Date parameters: values with a prefix and a precision as intervals of time. http://hl7.org/fhir/R4/search.html#date */
import { type Issue, issue } from '../../base/issue.ts'
import { dateInterval } from '../../fhir/date-time.ts'
import type { Interval } from '../algebra.ts'

const prefixes = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap'] as const
type Prefix = (typeof prefixes)[number]

/** The prefix of a value, `eq` when there is none, and what follows it. */
export const readPrefix = (value: string): { readonly prefix: Prefix; readonly rest: string } => {
  const prefix = prefixes.find((p) => value.startsWith(p))
  return prefix ? { prefix, rest: value.slice(2) } : { prefix: 'eq', rest: value }
}

/** Where an instant must lie to match: http://hl7.org/fhir/R4/search.html#prefix. `now` in ms widens `ap`. */
export const instantsFor = (prefix: Prefix, from: number, to: number, now: number): readonly Interval[] => {
  if (prefix === 'eq') return [{ from, to }]
  if (prefix === 'ne') return [{ to: from }, { from: to }]
  if (prefix === 'gt' || prefix === 'sa') return [{ from: to }]
  if (prefix === 'ge') return [{ from }]
  if (prefix === 'lt' || prefix === 'eb') return [{ to: from }]
  if (prefix === 'le') return [{ to }]
  const margin = Math.round(Math.abs(now - from) / 10)
  return [{ from: from - margin, to: to + margin }]
}

/** The intervals of the alternatives of a parameter over instants such as `_lastUpdated`. */
export const restrictInstant = (
  name: string,
  values: readonly string[],
  now: number,
): { readonly intervals: readonly Interval[] } | { readonly issue: Issue } => {
  const intervals: Interval[] = []
  for (const value of values) {
    const { prefix, rest } = readPrefix(value)
    const span = dateInterval(rest)
    if (!span)
      return {
        issue: issue(
          'value',
          `The parameter "${name}" needs a date such as 2024-05, 2024-05-31 or 2024-05-31T10:00:00Z, after one of ${prefixes.join(', ')} or none.`,
          `http.${name}`,
        ),
      }
    intervals.push(...instantsFor(prefix, span.from, span.to, now))
  }
  return { intervals }
}
