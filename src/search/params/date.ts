/** Date parameters: values with a prefix and a precision as intervals of time. http://hl7.org/fhir/R4/search.html#date */

import { type Issue, issue } from '../../base/issue.ts'
import { type DateInterval, dateInterval } from '../../fhir/date-time.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import type { Bounds, Condition, DateRow, Interval } from '../algebra.ts'
import { type Prefix, prefixes, readPrefix } from '../bounds.ts'
import { isThere } from '../distinct.ts'
import { unescapeValue } from '../values.ts'

/** The ends of time in ms since 1970: what is open reaches to them. */
export const earliest: number = -62_135_596_800_000
export const latest: number = 253_402_300_799_999

type Members = { readonly [member: string]: JsonValue | undefined }
type Rows = { readonly dates: DateRow[] }

const within = (ms: number): number => Math.min(Math.max(ms, earliest), latest)

const push = (rows: Rows, parameter: string, from: number, to: number): void => {
  const low = within(from)
  // What is finer than a millisecond still has a place.
  const high = within(Math.max(to, low + 1))
  if (!isThere(rows.dates, (row) => row.parameter === parameter && row.low === low && row.high === high))
    rows.dates.push({ parameter, low, high })
}

const intervalOf = (value: JsonValue | undefined): DateInterval | undefined =>
  typeof value === 'string' ? dateInterval(value) : undefined

/** The row of a date, dateTime or instant. */
export const moment = (rows: Rows, parameter: string, value: JsonValue | undefined): void => {
  const found = intervalOf(value)
  if (found) push(rows, parameter, found.from, found.to)
}

/** The row of a Period, open where it has no end. */
export const period = (rows: Rows, parameter: string, value: Members): void => {
  const start = intervalOf(value.start)
  const end = intervalOf(value.end)
  if (!start && !end) return
  const low = start?.from ?? earliest
  const high = end?.to ?? latest
  if (low < high) push(rows, parameter, low, high)
}

/** The row of a Timing: from its first to its last known moment; what repeats within is not looked at. */
export const timing = (rows: Rows, parameter: string, value: Members): void => {
  const spans = (Array.isArray(value.event) ? value.event : []).flatMap((one) => intervalOf(one) ?? [])
  if (spans.length > 0)
    push(
      rows,
      parameter,
      spans.reduce((least, { from }) => Math.min(least, from), latest),
      spans.reduce((most, { to }) => Math.max(most, to), earliest),
    )
  const repeat = value.repeat
  if (typeof repeat !== 'object' || repeat === null || Array.isArray(repeat)) return
  const bounds = (repeat as Members).boundsPeriod
  if (typeof bounds === 'object' && bounds !== null && !Array.isArray(bounds)) period(rows, parameter, bounds)
}

/** Which of the functions above writes the rows of an element of a type. */
export const dateWriters: Readonly<Record<string, string>> = {
  date: 'moment',
  dateTime: 'moment',
  instant: 'moment',
  Period: 'period',
  Timing: 'timing',
}

const apart = (from: number, now: number): number => Math.round(Math.abs(now - from) / 10)

/** What is asked of a stored interval `low <= t < high`, under each prefix. `now` in ms widens `ap`. */
export const dateBounds = (prefix: Prefix, from: number, to: number, now: number): readonly Bounds[] => {
  switch (prefix) {
    case 'eq':
      return [{ lowMin: from, highMax: to }]
    case 'ne':
      return [{ lowMax: from - 1 }, { highMin: to + 1 }]
    case 'gt':
      return [{ highMin: to + 1 }]
    case 'ge':
      return [{ highMin: from + 1 }]
    case 'lt':
      return [{ lowMax: from - 1 }]
    case 'le':
      return [{ lowMax: to - 1 }]
    case 'sa':
      return [{ lowMin: to }]
    case 'eb':
      return [{ highMax: from }]
    case 'ap': {
      const margin = apart(from, now)
      return [{ lowMax: to + margin - 1, highMin: from - margin + 1 }]
    }
  }
}

/** Where an instant must lie to match: http://hl7.org/fhir/R4/search.html#prefix. `now` in ms widens `ap`. */
export const instantsFor = (prefix: Prefix, from: number, to: number, now: number): readonly Interval[] => {
  if (prefix === 'eq') return [{ from, to }]
  if (prefix === 'ne') return [{ to: from }, { from: to }]
  if (prefix === 'gt' || prefix === 'sa') return [{ from: to }]
  if (prefix === 'ge') return [{ from }]
  if (prefix === 'lt' || prefix === 'eb') return [{ to: from }]
  if (prefix === 'le') return [{ to }]
  const margin = apart(from, now)
  return [{ from: from - margin, to: to + margin }]
}

type Spans<T> = { readonly any: readonly T[] } | { readonly issue: Issue }

const spans = <T>(
  name: string,
  values: readonly string[],
  each: (prefix: Prefix, from: number, to: number) => readonly T[],
): Spans<T> => {
  const any: T[] = []
  for (const value of values) {
    const { prefix, rest } = readPrefix(unescapeValue(value))
    const span = dateInterval(rest)
    if (!span)
      return {
        issue: issue(
          'value',
          `The parameter "${name}" needs a date such as 2024-05, 2024-05-31 or 2024-05-31T10:00:00Z, after one of ${prefixes.join(', ')} or none.`,
          `http.${name}`,
        ),
      }
    any.push(...each(prefix, span.from, span.to))
  }
  return { any }
}

/** The intervals of the alternatives of a parameter over instants such as `_lastUpdated`. */
export const restrictInstant = (
  name: string,
  values: readonly string[],
  now: number,
): { readonly intervals: readonly Interval[] } | { readonly issue: Issue } => {
  const found = spans(name, values, (prefix, from, to) => instantsFor(prefix, from, to, now))
  return 'issue' in found ? found : { intervals: found.any }
}

/** The condition of one date parameter; `primary` when its value stands in the resource's own row. */
export const restrictDate = (
  name: string,
  { parameter, primary }: { readonly parameter: string; readonly primary: boolean },
  values: readonly string[],
  now: number,
): { readonly condition: Condition } | { readonly issue: Issue } => {
  const found = spans(name, values, (prefix, from, to) => dateBounds(prefix, from, to, now))
  return 'issue' in found
    ? found
    : { condition: Object.freeze({ kind: 'dates', parameter, primary, any: Object.freeze(found.any) }) }
}
