/** A date, dateTime or instant as the time that it covers, for searches and history: http://hl7.org/fhir/R4/datatypes.html#dateTime */

/** Milliseconds since 1970, `from <= t < to`; empty for what is finer than a millisecond. */
export type DateInterval = { readonly from: number; readonly to: number }

// A `+` that was not encoded in a query string arrives as a space. Below nanoseconds nothing is told apart.
const form =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(?:\.(\d{1,9})\d*)?)?(Z|[+\- ]\d\d:\d\d)?)?)?)?$/

/** Date.UTC takes the years 0 to 99 for 1900 to 1999. */
const utc = (year: number, month: number, day: number): number => {
  if (year > 99) return Date.UTC(year, month, day)
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}

const daysIn = (year: number, month: number): number => {
  if (month !== 2) return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
  return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
}

const offsetOf = (zone: string | undefined): number | undefined => {
  if (zone === undefined || zone === 'Z') return 0
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(4))]
  if (hours > 14 || minutes > 59) return undefined
  return (zone[0] === '-' ? -1 : 1) * (hours * 60 + minutes) * 60_000
}

/** The first millisecond of a date and the first after it; undefined for what is no date. Without a zone UTC is meant: CLARIFICATIONS 7. */
export const dateInterval = (text: string): DateInterval | undefined => {
  const match = form.exec(text)
  if (!match) return undefined
  const [, year = '', month, day, hour, minute, second, fraction, zone] = match
  const [y, mo, d] = [Number(year), Number(month ?? 1), Number(day ?? 1)]
  const [h, mi, s] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)]
  if (y === 0 || mo < 1 || mo > 12 || d < 1 || d > daysIn(y, mo) || h > 23 || mi > 59 || s > 60)
    return undefined
  const start = utc(y, mo - 1, d)
  const offset = offsetOf(zone)
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
