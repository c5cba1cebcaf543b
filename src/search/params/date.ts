/** Date parameters: values with a prefix and a precision as intervals of time. http://hl7.org/fhir/R4/search.html#date */
import { type Issue, issue } from '../../base/issue.ts'
import type { Interval } from '../algebra.ts'

const prefixes = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap'] as const
type Prefix = (typeof prefixes)[number]

/** The prefix of a value, `eq` when there is none, and what follows it. */
export const readPrefix = (value: string): { readonly prefix: Prefix; readonly rest: string } => {
  const prefix = prefixes.find((p) => value.startsWith(p))
  return prefix ? { prefix, rest: value.slice(2) } : { prefix: 'eq', rest: value }
}

// A `+` that was not encoded in a query string arrives as a space.
const form =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?(Z|[+\- ]\d\d:\d\d)?)?)?)?$/

/**
 * The span of a date, from its first millisecond to the first after it; undefined for what is no date. Without a time
 * zone UTC is meant: CLARIFICATIONS 7.
 */
export const readSpan = (text: string): { readonly from: number; readonly to: number } | undefined => {
  const match = form.exec(text)
  if (!match) return undefined
  const [, year = '', month, day, hour, minute, second, fraction, zone] = match
  const [y, mo, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)]
  const [h, mi, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)]
  const start = utc(y, mo - 1, d)
  const date = new Date(start)
  if (y === 0 || date.getUTCMonth() !== mo - 1 || date.getUTCDate() !== d || h > 23 || mi > 59 || s > 60)
    return undefined
  const offset = readOffset(zone)
  if (offset === undefined) return undefined
  if (month === undefined) return { from: start, to: utc(y + 1, 0, 1) }
  if (day === undefined) return { from: start, to: utc(y, mo, 1) }
  if (hour === undefined) return { from: start, to: start + 86_400_000 }
  const from = start + ((h * 60 + mi) * 60 + s) * 1000 - offset
  if (second === undefined) return { from, to: from + 60_000 }
  if (fraction === undefined) return { from, to: from + 1000 }
  // Stored instants are whole milliseconds, so the ends may be rounded up to the next one.
  const unit = 10 ** (3 - fraction.length)
  const part = Number(fraction)
  return { from: from + Math.ceil(part * unit), to: from + Math.ceil((part + 1) * unit) }
}

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
const utc = (year: number, month: number, day: number): number => {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

const readOffset = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hours > 14 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
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
    const span = readSpan(rest)
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
