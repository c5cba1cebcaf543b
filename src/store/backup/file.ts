/** A backup as one file: records, compressed, in frames. */
import { createReadStream, createWriteStream } from 'node:fs'
import { open, rename, rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { createZstdCompress, createZstdDecompress } from 'node:zlib'
import type { DumpHead } from './dump.ts'
import { openFrames, sealFrames } from './frames.ts'
import { BackupBroken, type BackupRecord, decodeRecords } from './records.ts'

/** What the file says of itself; `salt` (base64) and `key` (its id) for an encrypted one. */
export type BackupHeader = DumpHead & {
  readonly version: string
  /** ISO 8601 */
  readonly at: string
  readonly encrypted?: { readonly key: string; readonly salt: string }
}

/** Writes beside the place first: a file under its name is whole. */
export const writeBackup = async (
  path: string,
  header: BackupHeader,
  records: AsyncIterable<Buffer>,
  key: Buffer | undefined,
): Promise<void> => {
  const part = `${path}.part`
  const line = Buffer.from(JSON.stringify(header))
  try {
    await pipeline(
      records,
      createZstdCompress(),
      (compressed: AsyncIterable<Buffer>) => sealFrames(compressed, line, key),
      createWriteStream(part, { mode: 0o600 }),
    )
    const handle = await open(part, 'r+')
    await handle.sync()
    await handle.close()
    await rename(part, path)
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}

/** `keyOf` gives the key of an encrypted file, by what its header says. */
export type KeyOf = (header: BackupHeader) => Buffer | undefined

const opened = (path: string) =>
  openFrames<BackupHeader>(createReadStream(path, { highWaterMark: 1_048_576 }))

/** Throws BackupBroken. */
export const readHeader = async (path: string): Promise<BackupHeader> => {
  const stream = createReadStream(path)
  try {
    return (await openFrames<BackupHeader>(stream)).header
  } finally {
    stream.destroy()
  }
}

/** The records, checked as they come. Throws BackupBroken. */
export async function* readBackup(path: string, keyOf: KeyOf): AsyncGenerator<BackupRecord> {
  const { content } = await opened(path)
  const unpack = createZstdDecompress()
  const unpacking = pipeline(content(keyOf), unpack)
  unpacking.catch(() => {})
  try {
    yield* decodeRecords(unpack)
    await unpacking
  } catch (error) {
    // What is wrong with the frames is why the records are.
    const cause = await unpacking.then(
      () => error,
      (failure: unknown) => failure,
    )
    for (const one of [cause, error]) if (one instanceof BackupBroken) throw one
    if (isZlib(cause) || isZlib(error)) throw new BackupBroken('The backup is damaged.', { cause })
    throw error
  }
}

const isZlib = (error: unknown): boolean => /^Z(STD)?_/.test((error as NodeJS.ErrnoException).code ?? '')

/** Reads the file to its end. Throws BackupBroken. Gives the number of its rows. */
export const checkBackup = async (path: string, keyOf: KeyOf): Promise<number> => {
  let rows = 0
  for await (const record of readBackup(path, keyOf)) if (record.kind === 'rows') rows += record.rows
  return rows
}
