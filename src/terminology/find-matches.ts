/** CodeSystem/$find-matches: http://hl7.org/fhir/R4/codesystem-operation-find-matches.html */
import { tooCostly } from '../base/problem.ts'
import type { ConceptSource, StoredConcept } from './concept-source.ts'
import { propertyValues } from './filters.ts'
import type { Concept, MemorySystem, StoredSystem, System } from './system.ts'

export type WantedProperty = { readonly code: string; readonly value: string }

/** A concept that fits, and the properties asked for that it has. */
export type Match = {
  readonly concept: Concept
  readonly matched: readonly WantedProperty[]
  readonly isExact: boolean
}

/** Matches that an answer has at most. */
const most = 100
/** Of a system in the database the candidates that are looked at. */
const candidates = 1000

/**
 * Concepts that have all of the properties, those with fewer others first; if not `exact`, also concepts that have
 * some of them. A concept that stands above another match is less specific and stands behind it.
 */
export const findMatches = async (
  source: ConceptSource | undefined,
  system: System,
  wanted: readonly WantedProperty[],
  exact: boolean,
): Promise<readonly Match[]> => {
  if (system.kind === 'grammar')
    throw tooCostly(
      `The codes of ${system.name} are made by a grammar and have no properties to be found by.`,
    )
  const concepts =
    system.kind === 'memory' ? system.concepts : await fetchCandidates(source, system, wanted, exact)
  const found = concepts.flatMap((concept): Match[] => {
    const matched = wanted.filter(({ code, value }) => has(system, concept, code, value))
    const isExact = matched.length === wanted.length
    return isExact || (!exact && matched.length > 0) ? [{ concept, matched, isExact }] : []
  })
  return found
    .toSorted((a, b) => b.matched.length - a.matched.length || depth(system, b) - depth(system, a))
    .slice(0, most)
}

const depth = (system: MemorySystem | StoredSystem, { concept }: Match): number =>
  system.kind === 'memory' ? system.above(concept.code).size : (concept as StoredConcept).above.length

const has = (
  system: MemorySystem | StoredSystem,
  concept: Concept,
  property: string,
  value: string,
): boolean => {
  if (property === 'code') return concept.code === value
  if (system.kind === 'memory' && property === 'parent') return system.parents(concept.code).includes(value)
  if (system.kind === 'memory' && property === 'child') return system.children(concept.code).includes(value)
  return propertyValues(concept, property).includes(value)
}

const fetchCandidates = async (
  source: ConceptSource | undefined,
  system: StoredSystem,
  wanted: readonly WantedProperty[],
  exact: boolean,
): Promise<readonly StoredConcept[]> => {
  if (!source) return []
  const filters = wanted.map(({ code, value }) => ({ property: code, op: '=', value }))
  const query = {
    ...{ system, words: [], activeOnly: false, skipAbstract: false },
    ...{ offset: 0, limit: candidates, counted: false },
  }
  const pages = await Promise.all(
    (exact ? [filters] : filters.map((one) => [one])).map((some) =>
      source.select({ ...query, filters: some }),
    ),
  )
  const byCode = new Map(pages.flatMap(({ concepts }) => concepts).map((concept) => [concept.code, concept]))
  return [...byCode.values()]
}
