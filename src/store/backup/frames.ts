/**
 * The file of a backup: a line that says what it is, a line of JSON, then frames. Each frame vouches for itself, for its
 * place and for what came before, the last one for being the last: a flipped bit, a missing end or exchanged parts are
 * noticed. With a key the frames are encrypted too (AES-256-GCM, a nonce for each place).
 */
import { createCipheriv, createDecipheriv, createHash } from 'node:crypto'
import { BackupBroken } from './records.ts'

export const firstLine = 'LAMPLIGHT BACKUP 1\n'

/** Bytes of a frame's content. */
const frameSize = 1_048_576
const headSize = 5
const longestHeader = 1_048_576

type Codec = {
  readonly tagSize: number
  seal(content: Buffer, place: Buffer): { readonly content: Buffer; readonly tag: Buffer }
  open(content: Buffer, tag: Buffer, place: Buffer): Buffer
}

/** Twelve bytes that never come twice under one key, which is made for this file. */
const nonceOf = (place: Buffer): Buffer => Buffer.concat([Buffer.alloc(12 - place.length), place])

const encrypted = (key: Buffer, header: Buffer): Codec => ({
  tagSize: 16,
  seal: (content, place) => {
    const cipher = createCipheriv('aes-256-gcm', key, nonceOf(place)).setAAD(header)
    return { content: Buffer.concat([cipher.update(content), cipher.final()]), tag: cipher.getAuthTag() }
  },
  open: (content, tag, place) => {
    const cipher = createDecipheriv('aes-256-gcm', key, nonceOf(place), { authTagLength: 16 })
    cipher.setAAD(header).setAuthTag(tag)
    return Buffer.concat([cipher.update(content), cipher.final()])
  },
})

const plain = (header: Buffer): Codec => {
  let before = createHash('sha256').update(header).digest()
  const tagOf = (content: Buffer, place: Buffer): Buffer => {
    before = createHash('sha256').update(before).update(place).update(content).digest()
    return before
  }
  return {
    tagSize: 32,
    seal: (content, place) => ({ content, tag: tagOf(content, place) }),
    open: (content, tag, place) => {
      if (!tagOf(content, place).equals(tag)) throw new Error('checksum')
      return content
    },
  }
}

/** Four bytes of the number, one that tells whether it is the last. */
const placeOf = (number: number, isLast: boolean): Buffer => {
  const place = Buffer.alloc(5)
  place.writeUInt32BE(number)
  place[4] = isLast ? 1 : 0
  return place
}

/** The file's bytes; `header` is one line of JSON. */
export async function* sealFrames(
  bytes: AsyncIterable<Buffer>,
  header: Buffer,
  key: Buffer | undefined,
): AsyncGenerator<Buffer> {
  const codec = key ? encrypted(key, header) : plain(header)
  let number = 0
  const frame = (content: Buffer, isLast: boolean): Buffer => {
    const sealed = codec.seal(content, placeOf(number++, isLast))
    const head = Buffer.alloc(headSize)
    head.writeUInt32BE(content.length)
    head[4] = isLast ? 1 : 0
    return Buffer.concat([head, sealed.content, sealed.tag])
  }
  yield Buffer.concat([Buffer.from(firstLine), header, Buffer.from('\n')])
  let [waiting, size] = [[] as Buffer[], 0]
  for await (const chunk of bytes) {
    waiting.push(chunk)
    size += chunk.length
    if (size < frameSize) continue
    const all = Buffer.concat(waiting)
    const whole = size - (size % frameSize)
    for (let at = 0; at < whole; at += frameSize) yield frame(all.subarray(at, at + frameSize), false)
    waiting = [all.subarray(whole)]
    size -= whole
  }
  yield frame(Buffer.concat(waiting), true)
}

/** A file that is being read: its header, then its content, of which nothing is given that was not checked. */
export type Opened<H> = {
  readonly header: H
  content(keyOf: (header: H) => Buffer | undefined): AsyncIterable<Buffer>
}

/** Throws BackupBroken for what is no backup. */
export const openFrames = async <H>(bytes: AsyncIterable<Buffer>): Promise<Opened<H>> => {
  const source = bytes[Symbol.asyncIterator]()
  let rest = Buffer.alloc(0)
  const more = async (): Promise<boolean> => {
    const { done, value } = await source.next()
    if (!done) rest = Buffer.concat([rest, value])
    return !done
  }
  const line = async (): Promise<Buffer> => {
    for (;;) {
      const at = rest.indexOf(10)
      if (at >= 0) {
        const found = rest.subarray(0, at)
        rest = rest.subarray(at + 1)
        return found
      }
      if (rest.length > longestHeader || !(await more()))
        throw new BackupBroken('This is not a backup of Lamplight.')
    }
  }
  if (`${await line()}\n` !== firstLine)
    throw new BackupBroken('This is not a backup of Lamplight, or of another version.')
  const text = Buffer.from(await line())
  const header = parseHeader<H>(text)
  async function* content(keyOf: (header: H) => Buffer | undefined): AsyncGenerator<Buffer> {
    try {
      const key = keyOf(header)
      const codec = key ? encrypted(key, text) : plain(text)
      for (let number = 0; ; number++) {
        while (rest.length < headSize)
          if (!(await more())) throw new BackupBroken('The backup ends before it is complete.')
        const length = rest.readUInt32BE(0)
        const isLast = rest[4] === 1
        if (length > frameSize) throw new BackupBroken('The backup is damaged.')
        const end = headSize + length + codec.tagSize
        while (rest.length < end)
          if (!(await more())) throw new BackupBroken('The backup ends before it is complete.')
        yield opened(
          codec,
          rest.subarray(headSize, headSize + length),
          rest.subarray(headSize + length, end),
          placeOf(number, isLast),
        )
        rest = Buffer.from(rest.subarray(end))
        if (!isLast) continue
        if (rest.length > 0 || (await more()))
          throw new BackupBroken('There is something behind the end of the backup.')
        return
      }
    } finally {
      await source.return?.()
    }
  }
  return { header, content }
}

const parseHeader = <H>(text: Buffer): H => {
  try {
    return JSON.parse(text.toString('utf8')) as H
  } catch {
    throw new BackupBroken('The backup is damaged.')
  }
}

const opened = (codec: Codec, content: Buffer, tag: Buffer, place: Buffer): Buffer => {
  try {
    return codec.open(content, tag, place)
  } catch {
    throw new BackupBroken('The backup is damaged, or encrypted by another key.')
  }
}
