/** A store on a fresh database, for tests of storage and above. */
import type { Test } from 'tap'
import { createLog } from '../../src/base/log.ts'
import {
  createDatabase,
  createStore,
  type Database,
  type ReferencePolicy,
  type Store,
} from '../../src/store/index.ts'
import { database } from './postgres.ts'

export const openDatabase = async (t: Test): Promise<Database> => {
  const target = await database(t)
  const opened = createDatabase({
    target,
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
): Promise<{ database: Database; store: Store }> => {
  const opened = await openDatabase(t)
  return { database: opened, store: createStore(opened, references) }
}
