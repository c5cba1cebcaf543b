/** What a prefix asks of the range of a stored value: http://hl7.org/fhir/R4/search.html#prefix */
import type { Bounds } from './algebra.ts'

export const prefixes = ['eq', 'ne', 'gt', 'ge', 'lt', 'le', 'sa', 'eb', 'ap'] as const
export type Prefix = (typeof prefixes)[number]

/** The prefix of a value, `eq` when there is none, and what follows it. */
export const readPrefix = (value: string): { readonly prefix: Prefix; readonly rest: string } => {
  const prefix = prefixes.find((p) => value.startsWith(p))
  return prefix ? { prefix, rest: value.slice(2) } : { prefix: 'eq', rest: value }
}

/** Whether a range meets the bounds, which include their ends. */
export const isInside = (bounds: Bounds, low: number, high: number): boolean =>
  (bounds.lowMin === undefined || low >= bounds.lowMin) &&
  (bounds.lowMax === undefined || low <= bounds.lowMax) &&
  (bounds.highMin === undefined || high >= bounds.highMin) &&
  (bounds.highMax === undefined || high <= bounds.highMax)

const double = new Float64Array(1)
const bits = new BigInt64Array(double.buffer)

/** The next larger double. */
export const nextUp = (n: number): number => {
  if (!Number.isFinite(n)) return n
  if (n === 0) return Number.MIN_VALUE
  double[0] = n
  bits[0] = bits[0]! + (n > 0 ? 1n : -1n)
  return double[0]!
}

/** The next smaller double. */
export const nextDown = (n: number): number => -nextUp(-n)
