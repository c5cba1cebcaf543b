/** Makes the value of a FHIRPath Patch fit its place: the right member, the right type, anonymous types from parts. */
import type { Problem } from '../../base/problem.ts'
import type { Definitions, ElementDefinition, TypeDefinition } from '../definitions/model.ts'
import { isObject } from '../json/lossless.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { copyTree } from './copy.ts'
import { append } from './list.ts'
import type { Given } from './parameters.ts'

export type Refuse = (why: string) => Problem

/** `companion` is what stands in `_name` beside a primitive. At least one of both is there. */
export type Built = { readonly value?: JsonValue; readonly companion?: JsonValue }

/** The element that a name means for a value: of a choice, `value` with a Quantity means `valueQuantity`. */
export const elementFor = (
  type: TypeDefinition,
  name: string,
  given: Given,
  refuse: Refuse,
): ElementDefinition => {
  const plain = name.replace(/\[x\]$/, '')
  const choice = type.choices.find((one) => one.name === plain)
  if (!choice) {
    const element = type.elements.get(name)
    if (element) return element
    throw refuse(`${type.name} has no element "${name}".`)
  }
  const member = 'suffix' in given ? choice.name + given.suffix : ''
  const element = choice.members.includes(member) ? type.elements.get(member) : undefined
  if (element) return element
  throw refuse(`${type.name}.${plain} cannot have this type; use one of ${choice.members.join(', ')}.`)
}

/** Which types may stand for each other in a patch: http://hl7.org/fhir/R4/datatypes.html, specialisations of one primitive. */
const families = [
  new Set(['string', 'code', 'id', 'markdown', 'xhtml']),
  new Set(['uri', 'url', 'canonical', 'oid', 'uuid']),
  new Set(['integer', 'positiveInt', 'unsignedInt']),
]

const fits = (type: string, suffix: string): boolean => {
  if (type === suffix) return true
  const given = suffix.charAt(0).toLowerCase() + suffix.slice(1)
  return type === given || families.some((family) => family.has(type) && family.has(given))
}

/** The value for an element. Throws what `refuse` makes when its type is wrong. */
export const build = (
  definitions: Definitions,
  element: ElementDefinition,
  given: Given,
  refuse: Refuse,
): Built => {
  const type = definitions.types.get(element.type)
  if (!type) throw refuse(`the type ${element.type} of ${element.path} is unknown.`)
  if ('parts' in given) return { value: fromParts(definitions, type, given.parts, refuse) }
  if ('resource' in given) {
    if (type.kind === 'resource') return { value: copyTree(given.resource) }
    throw refuse(`${element.path} cannot be a resource; its type is ${element.type}.`)
  }
  if (!fits(element.type, given.suffix)) throw refuse(`${element.path} must have the type ${element.type}.`)
  if (type.kind !== 'primitive' && !isObject(given.value)) throw refuse(`${element.path} must be an object.`)
  return {
    ...(given.value === undefined ? {} : { value: copyTree(given.value) }),
    ...(given.companion === undefined ? {} : { companion: copyTree(given.companion) }),
  }
}

const fromParts = (
  definitions: Definitions,
  type: TypeDefinition,
  parts: readonly { readonly name: string; readonly given: Given }[],
  refuse: Refuse,
): JsonObject => {
  if (type.kind === 'primitive' || type.kind === 'resource')
    throw refuse(`a ${type.name} cannot be given in parts.`)
  const object: JsonObject = {}
  for (const { name, given } of parts) {
    const element = elementFor(type, name, given, refuse)
    put(type, object, element, build(definitions, element, given, refuse), refuse)
  }
  return object
}

/** Puts a value where there is none, or at the end of a list. Names come from the definitions, never from the caller. */
export const put = (
  type: TypeDefinition,
  object: JsonObject,
  element: ElementDefinition,
  built: Built,
  refuse: Refuse,
): void => {
  if (element.array) {
    append(object, element.name, built)
    return
  }
  const choice = type.choices.find((one) => one.members.includes(element.name))
  for (const member of choice?.members ?? [element.name]) {
    if (Object.hasOwn(object, member) || Object.hasOwn(object, `_${member}`))
      throw refuse(`"${member}" is there already and does not repeat; use replace.`)
  }
  setBuilt(object, element.name, built)
}

/** Sets a member and its companion, and removes what is not given. */
export const setBuilt = (object: JsonObject, name: string, { value, companion }: Built): void => {
  if (value === undefined) delete object[name]
  else object[name] = value
  if (companion === undefined) delete object[`_${name}`]
  else object[`_${name}`] = companion
}
