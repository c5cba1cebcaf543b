/** Packs as files in the cache folder: built once, read whole at later starts. */
import { hash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Pack, packFormat } from './pack.ts'

/**
 * The pack of that name in the folder, else what `build` makes, which is written there for the next start. `name`
 * must change with the content. Several processes may do this at once; a folder that cannot be written, a file that
 * was cut or changed, cost only the time of building.
 */
export const cachedPack = async (
  folder: string | undefined,
  name: string,
  build: () => Promise<Pack>,
): Promise<Pack> => {
  if (folder === undefined) return build()
  const file = join(folder, `package-${name.replaceAll(/[^\w.+-]/g, '_')}-${packFormat}.pack`)
  const cached = decode(await readFile(file).catch(() => undefined))
  if (cached) return cached
  const pack = await build()
  await write(folder, file, pack)
  return pack
}

/** A line with the SHA-256 of the rest, a line with the index, and the data. */
const encode = ({ data, ...index }: Pack): Buffer => {
  const rest = Buffer.concat([Buffer.from(`${JSON.stringify(index)}\n`), data])
  return Buffer.concat([Buffer.from(`${hash('sha256', rest)}\n`), rest])
}

const newline = 10

const decode = (file: Buffer | undefined): Pack | undefined => {
  const first = file?.indexOf(newline) ?? -1
  if (!file || first < 0) return undefined
  const rest = file.subarray(first + 1)
  if (file.toString('latin1', 0, first) !== hash('sha256', rest)) return undefined
  const second = rest.indexOf(newline)
  const index = JSON.parse(rest.toString('utf8', 0, second)) as Omit<Pack, 'data'>
  return { ...index, data: rest.subarray(second + 1) }
}

/** By rename, so that another process never sees half of it. */
const write = async (folder: string, file: string, pack: Pack): Promise<void> => {
  const draft = `${file}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(draft, encode(pack))
    await rename(draft, file)
  } catch {
    // The cache is a convenience: a read-only or full disk must not keep the server from starting.
    await rm(draft, { force: true }).catch(() => undefined)
  }
}
