/** Dates and times of FHIRPath, compared as far as both are precise: http://hl7.org/fhirpath/N1/#datetime-equality */

/**
 * Components from the year down, or from the hour down for a time. Seconds carry their fraction. What has a zone is in
 * UTC; `isLocal` is what has a time of the day and no zone.
 */
export type Temporal = {
  readonly isTime: boolean
  readonly isLocal: boolean
  readonly parts: readonly number[]
}

const dateForm =
  /^(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?:T(?:(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?(Z|[+-]\d\d:\d\d)?)?)?$/
const timeForm = /^T?(\d\d)(?::(\d\d)(?::(\d\d(?:\.\d+)?))?)?$/

const dates = new Set(['date', 'dateTime', 'instant', 'Date', 'DateTime'])

/** By the name of the type; a text that is no date or time gives undefined. */
export const readTemporal = (typeName: string, text: unknown): Temporal | undefined => {
  if (typeof text !== 'string') return undefined
  if (dates.has(typeName)) return readDate(text)
  if (typeName !== 'time' && typeName !== 'Time') return undefined
  const match = timeForm.exec(text)
  return match ? { isTime: true, isLocal: true, parts: numbers(match.slice(1)) } : undefined
}

/** Whether values of the type are dates or times. */
export const isTemporal = (typeName: string): boolean =>
  dates.has(typeName) || typeName === 'time' || typeName === 'Time'

const numbers = (texts: readonly (string | undefined)[]): readonly number[] =>
  texts.filter((text) => text !== undefined).map(Number)

const readDate = (text: string): Temporal | undefined => {
  const match = dateForm.exec(text)
  if (!match) return undefined
  const parts = numbers(match.slice(1, 7))
  const zone = match[7]
  const hasClock = parts.length > 3
  const moved = hasClock && zone !== undefined && zone !== 'Z' ? toUtc(parts, zone) : parts
  return { isTime: false, isLocal: hasClock && zone === undefined, parts: moved }
}

const toUtc = (parts: readonly number[], zone: string): readonly number[] => {
  const [year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0] = parts
  const sign = zone[0] === '-' ? -1 : 1
  const offset = sign * (Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4)))
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute - offset)
  const moved = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    second,
  ]
  return moved.slice(0, parts.length)
}

/** Below, at or above zero; undefined when one says less than is needed to tell, or one is a date and one a time. */
export const compareTemporals = (a: Temporal, b: Temporal): number | undefined => {
  if (a.isTime !== b.isTime) return undefined
  const bothClocks = a.parts.length > 3 && b.parts.length > 3
  if (bothClocks && a.isLocal !== b.isLocal) return undefined
  const shared = Math.min(a.parts.length, b.parts.length)
  for (let i = 0; i < shared; i++) {
    const difference = (a.parts[i] as number) - (b.parts[i] as number)
    if (difference !== 0) return difference
  }
  return a.parts.length === b.parts.length ? 0 : undefined
}
