/** FHIRPath Patch (http://hl7.org/fhir/R4/fhirpatch.html): add, insert, delete, replace and move, told by Parameters. */
import { tooCostly, unprocessable } from '../../base/problem.ts'
import type { Definitions } from '../definitions/model.ts'
import { isObject } from '../json/lossless.ts'
import type { JsonObject } from '../json/value.ts'
import type { Location } from '../path.ts'
import { build, elementFor, put, type Refuse, setBuilt } from './build.ts'
import { copyTree } from './copy.ts'
import { insertAt, lengthOf, moveWithin, removeAt, replaceAt } from './list.ts'
import { type PathOperation, readPatchParameters } from './parameters.ts'
import { locate, objectAt, type Place, placesTo, typeAt } from './place.ts'

/**
 * Gives the changed tree; the given one, a lossless one, stays as it is. Throws Problem 400 for Parameters that are no
 * FHIRPath Patch, 422 with the operation's index for one that cannot be applied.
 */
export const applyFhirPathPatch = (
  definitions: Definitions,
  resource: JsonObject,
  patch: string,
): JsonObject => {
  const root = copyTree(resource) as JsonObject
  const operations = readPatchParameters(patch)
  refuseCostly(root, operations)
  operations.forEach((operation, index) => {
    const refuse: Refuse = (why) =>
      unprocessable(
        `Operation ${index} (${operation.type} ${operation.path}) cannot be applied: ${why}`,
        `Parameters.parameter[${index}]`,
      )
    appliers[operation.type]({ definitions, root, refuse }, operation as never)
  })
  return root
}

/** Each operation looks at the whole resource anew: characters of the resource times operations. */
const mostWork = 50_000_000

/** Characters of all paths: understanding one may take a third of a millisecond a character. */
const mostPath = 10_000

const refuseCostly = (root: JsonObject, operations: readonly PathOperation[]): void => {
  const { length } = operations
  if (length > 1 && JSON.stringify(root).length * length > mostWork)
    throw tooCostly('The resource is too large for so many operations; send them in several patches.')
  if (operations.reduce((sum, { path }) => sum + path.length, 0) > mostPath)
    throw tooCostly(`The paths of a patch may have ${mostPath} characters together; send it in parts.`)
}

type At = { readonly definitions: Definitions; readonly root: JsonObject; readonly refuse: Refuse }
type Operation<Type extends PathOperation['type']> = Extract<PathOperation, { type: Type }>

const locateOne = ({ root, refuse }: At, path: string): Location | undefined => {
  const [location, ...more] = locate(root, path, refuse)
  if (more.length > 0) throw refuse(`the path selects ${more.length + 1} elements; it must select one.`)
  return location
}

const mustLocateOne = (at: At, path: string): Location => {
  const location = locateOne(at, path)
  if (location) return location
  throw at.refuse(`"${path}" selects nothing in the resource.`)
}

const add = (at: At, { path, name, value }: Operation<'add'>): void => {
  const location = mustLocateOne(at, path)
  const type = typeAt(at.definitions, at.root, location, at.refuse)
  const element = elementFor(type, name, value, at.refuse)
  const built = build(at.definitions, element, value, at.refuse)
  put(type, objectAt(at.root, location), element, built, at.refuse)
}

/** A list: the object that has it, where that stands, and the list's name. */
type List = { readonly owner: JsonObject; readonly location: Location; readonly name: string }

/** A list that has no elements yet is told by the path of its owner and its name. */
const emptyList = (at: At, path: string): List => {
  const parts = /^(.*)\.([A-Za-z]\w*)$/s.exec(path.trim())
  if (!parts) throw at.refuse('the path selects nothing in the resource.')
  const location = mustLocateOne(at, parts[1]!)
  return { owner: objectAt(at.root, location), location, name: parts[2]! }
}

const locateList = (at: At, path: string): List => {
  const locations = locate(at.root, path, at.refuse)
  const [first] = locations
  if (!first) return emptyList(at, path)
  if (typeof first.at(-1) !== 'number') throw at.refuse('the path must select a list.')
  const list = JSON.stringify(first.slice(0, -1))
  const { owner, member } = placesTo(at.root, first).at(-1)!
  const whole = locations.every((location) => JSON.stringify(location.slice(0, -1)) === list)
  if (!whole || locations.length !== lengthOf(owner, member))
    throw at.refuse('the path must select all elements of one list, as indexes count in the whole list.')
  return { owner, location: first.slice(0, -2), name: member }
}

const insert = (at: At, { path, index, value }: Operation<'insert'>): void => {
  const { owner, location, name } = locateList(at, path)
  const element = elementFor(typeAt(at.definitions, at.root, location, at.refuse), name, value, at.refuse)
  if (!element.array) throw at.refuse(`${element.path} is not a list; use add.`)
  const length = lengthOf(owner, name)
  if (index > length)
    throw at.refuse(`index ${index} is beyond the end of the list, which has ${length} elements.`)
  insertAt(owner, name, index, build(at.definitions, element, value, at.refuse))
}

const move = (at: At, { path, source, destination }: Operation<'move'>): void => {
  const { owner, name } = locateList(at, path)
  const length = lengthOf(owner, name)
  for (const index of [source, destination]) {
    if (index >= length)
      throw at.refuse(`index ${index} is beyond the end of the list, which has ${length} elements.`)
  }
  moveWithin(owner, name, source, destination)
}

const replace = (at: At, { path, value }: Operation<'replace'>): void => {
  const location = mustLocateOne(at, path)
  const place = placesTo(at.root, location).at(-1)
  if (!place) throw at.refuse('the resource itself cannot be replaced; update it instead.')
  const type = typeAt(at.definitions, at.root, locationOfOwner(location), at.refuse)
  const choice = type.choices.find((one) => one.members.includes(place.member))
  const element = elementFor(type, choice?.name ?? place.member, value, at.refuse)
  const built = build(at.definitions, element, value, at.refuse)
  if (place.index !== undefined) {
    replaceAt(place.owner, place.member, place.index, built)
    return
  }
  if (element.name !== place.member) setBuilt(place.owner, place.member, {})
  setBuilt(place.owner, element.name, built)
}

const locationOfOwner = (location: Location): Location =>
  location.slice(0, typeof location.at(-1) === 'number' ? -2 : -1)

const remove = (at: At, { path }: Operation<'delete'>): void => {
  const location = locateOne(at, path)
  if (!location) return
  if (location.length === 0) throw at.refuse('the resource itself cannot be deleted by a patch; use DELETE.')
  removePlaces(placesTo(at.root, location))
}

/** Removes the last place, then what is left empty above it: FHIR has no empty objects and lists. */
const removePlaces = (places: readonly Place[]): void => {
  const place = places.at(-1)
  if (!place) return
  if (place.index === undefined) setBuilt(place.owner, place.member, {})
  else removeAt(place.owner, place.member, place.index)
  if (Object.keys(place.owner).length > 0) return
  const above = places.at(-2)
  if (above) removeEmpty(above, places.slice(0, -1))
}

/** An object that became empty: a primitive's companion goes alone, its value stays. */
const removeEmpty = (place: Place, places: readonly Place[]): void => {
  const { owner, member, index } = place
  const values = owner[member]
  const value = index !== undefined && Array.isArray(values) ? values[index] : values
  if (value === undefined || value === null || isObject(value)) removePlaces(places)
  else if (index === undefined) delete owner[`_${member}`]
  else replaceAt(owner, member, index, { value })
}

const appliers = { add, insert, delete: remove, replace, move } as const
