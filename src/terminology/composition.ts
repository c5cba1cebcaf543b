/** A value set with everything that it refers to found: http://hl7.org/fhir/R4/valueset.html#compositions */
import type { ValueSet, ValueSetComposeInclude } from 'fhir/r4.js'
import type { ConceptFilter } from './concept-source.ts'
import { implicitValueSet } from './implicit-value-sets.ts'
import { type Scope, splitCanonical, systemOf } from './scope.ts'
import type { Designation, MissingSystem, System } from './system.ts'

/** `url` is for messages: of a value set without one it is its id, or a word. */
export type Composition = {
  readonly kind: 'composition'
  readonly url: string
  readonly version?: string
  readonly include: readonly Part[]
  readonly exclude: readonly Part[]
  /** Without it the client says whether inactive codes are wanted. */
  readonly inactive?: boolean
  readonly resource?: ValueSet
}

/** A value set that cannot be had, and why. `code` is that of the issue. */
export type Absent = {
  readonly kind: 'absent'
  readonly url: string
  readonly code: 'not-found' | 'processing' | 'invalid'
  readonly reason: string
}

/** What is in the system (only these codes, if listed; only those that all filters take) and in all of the value sets. */
export type Part = {
  readonly system?: System | MissingSystem
  readonly listed?: ReadonlyMap<string, Listed>
  readonly filters: readonly ConceptFilter[]
  readonly valueSets: readonly (Composition | Absent)[]
}

/** A code that a value set names, with the texts that it gives it. */
export type Listed = {
  readonly code: string
  readonly display?: string
  readonly designations: readonly Designation[]
}

const compiled = new WeakMap<Scope, Map<string, Composition | Absent>>()

/** Thrown from within a value set that it is part of itself. */
class Cycle extends Error {
  readonly absent: Absent

  constructor(path: readonly string[]) {
    super('cycle')
    this.absent = {
      kind: 'absent',
      url: path[0] ?? '',
      code: 'processing',
      reason: `The value set ${path.at(-1)} includes itself: ${path.join(' → ')}.`,
    }
  }
}

const guarded = (work: () => Composition | Absent): Composition | Absent => {
  try {
    return work()
  } catch (error) {
    if (error instanceof Cycle) return error.absent
    throw error
  }
}

/** The value set with this canonical. */
export const composeCanonical = (scope: Scope, canonical: string): Composition | Absent =>
  guarded(() => visitCanonical(scope, canonical, []))

/** A value set as it was given. */
export const composeResource = (scope: Scope, resource: ValueSet): Composition | Absent =>
  guarded(() => visit(scope, resource, []))

const visitCanonical = (scope: Scope, canonical: string, path: readonly string[]): Composition | Absent => {
  const known = compiled.get(scope) ?? new Map<string, Composition | Absent>()
  compiled.set(scope, known)
  const done = known.get(canonical)
  if (done) return done
  const { url } = splitCanonical(canonical)
  if (path.includes(url)) throw new Cycle([...path, url])
  const resource = scope.canonicals.resolve('ValueSet', canonical)
  if (!resource) {
    // Names that are not known come from clients and are not remembered.
    const reason = `The value set ${canonical} is not known to this server.`
    return implicitValueSet(scope, canonical) ?? { kind: 'absent', url: canonical, code: 'not-found', reason }
  }
  const made = visit(scope, resource, path)
  known.set(canonical, made)
  return made
}

const visit = (scope: Scope, resource: ValueSet, path: readonly string[]): Composition | Absent => {
  const url = resource.url ?? resource.id ?? 'the value set'
  if (!resource.compose && !resource.expansion) return undefinedOne(url)
  const within = [...path, url]
  const parts = (list: readonly ValueSetComposeInclude[] | undefined): Part[] =>
    (list ?? []).map((one) => partOf(scope, one, within))
  return {
    kind: 'composition',
    url,
    ...(resource.version === undefined ? {} : { version: resource.version }),
    ...(resource.compose?.inactive === undefined ? {} : { inactive: resource.compose.inactive }),
    include: resource.compose ? parts(resource.compose.include) : expanded(scope, resource),
    exclude: parts(resource.compose?.exclude),
    resource,
  }
}

const undefinedOne = (url: string): Absent => ({
  kind: 'absent',
  url,
  code: 'processing',
  reason: `The value set ${url} has neither compose nor expansion, so nothing says which codes it has; give it one.`,
})

const partOf = (scope: Scope, include: ValueSetComposeInclude, path: readonly string[]): Part => ({
  ...(include.system === undefined ? {} : { system: systemOf(scope, include.system, include.version) }),
  ...(include.concept === undefined ? {} : { listed: listedOf(include.concept) }),
  filters: (include.filter ?? []).map(({ property, op, value }) => ({ property, op, value })),
  valueSets: (include.valueSet ?? []).map((canonical) => visitCanonical(scope, canonical, path)),
})

const listedOf = (concepts: NonNullable<ValueSetComposeInclude['concept']>): ReadonlyMap<string, Listed> =>
  new Map(
    concepts.map(({ code, display, designation }) => [
      code,
      {
        code,
        ...(display === undefined ? {} : { display }),
        designations: (designation ?? []) as Designation[],
      },
    ]),
  )

type Contains = NonNullable<NonNullable<ValueSet['expansion']>['contains']>

/** Some are published with their expansion only: it says what they hold. */
const expanded = (scope: Scope, { expansion }: ValueSet): Part[] => {
  const bySystem = new Map<string, Map<string, Listed>>()
  const collect = (contains: Contains): void => {
    for (const { system, code, display, designation, abstract, contains: inner } of contains) {
      if (system !== undefined && code !== undefined && abstract !== true) {
        const codes = bySystem.get(system) ?? new Map<string, Listed>()
        bySystem.set(system, codes)
        codes.set(code, {
          code,
          ...(display === undefined ? {} : { display }),
          designations: (designation ?? []) as Designation[],
        })
      }
      collect(inner ?? [])
    }
  }
  collect(expansion?.contains ?? [])
  return [...bySystem].map(([system, listed]) => ({
    system: systemOf(scope, system),
    listed,
    filters: [],
    valueSets: [],
  }))
}
