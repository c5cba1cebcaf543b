/** Loads the definitions, from the cached compact form when there is one: http://hl7.org/fhir/R4/definitions.html */
import { hash, randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Compact, compactFormat, expand } from './compact.ts'
import { condense } from './condense.ts'
import type { Definitions } from './model.ts'
import { readSources, sourceVersion } from './sources.ts'

/**
 * The definitions of R4. Builds the compact form on first use (about a second) and keeps it in the folder, if one is
 * given; later loads take some 30 ms. A folder that cannot be written costs only the time of building.
 */
export const loadDefinitions = async (cacheFolder: string | undefined): Promise<Definitions> => {
  if (cacheFolder === undefined) return expand(condense(await readSources()))
  const file = join(cacheFolder, `definitions-${await sourceVersion()}-${compactFormat}.json`)
  const cached = await readCache(file)
  if (cached) return expand(cached)
  const compact = condense(await readSources())
  await writeCache(cacheFolder, file, compact)
  return expand(compact)
}

/** The first line is the SHA-256 of the rest: a file that was cut or changed is built anew. */
const readCache = async (file: string): Promise<Compact | undefined> => {
  const text = await readFile(file, 'utf8').catch(() => '')
  const end = text.indexOf('\n')
  const content = text.slice(end + 1)
  if (end < 0 || text.slice(0, end) !== hash('sha256', content)) return undefined
  return JSON.parse(content) as Compact
}

/** By rename, so that another process never sees half of it. */
const writeCache = async (folder: string, file: string, compact: Compact): Promise<void> => {
  const content = JSON.stringify(compact)
  const draft = `${file}.${randomUUID()}`
  try {
    await mkdir(folder, { recursive: true })
    await writeFile(draft, `${hash('sha256', content)}\n${content}`)
    await rename(draft, file)
  } catch {
    // The cache is a convenience: a read-only or full disk must not keep the server from starting.
    await rm(draft, { force: true }).catch(() => undefined)
  }
}
