/** Filters of value sets over the concepts of a system in memory: http://hl7.org/fhir/R4/valueset-filter-operator.html */
import { readUnit } from '../fhir/ucum.ts'
import type { ConceptFilter } from './concept-source.ts'
import { matchAll } from './regex.ts'
import type { Concept, GrammarSystem, MemorySystem } from './system.ts'

/** The codes that a filter selects, or a sentence that says why it cannot be told. */
export const selectCodes = (system: MemorySystem, filter: ConceptFilter): ReadonlySet<string> | string => {
  const { property, op, value } = filter
  if (property === 'concept' || property === 'code') {
    const found = byHierarchy(system, op, value)
    if (found) return found
  }
  if (op === 'is-a' || op === 'descendent-of' || op === 'is-not-a' || op === 'generalizes')
    return refuse(system, filter, 'the hierarchy is that of "concept"')
  if (!isKnownProperty(system, property))
    return refuse(system, filter, `the system has no property "${property}"`)
  const values = (concept: Concept): readonly string[] => valuesOf(system, concept, property)
  if (op === 'regex') {
    const matching = matchAll(value, [...new Set(system.concepts.flatMap(values))])
    if (typeof matching === 'string') return matching
    return pick(system, (concept) => values(concept).some((one) => matching.has(one)))
  }
  const test = testOf(op, value)
  if (typeof test === 'string') return refuse(system, filter, test)
  return pick(system, (concept) => test(values(concept)))
}

const refuse = (
  system: { readonly url: string },
  { property, op, value }: ConceptFilter,
  why: string,
): string =>
  `It selects codes of ${system.url} by "${property} ${op} ${value}", which cannot be done: ${why}.`

const pick = (system: MemorySystem, test: (concept: Concept) => boolean): ReadonlySet<string> =>
  new Set(system.concepts.filter(test).map(({ code }) => code))

const byHierarchy = (system: MemorySystem, op: string, value: string): ReadonlySet<string> | undefined => {
  if (op === 'is-a') return system.below(value)
  if (op === 'generalizes') return system.above(value)
  const below = system.below(value)
  const self = system.find(value)?.code ?? value
  if (op === 'descendent-of') return below.difference(new Set([self]))
  if (op === 'is-not-a') return pick(system, ({ code }) => !below.has(code))
  return undefined
}

const always = new Set([
  'concept',
  'code',
  'display',
  'definition',
  'parent',
  'child',
  'inactive',
  'notSelectable',
  'status',
])

const isKnownProperty = (system: MemorySystem, property: string): boolean =>
  always.has(property) ||
  system.properties.some(({ code }) => code === property) ||
  system.concepts.some(({ properties }) => properties.some(({ code }) => code === property))

const valuesOf = (system: MemorySystem, concept: Concept, property: string): readonly string[] => {
  if (property === 'concept' || property === 'code') return [concept.code]
  if (property === 'parent') return system.parents(concept.code)
  if (property === 'child') return system.children(concept.code)
  return propertyValues(concept, property)
}

/** A Coding counts by its code and by `system|code`. */
export const propertyValues = (concept: Concept, property: string): readonly string[] => {
  if (property === 'display') return concept.display === undefined ? [] : [concept.display]
  if (property === 'definition') return concept.definition === undefined ? [] : [concept.definition]
  const found = concept.properties
    .filter(({ code }) => code === property)
    .flatMap(({ text, coding }) => (coding?.code === undefined ? [text] : [text, coding.code]))
  if (found.length > 0) return found
  if (property === 'inactive') return [String(concept.inactive)]
  return property === 'notSelectable' ? [String(concept.abstract)] : found
}

const listOf = (value: string): ReadonlySet<string> => new Set(value.split(',').map((one) => one.trim()))

/** A test of the values of a property, or why there is none. */
export const testOf = (op: string, value: string): ((values: readonly string[]) => boolean) | string => {
  if (op === '=') return (values) => values.includes(value)
  if (op === 'exists') {
    if (value !== 'true' && value !== 'false') return 'the value of exists is true or false'
    return (values) => values.length > 0 === (value === 'true')
  }
  const list = listOf(value)
  if (op === 'in') return (values) => values.some((one) => list.has(one))
  if (op === 'not-in') return (values) => !values.some((one) => list.has(one))
  return `the operator "${op}" is not known`
}

/** Whether a code of a grammar passes a filter, or why it cannot be told. */
export const passes = (system: GrammarSystem, concept: Concept, filter: ConceptFilter): boolean | string => {
  const { property, op, value } = filter
  if (property === 'canonical' && op === '=' && system.url === 'http://unitsofmeasure.org') {
    const [unit, wanted] = [readUnit(concept.code), readUnit(value)]
    return unit !== undefined && wanted !== undefined && unit.dimension === wanted.dimension
  }
  if (property !== 'code' && property !== 'concept')
    return refuse(system, filter, 'codes of a grammar have no such property')
  if (op === 'regex') {
    const matching = matchAll(value, [concept.code])
    return typeof matching === 'string' ? matching : matching.has(concept.code)
  }
  const test = testOf(op, value)
  return typeof test === 'string' ? refuse(system, filter, test) : test([concept.code])
}
