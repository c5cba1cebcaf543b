/** Code systems as the engine sees them, wherever their concepts are: http://hl7.org/fhir/R4/codesystem.html */

export type Designation = {
  readonly language?: string
  readonly use?: { readonly system?: string; readonly code?: string; readonly display?: string }
  readonly value: string
}

/** The JSON member that a property's value stands in. */
export type PropertyKind = 'code' | 'Coding' | 'string' | 'integer' | 'boolean' | 'dateTime' | 'decimal'

/** A property of a concept; a Coding as `system|code` in `text`, with its parts in `coding`. */
export type Property = {
  readonly code: string
  readonly kind: PropertyKind
  readonly text: string
  readonly coding?: { readonly system?: string; readonly code?: string; readonly display?: string }
}

export type Concept = {
  readonly code: string
  readonly display?: string
  readonly definition?: string
  readonly designations: readonly Designation[]
  readonly properties: readonly Property[]
  readonly inactive: boolean
  /** Not to be chosen by a user: http://hl7.org/fhir/R4/codesystem-concept-properties.html notSelectable */
  readonly abstract: boolean
}

type Named = { readonly url: string; readonly version?: string; readonly name: string }

/** A code system whose concepts are in memory. `parents` and `children` are by code, in the order of the system. */
export type MemorySystem = Named & {
  readonly kind: 'memory'
  /** Fragments and examples do not say what is not in the system. */
  readonly complete: boolean
  readonly caseSensitive: boolean
  /** In the order of the hierarchy, each once. */
  readonly concepts: readonly Concept[]
  readonly roots: readonly string[]
  find(code: string): Concept | undefined
  parents(code: string): readonly string[]
  children(code: string): readonly string[]
  /** The code with all below it, or above it; empty when the code is not there. */
  below(code: string): ReadonlySet<string>
  above(code: string): ReadonlySet<string>
  readonly properties: readonly PropertyDefinition[]
  /** Last change, as in the resource. */
  readonly date?: string
}

export type PropertyDefinition = {
  readonly code: string
  readonly uri?: string
  readonly description?: string
  readonly type: string
}

/** A code system whose codes are made by a grammar. `find` gives a concept, or what is wrong with the code. */
export type GrammarSystem = Named & {
  readonly kind: 'grammar'
  find(code: string): Concept | string
}

/** A code system in the tables of the database. */
export type StoredSystem = Named & {
  readonly kind: 'stored'
  /** Tenant and number: its key in the tables. Tenant 0 is shared by all. */
  readonly tenant: number
  readonly number: number
  /** Concepts in it. */
  readonly count: number
  /** Whether any of them is inactive. */
  readonly hasInactive: boolean
  readonly properties: readonly PropertyDefinition[]
}

/** A code system whose content this server does not have. `reason` is a sentence that tells what to do. */
export type MissingSystem = { readonly kind: 'missing'; readonly url: string; readonly reason: string }

export type System = MemorySystem | GrammarSystem | StoredSystem
