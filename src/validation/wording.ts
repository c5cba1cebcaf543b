/** How the structure check names places and members in its sentences. */
import { nearest } from '../base/nearest.ts'
import type { ElementDefinition, TypeDefinition } from '../fhir/definitions/model.ts'
import type { JsonValue } from '../fhir/json/value.ts'

/** The path of an element; FHIRPath names a choice without its type: `Observation.value`. */
export const below = (path: string, element: ElementDefinition): string => {
  const name = element.path.slice(element.path.lastIndexOf('.') + 1)
  return `${path}.${name.endsWith('[x]') ? name.slice(0, -3) : name}`
}

/** The path of a member that is no element: between backticks when it is no identifier, cut when overlong. */
export const belowUnknown = (path: string, name: string): string => {
  const short = name.length > 64 ? `${name.slice(0, 64)}…` : name
  return `${path}.${/^[A-Za-z_][A-Za-z0-9_]*$/.test(short) ? short : `\`${short.replace(/[\\`]/g, '\\$&')}\``}`
}

/** Follows the path in a sentence, with what was probably meant. */
export const unknownMember = (name: string, type: TypeDefinition): string => {
  const choice = type.choices.find((candidate) => candidate.name === name)
  if (choice) return `is a choice and needs its type in its name: ${several(choice.members)}.`
  const siblings = [...type.elements.values()].filter((element) => element.sibling)
  const near = nearest(name, [...type.elements.keys(), ...siblings.map((element) => `_${element.name}`)])
  const advice = near === undefined ? 'Leave it out.' : `Did you mean "${near}"?`
  return `is not a member of ${type.name}. ${advice}`
}

/** Follows the path of a resource whose type is none of R4's. */
export const unknownType = (name: JsonValue, known: readonly string[]): string => {
  if (typeof name !== 'string') return 'has a "resourceType" that is no JSON string; say which type it is.'
  const near = nearest(name, known)
  const advice = near === undefined ? 'Correct "resourceType".' : `Did you mean "resourceType": "${near}"?`
  return `is of a type that R4 does not have. ${advice}`
}

/** The first eight of the names. */
export const several = (names: readonly string[]): string =>
  names.length > 8 ? `${names.slice(0, 8).join(', ')}, … (${names.length} in all)` : names.join(', ')

/** The kind of a JSON value, never the value. */
export const describe = (value: JsonValue): string => {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'an array'
  if (typeof value === 'object') return 'an object'
  return `a ${typeof value}`
}
