/** The Postgres of a Lamplight that runs on a data folder, for commands beside it. https://www.postgresql.org/docs/current/storage-file-layout.html */
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { owner } from './cluster.ts'
import type { EmbeddedConnection } from './start.ts'

/** How to connect to the Postgres that runs in this folder (`.lamplight/postgres`); undefined when none answers. */
export const runningEmbedded = async (folder: string): Promise<EmbeddedConnection | undefined> => {
  const connection = described(folder)
  if (connection === undefined) return undefined
  const client = new pg.Client({ ...connection, connectionTimeoutMillis: 5000 })
  try {
    await client.connect()
    await client.end()
    return connection
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ECONNREFUSED') return undefined
    throw error
  }
}

/** What `postmaster.pid` says, which is left behind by a Postgres that was killed. */
const described = (folder: string): EmbeddedConnection | undefined => {
  try {
    const data = join(realpathSync(folder), 'data')
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    const base = { port: Number(lines[3]), user: owner, database: owner }
    if (process.platform === 'win32')
      return { ...base, host: '127.0.0.1', password: readFileSync(join(folder, 'password'), 'utf8') }
    const directory = lines[4]?.trim() ?? ''
    // Postgres may know its directory only as the place where it stands.
    return { ...base, host: directory.startsWith('/proc/') ? data : directory }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
