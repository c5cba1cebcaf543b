/** Wall-clock time of the hospital, which stands in one time zone without summer time: http://hl7.org/fhir/R4/datatypes.html#dateTime */

/** All times in the generator are milliseconds of the hospital's wall clock, as if it were UTC. */
export type Time = number

export const minute = 60_000
export const hour = 60 * minute
export const day = 24 * hour
export const year = 365.25 * day

const offset = '-05:00'

/** `2026-11-02` */
export const toDate = (at: Time): string => new Date(at).toISOString().slice(0, 10)

/** `2026-11-02T08:15:00-05:00` */
export const toDateTime = (at: Time): string => new Date(at).toISOString().slice(0, 19) + offset

/** Whether the text is a day of the calendar, as `2026-11-02`. */
export const isDate = (text: string): boolean => {
  const at = Date.parse(text)
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(at) && toDate(at) === text
}

/** The wall-clock time of a day such as `2026-11-02` at midnight. */
export const parseDate = (text: string): Time => Date.parse(text)

/** The same day at a time of day. */
export const atHour = (at: Time, hours: number): Time =>
  Math.floor(at / day) * day + Math.round(hours * 60) * minute

/** The day itself, or the Monday after a weekend. */
export const workingDay = (at: Time): Time => {
  const weekday = new Date(at).getUTCDay()
  if (weekday === 6) return at + 2 * day
  return weekday === 0 ? at + day : at
}

/** `2019-07-03` → whole years at `at`. */
export const ageAt = (birth: Time, at: Time): number => Math.floor((at - birth) / year)
