/** The packages that the operator has put into a folder, as .tgz files. */
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { PackageError } from './manifest.ts'
import type { Pack } from './pack.ts'
import { cachedPack } from './pack-cache.ts'
import { readTgz } from './tgz.ts'

/** A file that was not taken, with a sentence that says why. */
export type Refusal = { readonly file: string; readonly reason: string }

export type OperatorPacks = { readonly packs: readonly Pack[]; readonly refused: readonly Refusal[] }

/** Every .tgz in the folder, in the order of names; one that cannot be taken does not keep the others from loading. */
export const operatorPacks = async (
  folder: string,
  cacheFolder: string | undefined,
): Promise<OperatorPacks> => {
  const packs: Pack[] = []
  const refused: Refusal[] = []
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    refused.push({ file: folder, reason: `The folder of packages cannot be read (${error.code}).` })
    return []
  })
  for (const name of names.filter((one) => one.endsWith('.tgz')).sort()) {
    const read = await readOne(join(folder, name), cacheFolder).catch(reasonOf)
    if (typeof read === 'string') refused.push({ file: name, reason: read })
    else packs.push(read)
  }
  return { packs, refused }
}

/** Found in the cache by its content: another file under the same name is another package. */
const readOne = async (file: string, cacheFolder: string | undefined): Promise<Pack> => {
  const name = `${await digest(file)}-tgz`
  return cachedPack(cacheFolder, name, () => readTgz(() => createReadStream(file)))
}

const digest = async (file: string): Promise<string> => {
  const sum = createHash('sha256')
  for await (const chunk of createReadStream(file)) sum.update(chunk as Buffer)
  return sum.digest('hex')
}

const reasonOf = (error: NodeJS.ErrnoException): string => {
  if (error instanceof PackageError) return error.message
  if (error.code !== undefined) return `It cannot be read (${error.code}).`
  throw error
}
