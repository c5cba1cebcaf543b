/** Finds the places that the path of a FHIRPath Patch selects, and their types. */
import { invalid, type Problem } from '../../base/problem.ts'
import type { Definitions, TypeDefinition } from '../definitions/model.ts'
import { isObject } from '../json/lossless.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { evaluateLocated, type Location, refuseLong } from '../path.ts'

type Refuse = (why: string) => Problem

/** A member of an object, or one element of it when it is a list. */
export type Place = { readonly owner: JsonObject; readonly member: string; readonly index?: number }

/** Functions that walk, select and compare. Others could run for long (`matches`, `repeat`) or leave the resource (`resolve`). */
const functions = new Set(
  'where first last tail skip take single ofType as is exists empty not all count extension startsWith endsWith contains upper lower length hasValue'.split(
    ' ',
  ),
)

/** The engine compares each element of a union with each other one, whatever bound there is on steps. */
const refuseCostlyWords = (path: string): void => {
  const code = path.replace(/'(?:[^'\\]|\\.)*'|`(?:[^`\\]|\\.)*`/g, "''")
  if (code.includes('|'))
    throw invalid('The path of a patch cannot use the union |; select one element by its name.')
  for (const [, name] of code.matchAll(/([A-Za-z_]\w*)\s*\(/g)) {
    if (!functions.has(name!) && !operators.has(name!))
      throw invalid(`The path of a patch cannot use the function ${name}(); select the element by its name.`)
  }
}

/** Words that may stand before a parenthesis and call nothing. */
const operators = new Set('and or xor implies in contains is as div mod'.split(' '))

/** The locations that a path selects, in order. Throws 400 for a path that is not FHIRPath, what `refuse` makes for computed values. */
export const locate = (root: JsonObject, path: string, refuse: Refuse): readonly Location[] => {
  refuseLong(path)
  refuseCostlyWords(path)
  const plain = JSON.parse(JSON.stringify(root)) as JsonObject
  return evaluateLocated(plain, path).map((located) => {
    if (located.path) return located.path
    throw refuse('the path computes a value; it must select elements of the resource.')
  })
}

const stepInto = ({ owner, member, index }: Place): JsonValue | undefined => {
  const own = Object.hasOwn(owner, member) ? owner[member] : undefined
  return index === undefined || !Array.isArray(own) ? own : own[index]
}

/** The object at a place: of a primitive, the companion that holds its id and extensions, made when it is missing. */
const objectIn = (place: Place): JsonObject => {
  const value = stepInto(place)
  if (isObject(value)) return value
  const companion = stepInto({ ...place, member: `_${place.member}` })
  return isObject(companion) ? companion : makeCompanion(place)
}

const makeCompanion = ({ owner, member, index }: Place): JsonObject => {
  const made: JsonObject = {}
  const name = `_${member}`
  if (index === undefined) {
    owner[name] = made
    return made
  }
  const values = owner[member]
  const list = Array.isArray(owner[name]) ? owner[name] : []
  while (list.length < (Array.isArray(values) ? values.length : index + 1)) list.push(null)
  list[index] = made
  owner[name] = list
  return made
}

/** The places on the way to a location, the last one being its own; none for the resource itself. */
export const placesTo = (root: JsonObject, location: Location): readonly Place[] => {
  const places: Place[] = []
  for (const step of location) {
    const last = places.at(-1)
    if (typeof step === 'number') places[places.length - 1] = { ...last!, index: step }
    else places.push({ owner: last ? objectIn(last) : root, member: step })
  }
  return places
}

/** The object at a location, as `objectIn`. */
export const objectAt = (root: JsonObject, location: Location): JsonObject => {
  const place = placesTo(root, location).at(-1)
  return place ? objectIn(place) : root
}

/** The type at a location. */
export const typeAt = (
  definitions: Definitions,
  root: JsonObject,
  location: Location,
  refuse: Refuse,
): TypeDefinition => {
  let type = definitions.types.get(String(root.resourceType))
  for (const place of placesTo(root, location)) {
    const element = type?.elements.get(place.member)
    type = definitions.types.get(element?.type ?? '')
    const value = stepInto(place)
    if (type?.kind === 'resource' && isObject(value)) type = definitions.types.get(String(value.resourceType))
  }
  if (type) return type
  throw refuse('the type of the selected element is unknown.')
}
