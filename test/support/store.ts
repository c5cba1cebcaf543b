/** A store on a fresh database, for tests of storage and above. */
import type { Test } from 'tap'
import { createLog } from '../../src/base/log.ts'
import { stamp } from '../../src/fhir/json/stamp.ts'
import {
  type ConnectionTarget,
  createDatabase,
  createStore,
  type Database,
  type ReferencePolicy,
  type RowSecurity,
  type Store,
  type Write,
} from '../../src/store/index.ts'
import { hashes } from './hashes.ts'
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

/** Found by two tokens and refers to nothing, unless `more` says otherwise. `at` is in ms since 1970. */
export const writeOf = (
  type: string,
  id: string,
  text: string,
  at: number,
  more: Partial<Write> = {},
): Write => ({
  type,
  id,
  content: stamp(text, id),
  tokens: hashes('1', '-2'),
  references: [],
  at,
  ...more,
})
