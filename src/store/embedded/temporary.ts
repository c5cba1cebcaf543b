/** A folder outside of the data folder, for what Postgres cannot use where it lies; gone at the next start at the latest. */
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'

export type Temporary = {
  /** Makes the folder on the first call; everybody may enter it, only we may write. */
  path(): string
  remove(): void
}

const prefix = 'lamplight-'

/** `folder` remembers the path, so that what a killed server left is found again. The caller holds its lock. */
export const createTemporary = (folder: string): Temporary => {
  const note = join(folder, 'temporary')
  let made: string | undefined
  const remove = (): void => {
    if (!existsSync(note)) return
    const path = readFileSync(note, 'utf8')
    if (basename(path).startsWith(prefix)) rmSync(path, { recursive: true, force: true })
    rmSync(note)
    made = undefined
  }
  remove()
  return {
    remove,
    path: () => {
      if (made) return made
      made = mkdtempSync(join(tmpdir(), prefix))
      if (process.platform !== 'win32') chmodSync(made, 0o755)
      writeFileSync(note, made)
      return made
    },
  }
}
