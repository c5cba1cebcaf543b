/** Index rows of contained resources, beside those of the resource that contains them. http://hl7.org/fhir/R4/search.html#contained */
import type { JsonObject, JsonValue } from '../fhir/json/value.ts'
import { withReferences } from '../fhir/json/with-references.ts'
import { isResourceType } from '../fhir/resource-types.ts'
import type { IndexRows } from './algebra.ts'
import { presenceValue } from './presence.ts'

/*
 * They are the rows that the contained resource would have of its own, with a space before the names of parameters:
 *   #0:Medication.code|…                            for `Medication?code=…&_contained=true`; the number is the place
 *                                                   among the contained resources of the type
 *   MedicationRequest.medication>Medication.code|…  for the chain `medication.code=…`; the space is the reference
 * A resource that contains nothing has none of them. See CLARIFICATIONS 39.
 */

/** Contained resources of one type that are told apart; those beyond share the last place. */
const places = 8

/** The spaces of `_contained`, one for each place. */
export const slots: readonly string[] = Array.from({ length: places }, (_, n) => `#${n}:`)

/** The space of what a reference parameter (`Type.code`) leads to inside. */
export const insideSpace = (parameter: string): string => `${parameter}>`

/** That a space has a resource of the type; that it has any. */
export const typeMarker = (space: string, type: string): string => `${space}${type}!`
export const spaceMarker = (space: string): string => `${space}!`
/** That the parameter of a bit has a value; the id that the resource has inside. */
export const presentMarker = (space: string, type: string, bit: number): string => `${space}${type}!${bit}`
export const idToken = (space: string, type: string, id: string): string => `${space}${type}._id|${id}`

type Extract = (type: string, resource: JsonObject, base: string) => IndexRows

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** A contained resource; `id` is what `#id` refers to. */
type Contained = { readonly type: string; readonly id: string; readonly resource: JsonObject }

/** The contained resources with their places in the element; others than resources are left out. */
export const containedIn = ({ contained }: JsonObject): readonly (Contained & { readonly at: number })[] =>
  Array.isArray(contained)
    ? contained.flatMap((resource, at) => {
        if (!isObject(resource)) return []
        const { resourceType, id } = resource
        if (typeof resourceType !== 'string' || !isResourceType(resourceType)) return []
        return [{ type: resourceType, id: typeof id === 'string' ? id : '', resource, at }]
      })
    : []

/** Writes the rows of contained resources beside those of the resource. */
export const withContained =
  (extract: Extract): Extract =>
  (type, resource, base) => {
    const contained = Array.isArray(resource.contained) ? containedIn(resource) : []
    if (contained.length === 0) return extract(type, resource, base)
    const types = new Map(contained.map((one) => [one.id, one.type]))
    const rowsOf = (one: Contained): IndexRows => extract(one.type, localized(one.resource, types), base)
    const all = contained.map((one) => ({ ...one, rows: rowsOf(one) }))
    const known = new Map(all.map((one) => [one.id, one]))
    const own = extract(type, localized(resource, types), base)
    const parts: IndexRows[] = [own]
    const counts = new Map<string, number>()
    for (const one of all) {
      const place = counts.get(one.type) ?? 0
      counts.set(one.type, place + 1)
      const space = slots[Math.min(place, places - 1)] ?? ''
      parts.push(spaced(space, one, one.rows), tokensOnly([typeMarker('#', one.type)]))
      parts.push(...linked(space, one.rows, known, 1))
    }
    parts.push(...linked('', own, known, 0))
    return united(own, parts)
  }

/** Contained resources may refer to each other, also in circles. */
const deepest = 3

type Known = ReadonlyMap<string, Contained & { readonly rows: IndexRows }>

/** What references among the tokens lead to inside. */
const linked = (space: string, { tokens }: IndexRows, known: Known, depth: number): readonly IndexRows[] => {
  if (depth === deepest) return []
  return tokens.flatMap((token) => {
    if (!token.includes('/#')) return []
    const [, parameter, id = ''] = inner.exec(token) ?? []
    const target = known.get(id)
    if (parameter === undefined || !target) return []
    const own = insideSpace(space + parameter)
    return [
      tokensOnly([spaceMarker(own)]),
      spaced(own, target, target.rows),
      ...linked(own, target.rows, known, depth + 1),
    ]
  })
}

/** The token of a localized reference. */
const inner = /^([^|]+)\|[A-Z][A-Za-z]*\/#(.*)$/s

/** `#m1` → `Medication/#m1`: so parameters know the type, and no resource has such an id. */
const localized = (resource: JsonObject, types: ReadonlyMap<string, string>): JsonObject => {
  const change = (reference: string): string => {
    const type = reference.startsWith('#') ? types.get(reference.slice(1)) : undefined
    return type === undefined ? reference : `${type}/${reference}`
  }
  return withReferences(resource, change, 'contained') as JsonObject
}

const tokensOnly = (tokens: readonly string[]): IndexRows => ({
  tokens,
  strings: [],
  dates: [],
  quantities: [],
})

/** The rows of a resource in a space. */
const spaced = (space: string, { type, id }: Contained, rows: IndexRows): IndexRows => {
  const within = <R extends { readonly parameter: string }>(all: readonly R[]): readonly R[] =>
    all.map((row) => ({ ...row, parameter: space + row.parameter }))
  const present = presenceValue(rows.tokens[0] ?? '')
  const bits = present === undefined ? [] : bitsOf(BigInt(present))
  return {
    tokens: [
      typeMarker(space, type),
      ...(id === '' ? [] : [idToken(space, type, id)]),
      ...bits.map((bit) => presentMarker(space, type, bit)),
      ...rows.tokens.slice(present === undefined ? 0 : 1).map((token) => space + token),
    ],
    strings: within(rows.strings),
    dates: within(rows.date ? [rows.date, ...rows.dates] : rows.dates),
    quantities: within(rows.quantities),
  }
}

const bitsOf = (value: bigint): readonly number[] => {
  const found: number[] = []
  let half = Number(value & 0xffff_ffffn)
  for (let bit = 0; half !== 0; bit++, half >>>= 1) if (half & 1) found.push(bit)
  half = Number(value >> 32n)
  for (let bit = 32; half !== 0; bit++, half >>>= 1) if (half & 1) found.push(bit)
  return found
}

const united = (own: IndexRows, parts: readonly IndexRows[]): IndexRows => ({
  ...own,
  tokens: [...new Set(parts.flatMap(({ tokens }) => tokens))],
  strings: parts.flatMap(({ strings }) => strings),
  dates: parts.flatMap(({ dates }) => dates),
  quantities: parts.flatMap(({ quantities }) => quantities),
})
