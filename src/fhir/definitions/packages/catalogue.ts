/** Which packages are there, and which of those that they build on are not: https://hl7.org/fhir/packages.html */
import { packageName } from './manifest.ts'
import type { Pack } from './pack.ts'
import { compareVersions } from './versions.ts'

/** One package. Versions are as in its manifest. */
export type LoadedPackage = {
  readonly name: string
  readonly version: string
  readonly title?: string
  /** Whether it comes with the server or is from the operator's folder. */
  readonly from: 'server' | 'folder'
  readonly definitions: number
  /** `hl7.fhir.uv.ipa#1.1.0`: packages that it builds on of which no version is there. */
  readonly missing: readonly string[]
  /** Packages that it builds on of which there are only older versions than it names. */
  readonly older: readonly string[]
}

export const catalogue = (packs: readonly Pack[], fromFolder: readonly Pack[]): readonly LoadedPackage[] => {
  const newest = new Map<string, string>()
  for (const { manifest } of packs) {
    const known = newest.get(manifest.name)
    if (known === undefined || compareVersions(known, manifest.version) < 0)
      newest.set(manifest.name, manifest.version)
  }
  return packs.map((pack) => {
    const { manifest, entries } = pack
    const wanted = Object.entries(manifest.dependencies).filter(([name]) => !ignored.has(name))
    const name = ([key, version]: [string, string]): string => packageName({ name: key, version })
    return {
      name: manifest.name,
      version: manifest.version,
      ...(manifest.title === undefined ? {} : { title: manifest.title }),
      from: fromFolder.includes(pack) ? 'folder' : 'server',
      definitions: entries.length,
      missing: wanted.filter(([key]) => !newest.has(key)).map(name),
      older: wanted.filter(([key, version]) => isOlder(newest.get(key), version)).map(name),
    }
  })
}

/** Has nothing that other definitions could build on. */
const ignored = new Set(['hl7.fhir.r4.examples'])

/** `current`, `5.2.x` and ranges are met by any version. */
const isOlder = (there: string | undefined, wanted: string): boolean =>
  there !== undefined && /^\d[\w.-]*$/.test(wanted) && !/x/.test(wanted) && compareVersions(there, wanted) < 0

/** Of packages with the same name and version the first, so that the operator's replaces that of the server. */
export const withoutRepeats = (packs: readonly Pack[]): readonly Pack[] =>
  [...new Map(packs.toReversed().map((pack) => [packageName(pack.manifest), pack])).values()].toReversed()
