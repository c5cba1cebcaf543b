/** A FHIR date, dateTime or instant as the interval of time that it covers: http://hl7.org/fhir/R4/datatypes.html#dateTime */

/** Milliseconds since 1970, `from <= t < to`. */
export type DateInterval = { readonly from: number; readonly to: number }

const form =
  /^(\d{4})(?:-(\d{2})(?:-(\d{2})(?:T(\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?(Z|[+-]\d{2}:\d{2})?)?)?)?$/

const offsetOf = (zone: string | undefined): number => {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

/** Undefined for text that is no date. Without a time zone UTC is meant. A space in place of `+` is understood. */
export const dateInterval = (text: string): DateInterval | undefined => {
  const match = form.exec(text.replace(/ (?=\d{2}:\d{2}$)/, '+'))
  if (!match) return undefined
  const [, year, month, day, hour, minute, second, fraction, zone] = match
  const at = (y: number, mo: number, d: number, h = 0, mi = 0, s = 0, ms = 0): number => {
    const date = new Date(Date.UTC(2000, mo, d, h, mi, s, ms))
    date.setUTCFullYear(y, mo, d)
    return date.getTime()
  }
  const [y, mo, d] = [Number(year), Number(month ?? 1) - 1, Number(day ?? 1)]
  if (mo > 11 || mo < 0 || d < 1 || new Date(Date.UTC(y, mo, d)).getUTCMonth() !== mo) return undefined
  if (month === undefined) return { from: at(y, 0, 1), to: at(y + 1, 0, 1) }
  if (day === undefined) return { from: at(y, mo, 1), to: at(mo === 11 ? y + 1 : y, (mo + 1) % 12, 1) }
  if (hour === undefined) return { from: at(y, mo, d), to: at(y, mo, d) + 86_400_000 }
  const [h, mi, s] = [Number(hour), Number(minute), Number(second ?? 0)]
  if (h > 23 || mi > 59 || s > 59) return undefined
  const milliseconds = Number((fraction ?? '').slice(0, 3).padEnd(3, '0'))
  const from = at(y, mo, d, h, mi, s, milliseconds) - offsetOf(zone)
  const width =
    second === undefined ? 60_000 : fraction === undefined ? 1000 : 10 ** Math.max(0, 3 - fraction.length)
  return { from, to: from + width }
}
