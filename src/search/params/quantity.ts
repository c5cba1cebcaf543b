/** Quantity parameters: number, unit and system; UCUM units compare after conversion. http://hl7.org/fhir/R4/search.html#quantity */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import { inBase, readUnit } from '../../fhir/ucum.ts'
import type { Condition, QuantityRow, QuantityTest } from '../algebra.ts'
import { isInside, nextDown, nextUp, type Prefix, readPrefix } from '../bounds.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'
import { notANumber, numberBounds, type Precise, readPrecise } from './number.ts'

const ucum = 'http://unitsofmeasure.org'
const currencies = 'urn:iso:std:iso:4217'

type Members = { readonly [member: string]: JsonValue | undefined }
type Rows = { readonly quantities: QuantityRow[] }
/** A code with and without its system. */
export type Code = { readonly code: string; readonly coded: string }

const isObject = (value: JsonValue | undefined): value is Members & JsonValue =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const textOf = (value: JsonValue | undefined): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined

const ends = (value: number, comparator: JsonValue | undefined): readonly [number, number] => {
  if (comparator === '<') return [Number.NEGATIVE_INFINITY, nextDown(value)]
  if (comparator === '<=') return [Number.NEGATIVE_INFINITY, value]
  if (comparator === '>') return [nextUp(value), Number.POSITIVE_INFINITY]
  if (comparator === '>=') return [value, Number.POSITIVE_INFINITY]
  return [value, value]
}

type Units = Pick<QuantityRow, 'system' | 'unit' | 'name' | 'canonical'>

const unitsOf = (unit: Members, low: number, high: number): Units => {
  const system = textOf(unit.system)
  const code = textOf(unit.code)
  const name = textOf(unit.unit)
  const base = system === ucum && code !== undefined ? readUnit(code) : undefined
  return {
    ...(base ? { canonical: { low: inBase(base, low), high: inBase(base, high) } } : {}),
    ...(base ? { system: `ucum|${base.dimension}` } : system && code ? { system: `${system}|${code}` } : {}),
    ...(code === undefined ? {} : { unit: code }),
    ...(name === undefined || name === code ? {} : { name }),
  }
}

const push = (
  rows: Rows,
  parameter: string,
  [low, high]: readonly [number, number],
  unit: Members,
  codes: readonly Code[],
): void => {
  const units = unitsOf(unit, low, high)
  if (codes.length === 0) rows.quantities.push({ parameter, low, high, ...units })
  for (const { code, coded } of codes) rows.quantities.push({ parameter, low, high, code, coded, ...units })
}

const none: readonly Code[] = []

/** The row of a Quantity, Age, Duration and the like, once for each code that it belongs to. */
export const quantity = (rows: Rows, parameter: string, value: Members, codes = none): void => {
  if (typeof value.value === 'number')
    push(rows, parameter, ends(value.value, value.comparator), value, codes)
}

/** The row of Money; its currency is a code of ISO 4217. */
export const money = (rows: Rows, parameter: string, value: Members, codes = none): void => {
  if (typeof value.value !== 'number') return
  const unit = value.currency === undefined ? {} : { system: currencies, code: value.currency }
  push(rows, parameter, [value.value, value.value], unit, codes)
}

/** The row of a Range, open where it has no end. */
export const range = (rows: Rows, parameter: string, value: Members, codes = none): void => {
  const low = isObject(value.low) ? value.low : undefined
  const high = isObject(value.high) ? value.high : undefined
  const from = typeof low?.value === 'number' ? low.value : Number.NEGATIVE_INFINITY
  const to = typeof high?.value === 'number' ? high.value : Number.POSITIVE_INFINITY
  if (from === Number.NEGATIVE_INFINITY && to === Number.POSITIVE_INFINITY) return
  push(rows, parameter, [from, to], low ?? high ?? {}, codes)
}

/** The row of SampledData: from its least to its greatest sample. */
export const samples = (rows: Rows, parameter: string, value: Members, codes = none): void => {
  const { origin, factor = 1, data } = value
  if (!isObject(origin) || typeof origin.value !== 'number' || typeof factor !== 'number') return
  if (typeof data !== 'string') return
  const zero = origin.value
  let [from, to] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]
  for (const word of data.split(/\s+/)) {
    const sample = Number(word) * factor + zero
    if (word === '' || Number.isNaN(sample)) continue
    from = Math.min(from, sample)
    to = Math.max(to, sample)
  }
  if (from <= to) push(rows, parameter, [from, to], origin, codes)
}

/** Which of the functions above writes the rows of an element of a type. */
export const quantityWriters: Readonly<Record<string, string>> = {
  Quantity: 'quantity',
  SimpleQuantity: 'quantity',
  Age: 'quantity',
  Count: 'quantity',
  Distance: 'quantity',
  Duration: 'quantity',
  MoneyQuantity: 'quantity',
  Money: 'money',
  Range: 'range',
  SampledData: 'samples',
}

const advice = (code: string): Issue =>
  issue(
    'value',
    `The parameter "${code}" takes [number], [number]|[system]|[code] or [number]||[code].`,
    `http.${code}`,
  )

const inUnit = (prefix: Prefix, number: Precise, unit: readonly string[]): readonly QuantityTest[] => {
  const raw = (more: Partial<QuantityTest>): readonly QuantityTest[] =>
    numberBounds(prefix, number).map((bounds) => ({ bounds, ...more }))
  const [system = '', code = ''] = unit
  if (unit.length === 0) return raw({})
  if (system === '') return raw({ unit: code })
  const base = system === ucum ? readUnit(code) : undefined
  if (!base) return raw({ system: `${system}|${code}` })
  const converted = {
    value: inBase(base, number.value),
    from: inBase(base, number.from),
    to: inBase(base, number.to),
  }
  return numberBounds(prefix, converted).map((bounds) => ({
    bounds,
    canonical: true,
    system: `ucum|${base.dimension}`,
  }))
}

/** The tests of one value, which is still escaped. */
export const readQuantity = (
  code: string,
  raw: string,
): { readonly tests: readonly QuantityTest[] } | { readonly issue: Issue } => {
  const [first = '', ...unit] = splitUnescaped(raw, '|').map(unescapeValue)
  if (unit.length !== 0 && (unit.length !== 2 || unit[1] === '')) return { issue: advice(code) }
  const { prefix, rest } = readPrefix(first)
  const number = readPrecise(rest)
  return number ? { tests: inUnit(prefix, number, unit) } : { issue: notANumber(code) }
}

/** The condition of one quantity parameter; values of any of `parameters` meet it. */
export const restrictQuantity = (
  code: string,
  parameters: readonly string[],
  values: readonly string[],
): { readonly condition: Condition } | { readonly issue: Issue } => {
  const any: QuantityTest[] = []
  for (const raw of values) {
    const found = readQuantity(code, raw)
    if ('issue' in found) return found
    any.push(...found.tests)
  }
  return { condition: Object.freeze({ kind: 'quantities', parameters, any }) }
}

/** Whether a row passes a test: the same answer as the database's. */
export const passesQuantity = (test: QuantityTest, row: QuantityRow): boolean => {
  const { low, high } = test.canonical ? (row.canonical ?? { low: Number.NaN, high: Number.NaN }) : row
  return (
    isInside(test.bounds, low, high) &&
    (test.canonical !== true || row.canonical !== undefined) &&
    (test.system === undefined || row.system === test.system) &&
    (test.unit === undefined || row.unit === test.unit || row.name === test.unit) &&
    (test.code === undefined || row.code === test.code) &&
    (test.coded === undefined || row.coded === test.coded)
  )
}
