/** Definitions that users posted, before those of packages: http://hl7.org/fhir/R4/references.html#canonical */
import type { CanonicalEntry, Canonicals, CanonicalType, CanonicalTypes } from './canonicals.ts'
import { compareVersions, isWithin } from './packages/versions.ts'

/** A definition of one of the canonical types, as posted. */
export type Posted = CanonicalTypes[CanonicalType]

/** The types of definitions that take effect when they are posted. */
export const definitionTypes: readonly CanonicalType[] = [
  'CodeSystem',
  'ConceptMap',
  'ImplementationGuide',
  'NamingSystem',
  'OperationDefinition',
  'Questionnaire',
  'SearchParameter',
  'StructureDefinition',
  'ValueSet',
]

type Entry = { readonly entry: CanonicalEntry; readonly definition: Posted }
type Tables = ReadonlyMap<string, ReadonlyMap<string, readonly Entry[]>>

/**
 * Posted ones go before those of packages; of several with one url the active ones, then the newest. What is no longer
 * or not yet active is given when there is nothing else, or its version is asked for. Tables are made when first asked.
 */
export const postedCanonicals = (
  base: Canonicals,
  posted: Iterable<Posted>,
  generation: number,
): Canonicals => {
  let made: Tables | undefined
  const tables = (): Tables => {
    made ??= tabulate(posted)
    return made
  }
  return {
    generation,
    resolve: <T extends CanonicalType>(type: T, canonical: string) => {
      const bar = canonical.indexOf('|')
      const url = bar < 0 ? canonical : canonical.slice(0, bar)
      const own = tables().get(type)?.get(url) ?? []
      const found =
        bar < 0
          ? own.find(({ definition }) => definition.status === 'active')
          : versionOf(own, canonical.slice(bar + 1))
      return (found?.definition ??
        base.resolve(type, canonical) ??
        (bar < 0 ? own[0]?.definition : undefined)) as CanonicalTypes[T] | undefined
    },
    list: (type) => [
      ...[...(tables().get(type)?.values() ?? [])].flatMap((own) => own.map(({ entry }) => entry)),
      ...base.list(type),
    ],
  }
}

/** Without packages. */
export const noCanonicals: Canonicals = { generation: 0, resolve: () => undefined, list: () => [] }

const versionOf = (own: readonly Entry[], version: string): Entry | undefined =>
  own.find(({ entry }) => entry.version === version) ??
  own.find(({ entry }) => entry.version !== undefined && isWithin(entry.version, version))

const tabulate = (posted: Iterable<Posted>): Tables => {
  const tables = new Map<string, Map<string, Entry[]>>()
  for (const definition of posted) {
    const { resourceType: type, name, status } = definition
    const url = 'url' in definition ? definition.url : undefined
    if (url === undefined || status === undefined) continue
    const version = 'version' in definition ? definition.version : undefined
    const entry: CanonicalEntry = Object.freeze({
      type,
      url,
      ...(version === undefined ? {} : { version }),
      ...(name === undefined ? {} : { name }),
      source: 'posted',
    })
    const table = tables.get(type) ?? new Map<string, Entry[]>()
    tables.set(type, table)
    const own = table.get(url)
    if (own) own.push({ entry, definition })
    else table.set(url, [{ entry, definition }])
  }
  for (const table of tables.values()) for (const own of table.values()) own.sort(better)
  return tables
}

const better = (a: Entry, b: Entry): number =>
  inactive(a) - inactive(b) || compareVersions(b.entry.version, a.entry.version)

const inactive = ({ definition }: Entry): number => (definition.status === 'active' ? 0 : 1)
