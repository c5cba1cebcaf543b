/** Which code systems there are: http://hl7.org/fhir/R4/terminologycapabilities.html */
import { builtInUrls } from './grammars/index.ts'
import type { Scope } from './scope.ts'

/** A system and its versions here, the newest first; none is known of a grammar. */
export type OfferedSystem = { readonly url: string; readonly versions: readonly string[] }

/** Of definitions, of the database and of the program, in the order of their URLs. */
export const offeredSystems = ({ canonicals, stored }: Scope): readonly OfferedSystem[] => {
  const found = new Map<string, Set<string>>()
  const add = (url: string, version: string | undefined): void => {
    const versions = found.get(url) ?? new Set<string>()
    found.set(url, versions)
    if (version !== undefined) versions.add(version)
  }
  for (const { url, version } of stored) add(url, version)
  for (const { url, version } of canonicals.list('CodeSystem')) add(url, version)
  for (const url of builtInUrls) add(url, undefined)
  return [...found]
    .map(([url, versions]) => ({ url, versions: [...versions] }))
    .toSorted((a, b) => (a.url < b.url ? -1 : 1))
}
