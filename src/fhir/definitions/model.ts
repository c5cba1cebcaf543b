/** The compact form of the specification's definitions that every other room reads. */

/** A StructureDefinition's type, or the type of an inline element (`Patient.contact`). */
export type TypeDefinition = {
  readonly name: string
  readonly kind: 'resource' | 'complex' | 'backbone' | 'primitive'
  readonly abstract: boolean
  /** The type that it specialises: `DomainResource`, `Quantity`, `uri`; absent for `Resource` and `Element`. */
  readonly base?: string
  /** Keyed by JSON member name; a choice element stands once per type (`valueQuantity`, `valueString`, …). */
  readonly elements: ReadonlyMap<string, ElementDefinition>
  /** Choice and repeated rules that concern several members: `{ name: 'value', min: 0, members: ['valueQuantity', …] }`. */
  readonly choices: readonly ChoiceDefinition[]
  /** Primitive types: the regular expression of the specification, anchored. */
  readonly pattern?: RegExp
  /** Primitive types: the JSON type of the value. */
  readonly json?: 'string' | 'number' | 'boolean'
}

export type ChoiceDefinition = {
  readonly name: string
  readonly min: number
  readonly members: readonly string[]
}

export type ElementDefinition = {
  /** Member name in JSON. */
  readonly name: string
  /** FHIRPath as in the StructureDefinition: `Observation.value[x]`. */
  readonly path: string
  /** Key of the type table: `HumanName`, `code`, `Patient.contact`, `Reference`, `Resource`, `xhtml`. */
  readonly type: string
  readonly min: number
  /** `Infinity` for `*`. */
  readonly max: number
  /** Whether JSON has an array here (base cardinality above one). */
  readonly array: boolean
  /** For Reference and canonical: the allowed resource types; empty means any. */
  readonly targets: readonly string[]
  readonly binding?: {
    readonly strength: 'required' | 'extensible' | 'preferred' | 'example'
    readonly valueSet: string
  }
  /** Whether `_name` may stand beside it with the id and extensions of a primitive value. */
  readonly sibling: boolean
  /** Shown under `_summary=true`. */
  readonly summary: boolean
  readonly modifier: boolean
}

/** http://hl7.org/fhir/R4/searchparameter.html */
export type SearchParameterDefinition = {
  readonly code: string
  readonly url: string
  readonly type:
    | 'number'
    | 'date'
    | 'string'
    | 'token'
    | 'reference'
    | 'composite'
    | 'quantity'
    | 'uri'
    | 'special'
  readonly base: readonly string[]
  readonly expression?: string
  readonly target: readonly string[]
  readonly components: readonly { readonly definition: string; readonly expression: string }[]
  readonly description: string
  /** Set for what users post: tells the index rows of this definition from those of an earlier one with the same code. */
  readonly edition?: string
  /** What the definition lets a search do; of what users post. Absent ones let it do everything. */
  readonly limits?: SearchLimits
}

/** As SearchParameter has them; modifiers are codes of http://hl7.org/fhir/R4/valueset-search-modifier-code.html. */
export type SearchLimits = {
  readonly modifiers?: readonly string[]
  readonly comparators?: readonly string[]
  readonly multipleOr?: boolean
  readonly multipleAnd?: boolean
  readonly chains?: readonly string[]
}

/** http://hl7.org/fhir/R4/codesystem.html */
export type CodeSystemDefinition = {
  readonly url: string
  /** Whether all of its codes are here; fragments, examples and systems of others are not complete. */
  readonly complete: boolean
  readonly codes: ReadonlySet<string>
  /** Code → codes directly below it. */
  readonly children: ReadonlyMap<string, readonly string[]>
  /** Code → codes directly above it. */
  readonly parents: ReadonlyMap<string, readonly string[]>
}

/** http://hl7.org/fhir/R4/valueset.html#compositions; URLs are without version. */
export type ValueSetDefinition = {
  readonly url: string
  readonly include: readonly ValueSetPart[]
  readonly exclude: readonly ValueSetPart[]
}

/** What is in the system (only these codes, if given; only those that all filters take) and in all of the value sets. */
export type ValueSetPart = {
  readonly system?: string
  readonly codes?: readonly string[]
  readonly filters: readonly { readonly property: string; readonly op: string; readonly value: string }[]
  readonly valueSets: readonly string[]
}

/** Everything loaded from the definitions packages. Frozen; one for the life of a process. */
export type Definitions = {
  readonly types: ReadonlyMap<string, TypeDefinition>
  /** The parameters of a resource type by code, those of Resource and DomainResource included. */
  searchParameters(resourceType: string): ReadonlyMap<string, SearchParameterDefinition>
  /** Compartment name → resource type → codes of the parameters that link it: http://hl7.org/fhir/R4/compartmentdefinition.html */
  readonly compartments: ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>
  /** By URL without version. */
  readonly codeSystems: ReadonlyMap<string, CodeSystemDefinition>
  /** By URL without version. */
  readonly valueSets: ReadonlyMap<string, ValueSetDefinition>
}
