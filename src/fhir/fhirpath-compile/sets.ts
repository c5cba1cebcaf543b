/** Collections taken as sets, by equality: http://hl7.org/fhirpath/N1/#combining */
import type { Env } from './code.ts'
import { isEqual } from './equality.ts'
import type { Item, Items } from './item.ts'
import { isTemporal } from './temporal.ts'

/** Texts, numbers and booleans are found by their value; what is equal in other ways must be compared. */
const keyOf = (item: Item): unknown =>
  typeof item.value === 'object' || item.value === undefined || isTemporal(item.type.name)
    ? undefined
    : item.value

/** Whether an equal item is there. */
export const isIn = (item: Item, items: Items): boolean =>
  items.some((other) => isEqual(item, other) === true)

/** Without those that are equal to an earlier one. */
export const distinct = (items: Items, env: Env): Items => {
  if (items.length < 2) return items
  const keys = new Set<unknown>()
  const compared: Item[] = []
  return items.filter((item) => {
    const key = keyOf(item)
    if (key !== undefined) return keys.size < keys.add(key).size
    env.spend(compared.length)
    if (isIn(item, compared)) return false
    compared.push(item)
    return true
  })
}
