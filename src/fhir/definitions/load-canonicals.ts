/** Loads the definitions of all packages: those that come with the server and those in a folder of the operator. */
import type { Canonicals } from './canonicals.ts'
import { builtInPacks } from './packages/built-in.ts'
import { canonicalsOf } from './packages/canonicals-of-packs.ts'
import { catalogue, type LoadedPackage, withoutRepeats } from './packages/catalogue.ts'
import { operatorPacks, type Refusal } from './packages/operator.ts'

export type PackageDefinitions = {
  readonly canonicals: Canonicals
  readonly packages: readonly LoadedPackage[]
  /** Files of the operator that are not among them. */
  readonly refused: readonly Refusal[]
}

/**
 * Every definition of the packages by canonical. `packagesFolder` has .tgz files. Takes some seconds when the cache
 * folder has no packs yet, some 50 ms later on. One that cannot be written costs only the time and 10 MB of memory.
 */
export const loadCanonicals = async (
  cacheFolder: string | undefined,
  packagesFolder?: string,
): Promise<PackageDefinitions> => {
  const builtIn = await builtInPacks(cacheFolder)
  const operator =
    packagesFolder === undefined
      ? { packs: [], refused: [] }
      : await operatorPacks(packagesFolder, cacheFolder)
  const packs = withoutRepeats([...operator.packs, ...builtIn])
  return {
    canonicals: canonicalsOf(packs, 0),
    packages: catalogue(packs, operator.packs),
    refused: operator.refused,
  }
}
