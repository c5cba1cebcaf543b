/** A file of the spool: lines that were acknowledged, until they are in the database. */
import {
  closeSync,
  fdatasync,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  unlinkSync,
  writeSync,
} from 'node:fs'
import type { AuditedEvent } from './event.ts'

/** A line without its end; `event` is what it says, while that is still in memory. */
export type Line = { readonly text: string; readonly event?: AuditedEvent }

export type Segment = {
  readonly path: string
  /** Bytes that are whole lines. */
  size(): number
  /** Bytes that are in the database already. */
  shipped(): number
  /** Writes whole lines or nothing; throws what the file system says. `lines` are the same one by one. */
  append(text: string, lines?: readonly Line[]): void
  /** Some hundred lines that are not in the database yet; `bytes` are theirs with the ends of line. */
  next(): { readonly lines: readonly Line[]; readonly bytes: number }
  /** After `next` was put into the database. */
  advance(bytes: number): void
  /** Makes what was written outlive a failure of power. */
  sync(): Promise<void>
  /** Everything is in the database. */
  remove(): void
  close(): void
}

const chunk = 256 * 1024
const mostLines = 1000

/** So much is kept in memory until it is shipped; what stands behind it is read from the file. */
const mostHeld = { lines: 4000, bytes: 8 * 1024 * 1024 }
/** So many bytes are shipped together. */
const mostBytes = 1024 * 1024

/** Texts of so many characters are written by way of one buffer, that no memory is asked for each time. */
const short = 20_000

/** What was written at once: its place in the file, and its lines. */
type Held = { readonly from: number; readonly bytes: number; readonly lines: readonly Line[] }

/** Opens a file, or makes it. What stands behind its last end of line was never acknowledged. */
export const openSegment = (path: string): Segment => {
  const file = openSync(path, 'a+', 0o600)
  let size = wholeLines(file, fstatSync(file).size)
  let shipped = 0
  let isDirty = false
  let held: Held[] = []
  let holds = { lines: 0, bytes: 0 }
  let page: Buffer | undefined
  const read = (length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(Math.min(length, size - shipped, (held[0]?.from ?? size) - shipped))
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, shipped))
  }
  const fromFile = (): ReturnType<Segment['next']> => {
    for (let length = chunk; ; length *= 2) {
      const bytes = read(length)
      const end = bytes.lastIndexOf(10) + 1
      // A line that is longer than the chunk needs a larger one.
      if (end === 0 && bytes.length === length) continue
      const texts = bytes.toString('utf8', 0, end).split('\n')
      // What stands behind the last end of line.
      texts.pop()
      const taken = texts.slice(0, mostLines)
      return {
        lines: taken.map((text) => ({ text })),
        bytes: taken.reduce((sum, text) => sum + Buffer.byteLength(text) + 1, 0),
      }
    }
  }
  const fromMemory = (): ReturnType<Segment['next']> => {
    const lines: Line[] = []
    let bytes = 0
    for (const one of held) {
      if (lines.length > 0 && (lines.length + one.lines.length > mostLines || bytes > mostBytes)) break
      if (one.from !== shipped + bytes) break
      lines.push(...one.lines)
      bytes += one.bytes
    }
    return { lines, bytes }
  }
  const write = (bytes: Buffer, length: number): number => {
    for (let done = 0; done < length; ) done += writeSync(file, bytes, done, length - done)
    return length
  }
  const put = (text: string): number => {
    if (text.length > short) return write(Buffer.from(text), Buffer.byteLength(text))
    page ??= Buffer.allocUnsafeSlow(short * 3)
    return write(page, page.write(text))
  }
  return {
    path,
    size: () => size,
    shipped: () => shipped,
    append: (text, lines) => {
      let bytes = 0
      try {
        bytes = put(text)
      } catch (error) {
        ftruncateSync(file, size)
        throw error
      }
      if (lines && holds.lines + lines.length <= mostHeld.lines && holds.bytes + bytes <= mostHeld.bytes) {
        held.push({ from: size, bytes, lines })
        holds = { lines: holds.lines + lines.length, bytes: holds.bytes + bytes }
      }
      size += bytes
      isDirty = true
    },
    next: () => (held[0]?.from === shipped ? fromMemory() : fromFile()),
    advance: (bytes) => {
      shipped += bytes
      held = held.filter(({ from }) => from >= shipped)
      holds = held.reduce(
        (sum, { lines, bytes }) => ({ lines: sum.lines + lines.length, bytes: sum.bytes + bytes }),
        { lines: 0, bytes: 0 },
      )
    },
    sync: async () => {
      if (!isDirty) return
      isDirty = false
      await new Promise<void>((done, fail) => fdatasync(file, (error) => (error ? fail(error) : done())))
    },
    remove: () => {
      closeSync(file)
      unlinkSync(path)
    },
    close: () => closeSync(file),
  }
}

/** Cuts off a line that a dying process did not finish; gives the bytes that stay. */
const wholeLines = (file: number, size: number): number => {
  const end = Buffer.alloc(64 * 1024)
  for (let until = size; until > 0; ) {
    const from = Math.max(0, until - end.length)
    const length = readSync(file, end, 0, until - from, from)
    const at = end.subarray(0, length).lastIndexOf(10)
    if (at >= 0) {
      if (from + at + 1 < size) ftruncateSync(file, from + at + 1)
      return from + at + 1
    }
    until = from
  }
  if (size > 0) ftruncateSync(file, 0)
  return 0
}
