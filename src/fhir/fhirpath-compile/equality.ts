/** Equality, equivalence and order of items: http://hl7.org/fhirpath/N1/#equality */
import { Beyond, Failure } from './failure.ts'
import type { Item, Items } from './item.ts'
import { compareTemporals, isTemporal, readTemporal } from './temporal.ts'

/** True, false, or undefined for the empty collection. */
export type Truth = boolean | undefined

/** `=`: in order, item by item. */
export const areEqual = (a: Items, b: Items): Truth => {
  if (a.length === 0 || b.length === 0) return undefined
  if (a.length !== b.length) return false
  let all: Truth = true
  for (let i = 0; i < a.length; i++) {
    const one = isEqual(a[i] as Item, b[i] as Item)
    if (one === false) return false
    if (one === undefined) all = undefined
  }
  return all
}

/** Undefined for dates of different precision. */
export const isEqual = (a: Item, b: Item): Truth => {
  if (isTemporal(a.type.name) && isTemporal(b.type.name)) return compareMoments(a, b)
  if (isTemporal(a.type.name) !== isTemporal(b.type.name)) return false
  if (isQuantity(a) && isQuantity(b)) return equalQuantities(a, b)
  return a.type.isPrimitive && b.type.isPrimitive && a.value === undefined && b.value === undefined
    ? isSame(a.extra, b.extra)
    : isSame(a.value, b.value)
}

const isClock = (item: Item): boolean => item.type.name === 'time' || item.type.name === 'Time'

const compareMoments = (a: Item, b: Item): Truth => {
  if (isClock(a) !== isClock(b)) return false
  const order = momentOrder(a, b)
  return order === undefined ? undefined : order === 0
}

const momentOrder = (a: Item, b: Item): number | undefined => {
  const [first, second] = [readTemporal(a.type.name, a.value), readTemporal(b.type.name, b.value)]
  return first && second ? compareTemporals(first, second) : undefined
}

/** JSON values, objects by their members in any order. */
const isSame = (a: unknown, b: unknown): boolean => {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isSame(item, b[i]))
  const names = Object.keys(a)
  if (names.length !== Object.keys(b).length) return false
  return names.every(
    (name) =>
      Object.hasOwn(b, name) &&
      isSame((a as Record<string, unknown>)[name], (b as Record<string, unknown>)[name]),
  )
}

/** `~`: in any order; texts without regard to case and spaces, dates of different precision are different. */
export const areEquivalent = (a: Items, b: Items): boolean => {
  if (a.length !== b.length) return false
  const left = [...b]
  return a.every((item) => {
    const at = left.findIndex((other) => isEquivalent(item, other))
    if (at >= 0) left.splice(at, 1)
    return at >= 0
  })
}

const isEquivalent = (a: Item, b: Item): boolean => {
  if (typeof a.value === 'number' && typeof b.value === 'number') return nearlyEqual(a.value, b.value)
  if (typeof a.value === 'string' && typeof b.value === 'string' && !isTemporal(a.type.name))
    return !isTemporal(b.type.name) && folded(a.value) === folded(b.value)
  if (!a.type.isPrimitive || !b.type.isPrimitive)
    throw new Beyond('the equivalence of anything but primitives')
  return isEqual(a, b) === true
}

const folded = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase()

/** Compared at the precision of the less precise one. */
const nearlyEqual = (a: number, b: number): boolean => {
  const digits = Math.min(decimals(a), decimals(b))
  return a.toFixed(digits) === b.toFixed(digits)
}

const decimals = (value: number): number => {
  const text = String(value)
  if (text.includes('e')) throw new Beyond('the equivalence of very small or large numbers')
  const point = text.indexOf('.')
  return point < 0 ? 0 : text.length - point - 1
}

type Amount = { readonly value: number; readonly unit: string }

const isQuantity = (item: Item): boolean => {
  for (let type: Item['type'] | undefined = item.type; type; type = type.base)
    if (type.name === 'Quantity') return true
  return false
}

/** The unit of UCUM is quoted, as in literals. */
const amountOf = (item: Item): Amount | undefined => {
  const { value, unit, code, system } = item.value as Record<string, unknown>
  if (typeof value !== 'number') return undefined
  if (item.type.namespace === 'System') return { value, unit: unit as string }
  if (system === 'http://unitsofmeasure.org' && typeof code === 'string') return { value, unit: `'${code}'` }
  return { value, unit: `${system ?? ''}|${code ?? unit ?? ''}` }
}

const equalQuantities = (a: Item, b: Item): Truth => {
  const order = amountOrder(a, b)
  return order === undefined ? undefined : order === 0
}

const amountOrder = (a: Item, b: Item): number | undefined => {
  const [first, second] = [amountOf(a), amountOf(b)]
  if (!first || !second) return undefined
  if (first.unit !== second.unit) throw new Beyond('quantities of different units')
  return first.value - second.value
}

/** Below, at or above zero; undefined when it cannot be told. Throws Failure for what has no order. */
export const orderOf = (a: Item, b: Item): number | undefined => {
  if (isTemporal(a.type.name) && isTemporal(b.type.name)) return momentOrder(a, b)
  if (isQuantity(a) && isQuantity(b)) return amountOrder(a, b)
  const [first, second] = [a.value, b.value]
  if (typeof first === 'number' && typeof second === 'number') return first - second
  if (typeof first === 'string' && typeof second === 'string') {
    if (isTemporal(a.type.name) || isTemporal(b.type.name)) throw new Beyond('a date against a text')
    return first < second ? -1 : Number(first > second)
  }
  if (first === undefined || second === undefined) return undefined
  throw new Failure(`${a.type.name} and ${b.type.name} have no order`)
}
