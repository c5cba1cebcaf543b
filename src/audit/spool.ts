/** The spool: what was acknowledged and is not in the database yet, in files that outlive this process. */

import { randomUUID } from 'node:crypto'
import { mkdirSync, readdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { isOrphan, ownName } from './owner.ts'
import { type Line, openSegment, type Segment } from './segment.ts'

export type Spool = {
  /** Lines with their ends, and one by one. Throws what the file system says; then nothing of them stays. */
  append(text: string, lines: readonly Line[]): void
  /** What is to be shipped first; undefined when everything is in the database. */
  oldest(): Segment | undefined
  /** Forgets a segment that is shipped to its end; the one that is written to stays. */
  settle(segment: Segment): void
  /** Takes over what dead processes left; gives the number of files. */
  adopt(): number
  sync(): Promise<void>
  close(): void
}

/** A file is not made longer than this: it stays until all of it is in the database. */
const longest = 16 * 1024 * 1024

export const createSpool = (folder: string): Spool => {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const open = (): Segment => openSegment(join(folder, ownName(randomUUID())))
  const waiting: Segment[] = []
  let current = open()
  return {
    append: (text, lines) => {
      if (current.size() > longest) {
        const next = open()
        waiting.push(current)
        current = next
      }
      current.append(text, lines)
    },
    oldest: () => waiting[0] ?? (current.shipped() < current.size() ? current : undefined),
    settle: (segment) => {
      if (segment === current || segment.shipped() < segment.size()) return
      waiting.splice(waiting.indexOf(segment), 1)
      segment.remove()
    },
    adopt: () => {
      const orphans = readdirSync(folder).filter(isOrphan)
      for (const orphan of orphans) {
        const path = join(folder, ownName(randomUUID()))
        try {
          renameSync(join(folder, orphan), path)
        } catch (error) {
          // Another process was faster.
          if ((error as NodeJS.ErrnoException).code === 'ENOENT') continue
          throw error
        }
        waiting.push(openSegment(path))
      }
      return orphans.length
    },
    sync: async () => {
      await Promise.all([...waiting, current].map((segment) => segment.sync()))
    },
    close: () => {
      for (const segment of [...waiting, current]) {
        if (segment.shipped() < segment.size()) segment.close()
        else segment.remove()
      }
    },
  }
}
