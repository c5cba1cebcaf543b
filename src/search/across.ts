/** Searches of several resource types at once: of the whole server, and of a compartment. http://hl7.org/fhir/R4/http.html#search */
import { type Issue, issue } from '../base/issue.ts'
import type { Definitions } from '../fhir/definitions/model.ts'
import { isResourceType, resourceTypes } from '../fhir/resource-types.ts'
import { anyId, anyToken, type Condition, every, ofTypes, type Rank, some } from './algebra.ts'
import type { Extractor } from './extract.ts'
import type { Parameter } from './plan.ts'

/** A resource whose compartment is searched: http://hl7.org/fhir/R4/compartmentdefinition.html */
export type Compartment = { readonly type: string; readonly id: string }

/** The types that a search without a type in its path is about: those of `_type`, of the compartment, or all. */
export const typesOf = (
  definitions: Definitions,
  compartment: Compartment | undefined,
  query: readonly Parameter[],
): {
  readonly types: readonly string[]
  readonly used: readonly Parameter[]
  readonly issues: readonly Issue[]
} => {
  const inside = compartment
    ? [...new Set([compartment.type, ...(definitions.compartments.get(compartment.type)?.keys() ?? [])])]
    : resourceTypes
  const given = query.filter(([name]) => name === '_type')
  let types: readonly string[] = inside
  for (const [, value] of given) {
    const asked = value.split(',').map((one) => one.trim())
    const unknown = asked.find((one) => !isResourceType(one))
    if (unknown !== undefined)
      return refused(
        `"_type" takes names of resource types separated by commas; ${JSON.stringify(unknown.slice(0, 64))} is none.`,
      )
    const outside = asked.find((one) => !(inside as readonly string[]).includes(one))
    if (outside !== undefined && compartment)
      return refused(
        `Resources of type ${outside} are in no compartment of a ${compartment.type}; leave it out of "_type".`,
      )
    types = types.filter((type) => asked.includes(type))
  }
  return { types, used: given, issues: [] }
}

const refused = (sentence: string) => ({
  types: [],
  used: [],
  issues: [issue('value', sentence, 'http._type')],
})

const linkedTo = (
  room: { readonly definitions: Definitions; readonly extractor: Extractor },
  type: string,
  compartment: Compartment,
): Condition => {
  const codes = room.definitions.compartments.get(compartment.type)?.get(type) ?? []
  const indexed = room.extractor.indexed(type)
  const tokens = codes.flatMap((code) => {
    const prefix = indexed.get(code)?.prefix
    return prefix === undefined ? [] : [`${prefix}${compartment.type}/${compartment.id}`]
  })
  return anyToken(tokens, 'few')
}

const ranks: readonly Rank[] = ['unique', 'few', 'many', 'most']

/** Being in the compartment, for resources of several types: the resource itself, or one that is linked to it. */
export const insideAcross = (
  room: { readonly definitions: Definitions; readonly extractor: Extractor },
  types: readonly string[],
  compartment: Compartment,
): Condition => {
  const { type, id } = compartment
  const linked = combine(new Map(types.map((one) => [one, linkedTo(room, one, compartment)])))
  return types.includes(type) ? some([every([ofTypes([type]), anyId([id])]), linked]) : linked
}

/** The condition that holds for a resource of each type when that type's condition does. */
export const combine = (byType: ReadonlyMap<string, Condition>): Condition => {
  const conditions = [...byType.values()]
  const [first] = conditions
  if (!first) return some([])
  if (conditions.every((one) => JSON.stringify(one) === JSON.stringify(first))) return first
  const tokens = conditions.flatMap((one) => (one.kind === 'tokens' ? [one] : []))
  // A token tells its type: those of one type are never found in a resource of another.
  if (tokens.length === conditions.length)
    return anyToken(
      tokens.flatMap(({ any }) => any),
      ranks[Math.max(...tokens.map(({ rank }) => ranks.indexOf(rank)))] ?? 'most',
    )
  return some([...byType].map(([type, condition]) => every([ofTypes([type]), condition])))
}
