/** Lists of a resource: of primitives, `given` and `_given` go side by side (http://hl7.org/fhir/R4/json.html#primitive). */
import type { JsonObject, JsonValue } from '../json/value.ts'
import type { Built } from './build.ts'

type Lists = { readonly values: JsonValue[]; readonly companions: JsonValue[] }

const arrayOf = (value: JsonValue | undefined): JsonValue[] => (Array.isArray(value) ? value : [])

/** Both lists, filled up with null to one length. */
const listsOf = (object: JsonObject, name: string): Lists => {
  const values = [...arrayOf(object[name])]
  const companions = [...arrayOf(object[`_${name}`])]
  while (values.length < companions.length) values.push(null)
  while (companions.length < values.length) companions.push(null)
  return { values, companions }
}

const store = (object: JsonObject, name: string, { values, companions }: Lists): void => {
  keep(object, name, values)
  keep(object, `_${name}`, companions)
}

/** FHIR has no empty lists: http://hl7.org/fhir/R4/json.html */
const keep = (object: JsonObject, name: string, list: JsonValue[]): void => {
  if (list.every((element) => element === null)) delete object[name]
  else object[name] = list
}

/** How many elements the list has; 0 when there is none. */
export const lengthOf = (object: JsonObject, name: string): number =>
  Math.max(arrayOf(object[name]).length, arrayOf(object[`_${name}`]).length)

export const insertAt = (object: JsonObject, name: string, index: number, built: Built): void => {
  const lists = listsOf(object, name)
  lists.values.splice(index, 0, built.value ?? null)
  lists.companions.splice(index, 0, built.companion ?? null)
  store(object, name, lists)
}

export const append = (object: JsonObject, name: string, built: Built): void =>
  insertAt(object, name, lengthOf(object, name), built)

export const removeAt = (object: JsonObject, name: string, index: number): void => {
  const lists = listsOf(object, name)
  lists.values.splice(index, 1)
  lists.companions.splice(index, 1)
  store(object, name, lists)
}

export const replaceAt = (object: JsonObject, name: string, index: number, built: Built): void => {
  const lists = listsOf(object, name)
  lists.values[index] = built.value ?? null
  lists.companions[index] = built.companion ?? null
  store(object, name, lists)
}

export const moveWithin = (object: JsonObject, name: string, source: number, destination: number): void => {
  const lists = listsOf(object, name)
  for (const list of [lists.values, lists.companions]) list.splice(destination, 0, ...list.splice(source, 1))
  store(object, name, lists)
}
