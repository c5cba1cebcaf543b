/** What the engine asks of the database: concepts of systems that are too big for memory. The store answers. */
import type { Concept, StoredSystem } from './system.ts'

/** A concept of a stored system. Concepts are numbered in the order of the hierarchy. */
export type StoredConcept = Concept & {
  readonly number: number
  readonly parents: readonly number[]
  readonly children: readonly number[]
  /** All concepts above it. */
  readonly above: readonly number[]
}

/** `system` is its place in what `systems` gave. */
export type ConceptKey = { readonly system: StoredSystem; readonly code: string }

/** What a concept must be: `http://hl7.org/fhir/R4/valueset-filter-operator.html` */
export type ConceptFilter = { readonly property: string; readonly op: string; readonly value: string }

/** A selection of concepts in the order of their numbers. */
export type ConceptQuery = {
  readonly system: StoredSystem
  readonly filters: readonly ConceptFilter[]
  /** Only these codes. */
  readonly codes?: readonly string[]
  /** Words, each the beginning of a word of a display, a designation or the code. */
  readonly words: readonly string[]
  readonly activeOnly: boolean
  readonly skipAbstract: boolean
  /** Only numbers above it. */
  readonly after?: number
  readonly offset: number
  readonly limit: number
  /** Whether to count what the query selects. */
  readonly counted: boolean
}

/** `total` is absent when it was not asked for, or when there are more than can be counted quickly. */
export type ConceptPage = { readonly concepts: readonly StoredConcept[]; readonly total?: number }

export type ConceptSource = {
  /** The systems that a tenant may use, newest version first, as known lately; undefined when that is not known. */
  known(tenant: number): readonly StoredSystem[] | undefined
  /** The same, asked for when needed. The same array as long as nothing changed. */
  systems(tenant: number): Promise<readonly StoredSystem[]>
  /** The concepts that are there, in one round trip. */
  find(keys: readonly ConceptKey[]): Promise<readonly (StoredConcept | undefined)[]>
  select(query: ConceptQuery): Promise<ConceptPage>
  /** The codes of these numbers of one system. */
  named(system: StoredSystem, numbers: readonly number[]): Promise<ReadonlyMap<number, Concept>>
}
