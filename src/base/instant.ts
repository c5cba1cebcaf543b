/** http://hl7.org/fhir/R4/datatypes.html#instant as the server writes it: UTC with milliseconds. */

let lastAt = Number.NaN
let lastText = ''

/** One request writes its time several times. `ms` since 1970. */
export const instant = (ms: number): string => {
  if (ms === lastAt) return lastText
  const text = isoOf(ms)
  lastAt = ms
  lastText = text
  return text
}

const dayLength = 86_400_000
/** Those of the years 0 to 9999; others are written with a sign. */
const firstDay = -719_528
const lastDay = 2_932_896
/** The beginnings of the texts of days, `2026-01-02T`. */
const days = new Map<number, string>()
const mostDays = 4096

const padded = (length: number, count: number): readonly string[] =>
  Array.from({ length: count }, (_, n) => String(n).padStart(length, '0'))
const two = padded(2, 60)
const three = padded(3, 1000)

const dayText = (day: number): string => {
  const known = days.get(day)
  if (known !== undefined) return known
  if (days.size >= mostDays) days.clear()
  const text = new Date(day * dayLength).toISOString().slice(0, 11)
  days.set(day, text)
  return text
}

/** What `toISOString()` of the date with this time says, without making it. */
export const isoOf = (ms: number): string => {
  const day = Math.floor(ms / dayLength)
  if (day < firstDay || day > lastDay) return new Date(ms).toISOString()
  const rest = ms - day * dayLength
  if (!Number.isInteger(rest)) return new Date(ms).toISOString()
  const seconds = Math.floor(rest / 1000)
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(minutes / 60)
  return `${dayText(day)}${two[hours]}:${two[minutes - hours * 60]}:${two[seconds - minutes * 60]}.${three[rest - seconds * 1000]}Z`
}
