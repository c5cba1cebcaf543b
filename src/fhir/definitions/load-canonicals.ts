/** Loads the definitions of all packages: those that come with the server and those in a folder of the operator. */
import type { Canonicals } from './canonicals.ts'
import { builtInPacks } from './packages/built-in.ts'
import { canonicalsOf } from './packages/canonicals-of-packs.ts'

/** Some seconds when the cache folder has no packs yet, some 50 ms later on. */
export const loadCanonicals = async (cacheFolder: string | undefined): Promise<Canonicals> =>
  canonicalsOf(await builtInPacks(cacheFolder), 0)
