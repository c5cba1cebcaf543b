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
type Members = ReadonlyMap<string, string>
const text = 'text'
const anyResource = '?'

export const createTextWalk = (definitions: Definitions): TextWalk => {
  const tables = new Map<string, Members>()
  const table = (type: string): Members => {
    const known = tables.get(type)
    if (known) return known
    const definition = definitions.types.get(type)
    const made = definition ? membersOf(definitions, definition) : none
    if (definition) tables.set(type, made)
    return made
  }
  const visit = (value: JsonObject, type: string, found: (text: string) => void): void => {
    const members = table(type)
    for (const name in value) {
      const what = members.get(name)
      if (what === undefined) continue
      const below = value[name]
      if (Array.isArray(below)) for (const one of below) step(one, what, found)
      else step(below, what, found)
    }
  }
  const step = (value: JsonValue | undefined, what: string, found: (text: string) => void): void => {
    if (typeof value === 'string') {
      if (what === text) found(value)
    } else if (typeof value === 'object' && value !== null && !Array.isArray(value) && what !== text) {
      const type = what === anyResource ? value.resourceType : what
      if (typeof type === 'string') visit(value, type, found)
    }
  }
  return (resource, found) => step(resource, anyResource, found)
}

const none: Members = new Map()

const membersOf = (definitions: Definitions, { elements }: TypeDefinition): Members => {
  const members = new Map<string, string>()
  for (const element of elements.values()) {
    const { name, path, type } = element
    if (machines.has(path)) continue
    if (type === 'string' || type === 'markdown') members.set(name, text)
    else if (type === 'Resource') members.set(name, anyResource)
    else if (type !== 'Narrative' && definitions.types.get(type)?.kind !== 'primitive')
      members.set(name, type)
  }
  return members
}
