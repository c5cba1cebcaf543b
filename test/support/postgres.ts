/** A fresh, migrated database for a test, gone at its end. */
import t, { type Test } from 'tap'
import type { EmbeddedConnection } from '../../src/store/embedded/start.ts'

export { urlOf } from './url.ts'

import { runAlone, startTestCluster, template, variable } from './cluster.ts'

let connection: Promise<EmbeddedConnection> | undefined

/** The run's Postgres; a file that runs alone starts one for itself. */
const cluster = (): Promise<EmbeddedConnection> => {
  const given = process.env[variable]
  if (given) return Promise.resolve(JSON.parse(given) as EmbeddedConnection)
  return startTestCluster().then(({ connection, stop }) => {
    t.teardown(stop)
    return connection
  })
}

let made = 0

/** Parts of a connection, as `pg` and our store take them. */
export const database = async (t: Test): Promise<EmbeddedConnection> => {
  connection ??= cluster()
  const server = await connection
  const name = `test_${process.pid}_${made++}`
  await runAlone(server, `create database ${name} template ${template} strategy file_copy`)
  t.teardown(() => runAlone(server, `drop database ${name} with (force)`))
  return { ...server, database: name }
}
