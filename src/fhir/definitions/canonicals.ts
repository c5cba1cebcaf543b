/** Whole definitions by canonical URL, from packages and from what users post: http://hl7.org/fhir/R4/references.html#canonical */
import type {
  CodeSystem,
  ConceptMap,
  ImplementationGuide,
  NamingSystem,
  OperationDefinition,
  Questionnaire,
  SearchParameter,
  StructureDefinition,
  ValueSet,
} from 'fhir/r4.js'

/** The types of definitions that other rooms ask for. */
export type CanonicalTypes = {
  readonly StructureDefinition: StructureDefinition
  readonly ValueSet: ValueSet
  readonly CodeSystem: CodeSystem
  readonly ConceptMap: ConceptMap
  readonly SearchParameter: SearchParameter
  readonly OperationDefinition: OperationDefinition
  readonly Questionnaire: Questionnaire
  readonly NamingSystem: NamingSystem
  readonly ImplementationGuide: ImplementationGuide
}
export type CanonicalType = keyof CanonicalTypes

/** What is known of a definition without reading it. `source` names the package (`hl7.fhir.us.core#5.0.1`), or is `posted`. */
export type CanonicalEntry = {
  readonly type: CanonicalType
  readonly url: string
  readonly version?: string
  readonly name?: string
  readonly source: string
}

/**
 * The definitions that hold for one tenant. Immutable: a change makes a new one (with another `generation`), so that
 * what is compiled from it can be kept in a WeakMap by it, or by `definition` object: unchanged definitions are the
 * same object.
 */
export type Canonicals = {
  readonly generation: number
  /**
   * `url` or `url|version`; without a version the newest that is active (posted ones go before packages). A partial
   * version (`|4.0`) finds the newest that begins so. Synchronous: what is in packages is read from their cache on first use.
   */
  resolve<T extends CanonicalType>(type: T, canonical: string): CanonicalTypes[T] | undefined
  /** Everything of a type, without reading the definitions. */
  list(type: CanonicalType): readonly CanonicalEntry[]
}
