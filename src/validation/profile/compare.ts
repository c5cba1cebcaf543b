/** Order of values of the same type, as minValue and maxValue need it: http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.minValue_x_ */
import { isPlain } from './values.ts'

/** -1, 0 or 1; undefined when they cannot be compared (other units, dates of other precision that overlap). */
export const compareValues = (a: unknown, b: unknown): -1 | 0 | 1 | undefined => {
  if (typeof a === 'number' && typeof b === 'number') return order(a, b)
  if (typeof a === 'string' && typeof b === 'string') return compareTimes(a, b)
  if (!isPlain(a) || !isPlain(b)) return undefined
  const sameUnit =
    (a.code ?? a.unit) === (b.code ?? b.unit) && (b.system === undefined || a.system === b.system)
  return sameUnit && typeof a.value === 'number' && typeof b.value === 'number'
    ? order(a.value, b.value)
    : undefined
}

const order = (a: number | string, b: number | string): -1 | 0 | 1 => (a < b ? -1 : a > b ? 1 : 0)

/** A day within a year is neither before nor after it. */
const compareTimes = (a: string, b: string): -1 | 0 | 1 | undefined => {
  if (a.length > 10 && b.length > 10) return order(Date.parse(a), Date.parse(b))
  const length = Math.min(a.length, b.length)
  const result = order(a.slice(0, length), b.slice(0, length))
  return result === 0 && a.length !== b.length ? undefined : result
}
