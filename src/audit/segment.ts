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

export type Segment = {
  readonly path: string
  /** Bytes that are whole lines. */
  size(): number
  /** Bytes that are in the database already. */
  shipped(): number
  /** Writes whole lines or nothing; throws what the file system says. */
  append(lines: string): void
  /** Up to some hundred lines that are not in the database yet; `bytes` are theirs with the ends of line. */
  next(): { readonly lines: readonly string[]; readonly bytes: number }
  /** After `next` was put into the database. */
  advance(bytes: number): void
  /** Makes what was written outlive a failure of power. */
  sync(): Promise<void>
  /** Everything is in the database. */
  remove(): void
  close(): void
}

const chunk = 256 * 1024
const mostLines = 500

/** Opens a file, or makes it. What stands behind its last end of line was never acknowledged. */
export const openSegment = (path: string): Segment => {
  const file = openSync(path, 'a+', 0o600)
  let size = wholeLines(file, fstatSync(file).size)
  let shipped = 0
  let isDirty = false
  const read = (length: number): Buffer => {
    const bytes = Buffer.allocUnsafe(Math.min(length, size - shipped))
    return bytes.subarray(0, readSync(file, bytes, 0, bytes.length, shipped))
  }
  return {
    path,
    size: () => size,
    shipped: () => shipped,
    append: (lines) => {
      const bytes = Buffer.from(lines)
      try {
        for (let done = 0; done < bytes.length; ) done += writeSync(file, bytes, done)
      } catch (error) {
        ftruncateSync(file, size)
        throw error
      }
      size += bytes.length
      isDirty = true
    },
    next: () => {
      for (let length = chunk; ; length *= 2) {
        const bytes = read(length)
        const end = bytes.lastIndexOf(10) + 1
        // A line that is longer than the chunk needs a larger one.
        if (end === 0 && bytes.length === length) continue
        const lines = bytes.toString('utf8', 0, end).split('\n')
        // What stands behind the last end of line.
        lines.pop()
        const taken = lines.slice(0, mostLines)
        return { lines: taken, bytes: taken.reduce((sum, line) => sum + Buffer.byteLength(line) + 1, 0) }
      }
    },
    advance: (bytes) => {
      shipped += bytes
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
