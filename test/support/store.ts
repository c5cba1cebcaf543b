/** A store on a fresh database, for tests of storage and above. */
import type { Test } from 'tap'
import { createLog } from '../../src/base/log.ts'
import {
  type ConnectionTarget,
  createDatabase,
  createStore,
  type Database,
  type ReferencePolicy,
  type RowSecurity,
  type Store,
} from '../../src/store/index.ts'
import { database } from './postgres.ts'

/** `owner` runs statements with the rights of the owner, for whom there is no wall between tenants. */
export const openDatabase = async (
  t: Test,
  security: RowSecurity = 'roles',
  given?: ConnectionTarget,
): Promise<Database> => {
  const target = given ?? (await database(t))
  const opened = createDatabase({
    target,
    security,
    lines: 2,
    pool: 10,
    statementTimeout: 30_000,
    log: createLog('silent'),
  })
  t.teardown(() => opened.close())
  return opened
}

export const openStore = async (
  t: Test,
  references: ReferencePolicy = 'checked',
): Promise<{ target: ConnectionTarget; database: Database; store: Store }> => {
  const target = await database(t)
  const opened = await openDatabase(t, 'roles', target)
  return { target, database: opened, store: createStore(opened, references) }
}
