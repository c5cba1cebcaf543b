/** Parses JSON so that it can be changed and written back with every number as it was sent (http://hl7.org/fhir/R4/json.html#decimal). */
import { parseCompact } from './read.ts'
import type { JsonObject, JsonValue } from './value.ts'

/** A number that a double would write differently: `1.00`, `1e2`, thirty digits. JSON.stringify gives it back as it was. */
type RawNumber = JsonObject & { readonly rawJSON: string }

type SourceText = { readonly source: string }
type LosslessJson = {
  rawJSON(text: string): RawNumber
  isRawJSON(value: unknown): value is RawNumber
  parse(text: string, reviver: (name: string, value: unknown, context: SourceText) => unknown): unknown
}
const json = JSON as unknown as LosslessJson

/** Also finds digits in strings that look like a number between commas: then only the slow way is taken in vain. */
const numbers = /[:[,]-?\d[\d.eE+-]*(?=[,\]}])/g

const hasOddNumber = (text: string): boolean => {
  numbers.lastIndex = 0
  while (numbers.test(text)) {
    const end = numbers.lastIndex
    const written = text.slice(startOfNumber(text, end), end)
    if (String(Number(written)) !== written) return true
  }
  return false
}

const startOfNumber = (text: string, end: number): number => {
  let at = end - 1
  for (;;) {
    const c = text.charCodeAt(at)
    if (c === 58 || c === 44 || c === 91) return at + 1
    at--
  }
}

const keepNumber = (_name: string, value: unknown, context: SourceText): unknown =>
  typeof value === 'number' && String(value) !== context.source ? json.rawJSON(context.source) : value

/**
 * Like JSON.parse for compact text of an object or array, but JSON.stringify of the result gives the text back. Numbers that a
 * double would change are objects for which `isRawNumber` holds. Throws Problem 400 for malformed text.
 */
export const parseLossless = <Value = JsonObject>(text: string): Value =>
  hasOddNumber(text) ? (json.parse(text, keepNumber) as Value) : parseCompact<Value>(text, text)

/** Whether a value of a lossless tree is a number kept as text; it must not be taken for an object. */
export const isRawNumber = (value: unknown): value is RawNumber => json.isRawJSON(value)

/** Whether a value of a lossless tree is an object of JSON. */
export const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !isRawNumber(value)

const decimal = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,300}))?$/

/** Sign, digits without zeros at either end, power of ten of the last one. Absurd powers are compared as written. */
const decimalOf = (written: string): string => {
  const parts = decimal.exec(written)
  if (!parts) return written
  const [, sign, whole, fraction = '', power = '0'] = parts
  const digits = (whole! + fraction).replace(/^0+/, '')
  if (digits === '') return '0'
  const significant = withoutTrailingZeros(digits)
  return `${sign}${significant}e${BigInt(power) + BigInt(digits.length - significant.length - fraction.length)}`
}

/** Without a regular expression: `0+$` is quadratic on many zeros. */
const withoutTrailingZeros = (digits: string): string => {
  let end = digits.length
  while (digits.charCodeAt(end - 1) === 48) end--
  return digits.slice(0, end)
}

const numberText = (value: JsonValue): string | undefined => {
  if (typeof value === 'number') return String(value)
  return isRawNumber(value) ? value.rawJSON : undefined
}

const sameArray = (a: readonly JsonValue[], b: readonly JsonValue[]): boolean =>
  a.length === b.length && a.every((element, index) => sameJson(element, b[index]!))

const sameObject = (a: JsonObject, b: JsonObject): boolean => {
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every((name) => Object.hasOwn(b, name) && sameJson(a[name]!, b[name]!))
}

/** Equality of lossless trees as RFC 6902 section 4.6 wants it: numbers by exact value, members in any order. */
export const sameJson = (a: JsonValue, b: JsonValue): boolean => {
  const number = numberText(a)
  if (number !== undefined) {
    const other = numberText(b)
    return other !== undefined && (number === other || decimalOf(number) === decimalOf(other))
  }
  if (Array.isArray(a)) return Array.isArray(b) && sameArray(a, b)
  if (isObject(a)) return isObject(b) && sameObject(a, b)
  return a === b
}
