/** The Postgres of a test run: real settings, but its disk is not waited for, and a migrated template to clone. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { createLog } from '../../src/base/log.ts'
import { type EmbeddedConnection, startEmbedded } from '../../src/store/embedded/start.ts'
import { migrate } from '../../src/store/migrate.ts'

/** The database that every test database is a copy of. */
export const template = 'lamplight_template'

/** Files of one run get the connection in this variable, as JSON. */
export const variable = 'TEST_POSTGRES'

export type TestCluster = { readonly connection: EmbeddedConnection; stop(): Promise<void> }

/** Only tests of durability may need these, and they start a Postgres of their own. */
const fast = { fsync: 'off', full_page_writes: 'off', shared_buffers: '256MB', max_connections: '200' }

/** Runs one statement on a connection of its own. */
export const runAlone = async (connection: EmbeddedConnection, text: string): Promise<void> => {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    await client.query(text)
  } finally {
    await client.end()
  }
}

/** Starts Postgres in a temporary folder below `under` and makes the template. */
export const startTestCluster = async (under = tmpdir()): Promise<TestCluster> => {
  const folder = mkdtempSync(join(under, 'lamplight-test-'))
  const server = await startEmbedded({ folder, log: createLog('silent'), cores: 2, settings: fast })
  const remove = (): void => rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  process.once('exit', remove)
  const stop = async (): Promise<void> => {
    await server.stop()
    process.off('exit', remove)
    remove()
  }
  try {
    await runAlone(server.connection, `create database ${template}`)
    await migrate({ ...server.connection, database: template })
  } catch (error) {
    await stop()
    throw error
  }
  return { connection: server.connection, stop }
}
