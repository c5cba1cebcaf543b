/** Every text that a reader would see in a resource, whatever element it is in: http://hl7.org/fhir/R4/search.html#content */
import type { Definitions, TypeDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'

/** Calls `found` with each text of a resource: strings and markdown, in contained resources too; not the narrative. */
export type TextWalk = (resource: JsonObject, found: (text: string) => void) => void

/** Of type string, but for machines: other parameters find them. */
const machines: ReadonlySet<string> = new Set([
  'Coding.version',
  'Identifier.value',
  'Quantity.unit',
  'Reference.reference',
  'SampledData.data',
])

/** What stands below a member: a text, or the type to go on with; `?` is a resource, which says its type itself. */
type Members = ReadonlyMap<string, Below>
const text = 'text'
const anyResource = '?'
/** The members of the type, made when it is first met. */
type Type = { readonly name: string; members: Members | undefined }
type Below = typeof text | typeof anyResource | Type

export const createTextWalk = (definitions: Definitions): TextWalk => {
  const types = new Map<string, Type>()
  const typeOf = (name: string): Type => {
    const known = types.get(name)
    if (known) return known
    const made: Type = { name, members: undefined }
    types.set(name, made)
    return made
  }
  const visit = (value: JsonObject, type: Type, found: (text: string) => void): void => {
    type.members ??= membersOf(definitions, definitions.types.get(type.name), typeOf)
    const { members } = type
    for (const name in value) {
      const what = members.get(name)
      if (what === undefined) continue
      const below = value[name]
      if (Array.isArray(below)) for (const one of below) step(one, what, found)
      else step(below, what, found)
    }
  }
  const step = (value: JsonValue | undefined, what: Below, found: (text: string) => void): void => {
    if (typeof value === 'string') {
      if (what === text) found(value)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && what !== text) {
      if (what !== anyResource) visit(value, what, found)
      else if (typeof value.resourceType === 'string' && definitions.types.has(value.resourceType))
        visit(value, typeOf(value.resourceType), found)
    }
  }
  return (resource, found) => step(resource, anyResource, found)
}

const none: Members = new Map()

const membersOf = (
  definitions: Definitions,
  definition: TypeDefinition | undefined,
  typeOf: (name: string) => Type,
): Members => {
  if (!definition) return none
  const members = new Map<string, Below>()
  for (const element of definition.elements.values()) {
    const { name, path, type } = element
    if (machines.has(path)) continue
    if (type === 'string' || type === 'markdown') members.set(name, text)
    else if (type === 'Resource') members.set(name, anyResource)
    else if (type !== 'Narrative' && definitions.types.get(type)?.kind !== 'primitive')
      members.set(name, typeOf(type))
  }
  return members
}
