/** The forms of date, dateTime, instant and time, with days that exist: http://hl7.org/fhir/R4/datatypes.html#date */

const date = String.raw`(?!0000)\d{4}(?:-(?:0[1-9]|1[0-2])(?:-(?:0[1-9]|[12]\d|3[01]))?)?`
const day = String.raw`(?!0000)\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])`
const clock = String.raw`(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?`
const zone = String.raw`(?:Z|[+-](?:(?:0\d|1[0-3]):[0-5]\d|14:00))`

const dateForm = new RegExp(`^${date}$`)
const instantForm = new RegExp(`^${day}T${clock}${zone}$`)
const timeForm = new RegExp(`^${clock}$`)

/** A year, a month or a day. */
export const isDate = (value: string): boolean => dateForm.test(value) && isRealDay(value)

/** A date, or a day with time, seconds and zone. */
export const isDateTime = (value: string): boolean => (value.length > 10 ? isInstant(value) : isDate(value))

export const isInstant = (value: string): boolean => instantForm.test(value) && isRealDay(value)

/** Without zone; `24:00` is not allowed. */
export const isTime = (value: string): boolean => timeForm.test(value)

/** Days up to 28 exist in every month; the text has the right form, or is shorter than a day. */
const isRealDay = (value: string): boolean => {
  if (value.length < 10) return true
  const dayOfMonth = twoDigits(value, 8)
  return dayOfMonth <= 28 || dayOfMonth <= daysIn(Number(value.slice(0, 4)), twoDigits(value, 5))
}

const twoDigits = (value: string, at: number): number =>
  (value.charCodeAt(at) - 48) * 10 + value.charCodeAt(at + 1) - 48

const daysIn = (year: number, month: number): number => {
  if (month === 2) return isLeap(year) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}

const isLeap = (year: number): boolean => (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0
