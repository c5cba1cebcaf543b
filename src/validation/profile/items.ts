/** The values of an element in their owner, with the extensions of primitives: http://hl7.org/fhir/R4/json.html#primitive */
import type { ElementDefinition } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import type { Place } from './place.ts'
import { capital } from './tree.ts'
import { isPlain } from './values.ts'

export type Item = {
  readonly value: JsonValue | undefined
  readonly sibling: JsonObject | undefined
  readonly place: Place
}

const none: readonly Item[] = []

/** `types`: those that the type's own definition allows; a choice is looked for under each of them. */
export const collect = (
  name: string,
  types: readonly string[],
): ((owner: JsonObject, up: Place) => readonly Item[]) => {
  if (!name.endsWith('[x]')) {
    const type = types[0] ?? 'BackboneElement'
    const sibling = `_${name}`
    return (owner, up) => itemsOf(owner[name], owner[sibling], name, type, up)
  }
  const stem = name.slice(0, -3)
  const choices = types.map((type) => ({
    type,
    member: stem + capital(type),
    sibling: `_${stem}${capital(type)}`,
  }))
  return (owner, up) => {
    for (const { type, member, sibling } of choices)
      if (owner[member] !== undefined || owner[sibling] !== undefined)
        return itemsOf(owner[member], owner[sibling], stem, type, up)
    return none
  }
}

const itemsOf = (
  value: JsonValue | undefined,
  sibling: JsonValue | undefined,
  name: string,
  type: string,
  up: Place,
): readonly Item[] => {
  if (value === undefined && sibling === undefined) return none
  if (!Array.isArray(value) && !Array.isArray(sibling))
    return [{ value, sibling: isPlain(sibling) ? sibling : undefined, place: { up, name, index: -1, type } }]
  const values = Array.isArray(value) ? value : []
  const siblings = Array.isArray(sibling) ? sibling : []
  return Array.from({ length: Math.max(values.length, siblings.length) }, (_, index) => ({
    value: values[index] ?? undefined,
    sibling: isPlain(siblings[index]) ? (siblings[index] as JsonObject) : undefined,
    place: { up, name, index, type },
  }))
}

/** A resource says its type itself. */
export const actualType = (value: unknown, place: Place): string =>
  isPlain(value) && typeof value.resourceType === 'string' ? value.resourceType : place.type

/** Infinity for `*`. */
export const mostOf = (def: ElementDefinition): number =>
  def.max === undefined || def.max === '*' ? Number.POSITIVE_INFINITY : Number(def.max)
