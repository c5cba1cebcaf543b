/** Number parameters: the range that a number of some precision means. http://hl7.org/fhir/R4/search.html#number */

import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import type { Bounds, Condition, QuantityRow } from '../algebra.ts'
import { nextDown, nextUp, type Prefix, prefixes, readPrefix } from '../bounds.ts'
import { isThere } from '../distinct.ts'
import { unescapeValue } from '../values.ts'

/** A number as it was written: its value, and the range `from <= n < to` that its digits mean. */
export type Precise = { readonly value: number; readonly from: number; readonly to: number }

const form = /^([+-]?)(\d{1,400})(?:\.(\d{1,400}))?(?:[eE]([+-]?\d{1,3}))?$/

/**
 * Reads a decimal. `5.4` means 5.35 to 5.45. A whole number with an exponent counts as having one digit more, as the
 * specification's `1e2` means 95 to 105: CLARIFICATIONS.
 */
export const readPrecise = (text: string): Precise | undefined => {
  const match = form.exec(text)
  if (!match) return undefined
  const [, sign = '', whole = '', part = '', exponent] = match
  const extra = exponent !== undefined && part === '' ? '0' : ''
  const units = BigInt(`${whole}${part}${extra}`) * (sign === '-' ? -1n : 1n)
  const scale = Number(exponent ?? 0) - part.length - extra.length
  const at = (halves: bigint): number => Number(`${units * 10n + halves}e${scale - 1}`)
  const value = at(0n)
  return Number.isFinite(value) ? { value, from: at(-5n), to: at(5n) } : undefined
}

/** What is asked of a stored range under each prefix. Only `eq`, `ne` and `ap` look at the precision. */
export const numberBounds = (prefix: Prefix, { value, from, to }: Precise): readonly Bounds[] => {
  switch (prefix) {
    case 'eq':
      return [{ lowMin: from, highMax: nextDown(to) }]
    case 'ne':
      return [{ lowMax: nextDown(from) }, { highMin: to }]
    case 'gt':
      return [{ highMin: nextUp(value) }]
    case 'ge':
      return [{ highMin: value }]
    case 'lt':
      return [{ lowMax: nextDown(value) }]
    case 'le':
      return [{ lowMax: value }]
    case 'sa':
      return [{ lowMin: nextUp(value) }]
    case 'eb':
      return [{ highMax: nextDown(value) }]
    case 'ap': {
      const margin = Math.abs(value) / 10
      return [{ lowMax: Math.max(value + margin, nextDown(to)), highMin: Math.min(value - margin, from) }]
    }
  }
}

/** The row of a decimal or integer. */
export const amount = (
  rows: { readonly quantities: QuantityRow[] },
  parameter: string,
  value: JsonValue | undefined,
): void => {
  if (typeof value !== 'number' || !Number.isFinite(value)) return
  if (
    isThere(rows.quantities, (row) => row.parameter === parameter && row.low === value && row.high === value)
  )
    return
  rows.quantities.push({ parameter, low: value, high: value })
}

/** Which function writes the rows of an element of a type. */
export const numberWriters: Readonly<Record<string, string>> = {
  decimal: 'amount',
  integer: 'amount',
  positiveInt: 'amount',
  unsignedInt: 'amount',
  Range: 'range',
}

/** Why a value is no number. */
export const notANumber = (code: string): Issue =>
  issue(
    'value',
    `The parameter "${code}" needs a number such as 5, 5.40 or 1.2e-3, after one of ${prefixes.join(', ')} or none.`,
    `http.${code}`,
  )

/** The condition of one number parameter. */
export const restrictNumber = (
  code: string,
  parameter: string,
  values: readonly string[],
): { readonly condition: Condition } | { readonly issue: Issue } => {
  const any: { bounds: Bounds }[] = []
  for (const raw of values) {
    const { prefix, rest } = readPrefix(unescapeValue(raw))
    const number = readPrecise(rest)
    if (!number) return { issue: notANumber(code) }
    any.push(...numberBounds(prefix, number).map((bounds) => ({ bounds })))
  }
  return { condition: Object.freeze({ kind: 'quantities', parameters: [parameter], any }) }
}
