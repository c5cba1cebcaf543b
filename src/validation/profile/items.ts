/** The values of an element in their owner, with the extensions of primitives: http://hl7.org/fhir/R4/json.html#primitive */
import type { ElementDefinition } from 'fhir/r4.js'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import type { Check, Judgement } from './kinds.ts'
import type { Place } from './place.ts'
import { capital } from './tree.ts'
import { isPlain } from './values.ts'

export type Item = {
  readonly value: JsonValue | undefined
  readonly sibling: JsonObject | undefined
  readonly place: Place
}

/** Whether something holds of one value of an element. */
export type Test = (value: unknown, sibling: JsonObject | undefined, place: Place, run: Judgement) => boolean

const none: readonly Item[] = []

/** Where the values of an element are in an owner; undefined when it has none. */
type Member = { readonly name: string; readonly sibling: string; readonly type: string }
type Find = (owner: JsonObject) => Member | undefined

/** `types`: those that the type's own definition allows; a choice is looked for under each of them. */
const finder = (name: string, types: readonly string[]): Find => {
  if (!name.endsWith('[x]')) {
    const member = { name, sibling: `_${name}`, type: types[0] ?? 'BackboneElement' }
    return (owner) =>
      owner[member.name] !== undefined || owner[member.sibling] !== undefined ? member : undefined
  }
  const stem = name.slice(0, -3)
  const members = types.map((type) => ({
    name: stem + capital(type),
    sibling: `_${stem}${capital(type)}`,
    type,
  }))
  const places = new Map(
    members.flatMap((member, at) => [
      [member.name, at],
      [member.sibling, at],
    ]),
  )
  // Owners have fewer members than a choice may have types.
  return (owner) => {
    let first = members.length
    for (const key in owner) {
      const at = places.get(key)
      if (at !== undefined && at < first) first = at
    }
    return members[first]
  }
}

const elementName = (name: string): string => (name.endsWith('[x]') ? name.slice(0, -3) : name)

/** Gives the values of an element as a list. */
export const collect = (
  name: string,
  types: readonly string[],
): ((owner: JsonObject, up: Place) => readonly Item[]) => {
  const find = finder(name, types)
  const own = elementName(name)
  return (owner, up) => {
    const member = find(owner)
    return member ? itemsOf(owner[member.name], owner[member.sibling], own, member.type, up) : none
  }
}

/** Says how many values an owner has first, and then checks each; without a list of them. */
export const visitor = (
  name: string,
  types: readonly string[],
  counted: ((count: number, up: Place, run: Judgement) => void) | undefined,
  check: Check | undefined,
): ((owner: JsonObject, up: Place, run: Judgement) => void) => {
  const find = finder(name, types)
  const own = elementName(name)
  return (owner, up, run) => {
    const member = find(owner)
    if (!member) {
      if (counted) counted(0, up, run)
      return
    }
    const value = owner[member.name]
    const sibling = owner[member.sibling]
    const length = repeats(value, sibling)
    if (counted) counted(length < 0 ? 1 : length, up, run)
    if (!check) return
    const { type } = member
    if (length < 0)
      check(value, isPlain(sibling) ? sibling : undefined, { up, name: own, index: -1, type }, run)
    for (let index = 0; index < length; index++)
      check(at(value, index), siblingAt(sibling, index), { up, name: own, index, type }, run)
  }
}

/** Whether the test holds for one of the values. */
export const some = (
  name: string,
  types: readonly string[],
  test: Test,
): ((owner: JsonObject, up: Place, run: Judgement) => boolean) => {
  const find = finder(name, types)
  const own = elementName(name)
  return (owner, up, run) => {
    const member = find(owner)
    if (!member) return false
    const value = owner[member.name]
    const sibling = owner[member.sibling]
    const { type } = member
    const length = repeats(value, sibling)
    if (length < 0)
      return test(value, isPlain(sibling) ? sibling : undefined, { up, name: own, index: -1, type }, run)
    for (let index = 0; index < length; index++)
      if (test(at(value, index), siblingAt(sibling, index), { up, name: own, index, type }, run)) return true
    return false
  }
}

/** -1 for what does not repeat. */
const repeats = (value: JsonValue | undefined, sibling: JsonValue | undefined): number => {
  const values = Array.isArray(value) ? value.length : -1
  return Array.isArray(sibling) && sibling.length > values ? sibling.length : values
}

const at = (values: JsonValue | undefined, index: number): JsonValue | undefined =>
  Array.isArray(values) ? (values[index] ?? undefined) : undefined

const siblingAt = (siblings: JsonValue | undefined, index: number): JsonObject | undefined => {
  const sibling = Array.isArray(siblings) ? siblings[index] : undefined
  return isPlain(sibling) ? sibling : undefined
}

const itemsOf = (
  value: JsonValue | undefined,
  sibling: JsonValue | undefined,
  name: string,
  type: string,
  up: Place,
): readonly Item[] => {
  const length = repeats(value, sibling)
  if (length < 0)
    return [{ value, sibling: isPlain(sibling) ? sibling : undefined, place: { up, name, index: -1, type } }]
  const items: Item[] = []
  for (let index = 0; index < length; index++)
    items.push({
      value: at(value, index),
      sibling: siblingAt(sibling, index),
      place: { up, name, index, type },
    })
  return items
}

/** A resource says its type itself. */
export const actualType = (value: unknown, place: Place): string =>
  isPlain(value) && typeof value.resourceType === 'string' ? value.resourceType : place.type

/** Infinity for `*`. */
export const mostOf = (def: ElementDefinition): number =>
  def.max === undefined || def.max === '*' ? Number.POSITIVE_INFINITY : Number(def.max)
