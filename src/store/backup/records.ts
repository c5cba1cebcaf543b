/** What a backup consists of, as bytes: a letter, a length of four bytes, and as many bytes. */

/** `data` is text in the format of COPY. */
export type BackupRecord =
  | { readonly kind: 'table'; readonly name: string; readonly columns: readonly string[] }
  | { readonly kind: 'data'; readonly data: Buffer }
  | { readonly kind: 'rows'; readonly rows: number }
  | { readonly kind: 'sequence'; readonly name: string; readonly value: string; readonly isCalled: boolean }
  | { readonly kind: 'end'; readonly tables: number }

/** It is not what a backup is made of. */
export class BackupBroken extends Error {
  override readonly name = 'BackupBroken'
}

const dataLetter = 'D'.charCodeAt(0)
const jsonLetter = 'J'.charCodeAt(0)
/** Longer ones were never written, and must not be believed. */
const longest = 64 * 1024 ** 2

export const encodeRecord = (record: BackupRecord): Buffer => {
  const isData = record.kind === 'data'
  const body = isData ? record.data : Buffer.from(JSON.stringify(record))
  const head = Buffer.alloc(5)
  head[0] = isData ? dataLetter : jsonLetter
  head.writeUInt32BE(body.length, 1)
  return Buffer.concat([head, body])
}

/** Throws BackupBroken when the bytes end in the middle of a record or before the last one. */
export async function* decodeRecords(bytes: AsyncIterable<Buffer>): AsyncGenerator<BackupRecord> {
  let rest: Buffer = Buffer.alloc(0)
  let isOver = false
  for await (const chunk of bytes) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let at = 0
    while (rest.length - at >= 5) {
      const length = rest.readUInt32BE(at + 1)
      if (length > longest)
        throw new BackupBroken('The backup holds something that is too long to be a record.')
      if (rest.length - at - 5 < length) break
      const record = decode(rest[at], rest.subarray(at + 5, at + 5 + length))
      at += 5 + length
      isOver = record.kind === 'end'
      yield record
    }
    rest = rest.subarray(at)
  }
  if (rest.length > 0 || !isOver) throw new BackupBroken('The backup ends before it is complete.')
}

const decode = (letter: number | undefined, body: Buffer): BackupRecord => {
  if (letter === dataLetter) return { kind: 'data', data: body }
  if (letter !== jsonLetter) throw new BackupBroken('The backup holds something that is no record.')
  return JSON.parse(body.toString('utf8')) as BackupRecord
}
