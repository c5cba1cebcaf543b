/** The door of terminology: questions about codes, for the definitions and loaded systems of a tenant. */
import type { ValueSet } from 'fhir/r4.js'
import { issue } from '../base/issue.ts'
import { Problem } from '../base/problem.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import type { Expansion } from '../fhir/definitions/value-set.ts'
import { type Absent, type Composition, composeCanonical, composeResource } from './composition.ts'
import type { ConceptSource } from './concept-source.ts'
import { createMembershipTest } from './membership.ts'
import type { MembershipTest } from './model.ts'
import { type Scope, scopeOf, type VersionRules } from './scope.ts'
import { select } from './select.ts'

export type { Composition } from './composition.ts'
export type {
  ConceptFilter,
  ConceptKey,
  ConceptPage,
  ConceptQuery,
  ConceptSource,
  StoredConcept,
} from './concept-source.ts'
export { type ExpandOptions, expand } from './expand.ts'
export { findMatches, type WantedProperty } from './find-matches.ts'
export { grouped, type Hierarchy, numberHierarchy } from './hierarchy.ts'
export type { SourceFile } from './loaders/folder.ts'
export { formatNames, openLoading } from './loaders/index.ts'
export { type ConceptRow, LoadError, type Loading } from './loaders/row.ts'
export { lookup, unknownProperty } from './lookup.ts'
export { createMembershipTest } from './membership.ts'
export { memorySystem } from './memory-system.ts'
export {
  complement,
  intersect,
  type Ranges,
  rangesOf,
  rangesText,
  readRanges,
  sizeOf,
  slice,
} from './ranges.ts'
export { type Scope, splitCanonical, systemOf, type VersionRules } from './scope.ts'
export { subsumes } from './subsumes.ts'
export type {
  Designation,
  Property,
  PropertyDefinition,
  StoredSystem,
  System,
} from './system.ts'
export { offeredSystems } from './systems.ts'
export { findMaps, isBetween, isTranslation, translate } from './translate.ts'
export { type ValidateCode, type Validated, validateInSystem, validateInValueSet } from './validate-code.ts'

export { wordsOf } from './words.ts'

export type Terminology = {
  readonly source: ConceptSource | undefined
  /** Where the answers of one request come from. */
  scope(tenant: number, versions?: VersionRules): Promise<Scope>
  /** What validation asks; cheap to make. */
  membership(tenant: number): MembershipTest
  /** The codes of a value set by system for a search, or a sentence that says why they cannot be told. */
  codes(tenant: number, valueSet: string | ValueSet): Promise<Expansion | string>
  /** A code with all codes above or below it, likewise. */
  related(tenant: number, system: string, code: string, side: 'above' | 'below'): Promise<Expansion | string>
}

const nothingStored: readonly never[] = []

/** Codes that one search compares with, at most. */
const mostInSearch = 10_000

export const createTerminology = (
  canonicals: (tenant: number) => Canonicals,
  source?: ConceptSource,
): Terminology => {
  const scope = async (tenant: number, versions?: VersionRules): Promise<Scope> => {
    const plain = scopeOf(canonicals(tenant), source ? await source.systems(tenant) : nothingStored)
    return versions ? { ...plain, versions } : plain
  }
  return {
    source,
    scope,
    membership: (tenant) => createMembershipTest(canonicals(tenant), source, tenant),
    codes: async (tenant, valueSet) => {
      const from = await scope(tenant)
      const composition =
        typeof valueSet === 'string' ? composeCanonical(from, valueSet) : composeResource(from, valueSet)
      if (composition.kind === 'absent') return composition.reason
      return codesOf(source, composition, `The value set ${composition.url} has`)
    },
    related: async (tenant, system, code, side) => {
      const composition = composeResource(await scope(tenant), relatives(system, code, side))
      if (composition.kind === 'absent') return composition.reason
      const found = await codesOf(
        source,
        composition,
        `${side === 'above' ? 'Above' : 'Below'} ${code} of ${system} lie`,
      )
      if (typeof found === 'string' || found.has(system)) return found
      return `There is no code "${code}" in ${system}.`
    },
  }
}

const relatives = (system: string, code: string, side: 'above' | 'below'): ValueSet => ({
  resourceType: 'ValueSet',
  status: 'active',
  compose: {
    include: [
      {
        system,
        filter: [{ property: 'concept', op: side === 'below' ? 'is-a' : 'generalizes', value: code }],
      },
    ],
  },
})

const codesOf = async (
  source: ConceptSource | undefined,
  composition: Composition,
  subject: string,
): Promise<Expansion | string> => {
  const found = new Map<string, Set<string> | 'all'>()
  // A whole system is a value set that needs no list.
  const rest = composition.include.filter(({ system, listed, filters, valueSets }) => {
    const isWhole = system && !listed && filters.length === 0 && valueSets.length === 0
    if (isWhole && composition.exclude.length === 0 && system.kind !== 'memory') found.set(system.url, 'all')
    return !isWhole || !found.has(system.url)
  })
  const everything = {
    ...{ words: [], activeOnly: false, skipAbstract: false, skipSystems: new Set<string>() },
    ...{ offset: 0, limit: mostInSearch + 1 },
  }
  try {
    const { entries } = await select({ ...composition, include: rest }, source, everything)
    if (entries.length > mostInSearch)
      return `${subject} more than ${mostInSearch} codes, too many for a search; use a narrower one.`
    for (const { system, code } of entries) {
      const codes = found.get(system.url) ?? new Set<string>()
      found.set(system.url, codes)
      if (codes !== 'all') codes.add(code)
    }
    return found
  } catch (error) {
    if (error instanceof Problem) return error.message
    throw error
  }
}

/** The value set, by canonical or as it was sent. Throws 404 when it is not known, 422 when it cannot be composed. */
export const valueSetOf = (scope: Scope, given: string | ValueSet): Composition => {
  const found = typeof given === 'string' ? composeCanonical(scope, given) : composeResource(scope, given)
  if (found.kind === 'composition') return found
  throw refused(found)
}

const refused = ({ code, reason }: Absent): Problem =>
  new Problem(code === 'not-found' ? 404 : 422, [issue(code, reason)])
