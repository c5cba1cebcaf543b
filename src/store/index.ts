/** The door of storage: what other rooms may ask of the database. */
import { type Closures, createClosures } from './closures.ts'
import type { Database, Transaction } from './database.ts'
import { createGathering, type Gathering } from './gathering.ts'
import { createIndexBuilds, type IndexBuilds, type Progress } from './index-build.ts'
import type { ResourceKey } from './key.ts'
import { lockConditions } from './locks.ts'
import { createReader, type Reader } from './reader.ts'
import { createReads, type FindCurrent } from './reads.ts'
import { missingReferences, referrers } from './references.ts'
import type { Statement } from './statement.ts'
import { createTexts, type Texts } from './texts.ts'
import type { Method } from './version.ts'
import {
  type Condition,
  createStatement,
  deleteStatement,
  type ReferencePolicy,
  updateStatement,
  versionStatement,
  type Write,
  type WriteRow,
} from './write.ts'
import { lock, type Prior, type VersionWrite, writeMany } from './write-many.ts'

export type { Account, PersonName } from './accounts.ts'
export { auditKey } from './audit-keys.ts'
export {
  type AuditEntry,
  type AuditLog,
  type AuditPage,
  type AuditPlace,
  type AuditRow,
  createAuditLog,
} from './audit-log.ts'
export type { AuditTest } from './audit-tests.ts'
export { openDump } from './backup/dump.ts'
export { type BackupHeader, checkBackup, readBackup, readHeader, writeBackup } from './backup/file.ts'
export { isEmpty, load } from './backup/load.ts'
export { BackupBroken } from './backup/records.ts'
export type { ClosureChange, ClosureConcept, ClosureLink } from './closures.ts'
export { loadConcepts, removeConcepts } from './concept-load.ts'
export { createConcepts } from './concepts.ts'
export type { ConnectionTarget } from './connection.ts'
export { createDatabase, type Database } from './database.ts'
export {
  createDefinitionSource,
  type DefinitionSource,
  type PostedDefinition,
} from './definition-watch.ts'
export { fitConnections } from './fit-connections.ts'
export { hear } from './hearing.ts'
export type { HistoryCursor, HistoryQuery } from './history.ts'
export { changesStatement } from './history.ts'
export type { Progress, RowsOf } from './index-build.ts'
export type { Leftover } from './index-build-clean.ts'
export type { BuildState } from './index-build-queue.ts'
export type { Maker } from './index-build-rows.ts'
export { keepBuilding } from './keep-building.ts'
export { keyText, type ResourceKey } from './key.ts'
export { type Listener, listen } from './listening.ts'
export { nowhere } from './nowhere.ts'
export { createOidcClients, hashSecret, type OidcClient, type OidcClients } from './oidc-clients.ts'
export {
  createOidcItems,
  type LiveToken,
  type OidcItem,
  type OidcItems,
  type OidcPayload,
  tokenName,
} from './oidc-items.ts'
export { createOidcKeys, type KeyChange, type OidcKey, type OidcKeys } from './oidc-keys.ts'
export { outboxStart, readOutbox } from './outbox.ts'
export type { HistoryEntry, Reader } from './reader.ts'
export type { RowSecurity } from './roles.ts'
export { rowSecurityOf } from './row-security.ts'
export { createSealer, keyId, SealBroken, type Sealer, type SealingKeys } from './sealed.ts'
export { noteKey, renewSealed, usedKeys } from './sealed-columns.ts'
export type { SideRows } from './side-rows.ts'
export { StaleDefinitions } from './stale.ts'
export { keepFresh } from './statistics.ts'
export {
  createTenants,
  defaultTenant,
  isTenantName,
  type Tenant,
  type TenantSettings,
  type Tenants,
  watchTenants,
} from './tenants.ts'
export type { Method, Version } from './version.ts'
export type { Condition, ReferencePolicy, Write } from './write.ts'
export type { Prior, VersionWrite } from './write-many.ts'

/** `written` is absent when the condition did not hold; `missing` are references that point at nothing. */
export type WriteResult = {
  readonly written?: { readonly version: number; readonly lastUpdated: number; readonly created: boolean }
  readonly missing: readonly ResourceKey[]
}

/** A transaction over several resources. Everything happens at `commit` or not at all. */
export type StoreTransaction = Reader & {
  /** Equal conditions of other transactions wait from here on. */
  lockConditions(tenant: number, texts: readonly string[]): Promise<void>
  /** Locks resources against other writers and tells what is there, by `Type/id`. */
  lock(tenant: number, keys: readonly ResourceKey[]): Promise<ReadonlyMap<string, Prior>>
  missingReferences(tenant: number, keys: readonly ResourceKey[]): Promise<ResourceKey[]>
  /** Resources whose tokens hold one of these hashes, at most 20. */
  referrers(tenant: number, tokens: readonly string[]): Promise<{ type: number; id: string }[]>
  write(tenant: number, writes: readonly VersionWrite[]): Promise<void>
}

export type Store = Reader & {
  /** How far the index of what was stored before is built; undefined when it is. */
  building(): Promise<Progress | undefined>
  readonly builds: IndexBuilds
  readonly closures: Closures
  readonly references: ReferencePolicy
  /**
   * The same for whoever makes index rows by this generation of a tenant's search parameters: writes throw
   * StaleDefinitions when there is another one by then.
   */
  knowing(generation: string): Store
  /** A new resource under a new id; `whole` is its text with version 1. */
  create(tenant: number, write: Write, whole: string): Promise<WriteResult>
  update(tenant: number, write: Write, method: Method, condition: Condition): Promise<WriteResult>
  /** The new version of the deletion; undefined when there was nothing to delete (or another version than `over`). */
  remove(
    tenant: number,
    key: ResourceKey,
    at: number,
    over?: number,
  ): Promise<{ readonly version: number; readonly lastUpdated: number } | undefined>
  /** Done again from the start when the database asks for it: `work` must not act on anything else. */
  transact<T>(work: (tx: StoreTransaction) => Promise<T>): Promise<T>
}

const inTransaction = (
  tx: Transaction,
  policy: ReferencePolicy,
  texts: Texts,
  known: string | null,
): StoreTransaction => ({
  ...createReader(tx.run, tx.run),
  lockConditions: (tenant, texts) => lockConditions(tx, tenant, texts),
  lock: (tenant, keys) => lock(tx, tenant, keys),
  missingReferences: (tenant, keys) => missingReferences(tx, tenant, keys, policy),
  referrers: (tenant, tokens) => referrers(tx, tenant, tokens),
  write: async (tenant, writes) => {
    await texts.learn(
      tenant,
      writes.map(({ rows }) => rows),
    )
    await writeMany(tx, tenant, writes, known)
  },
})

/** Texts above this many characters would hold up the short statements behind them on a shared line. */
const shortText = 200_000

export const createStore = (database: Database, references: ReferencePolicy): Store => {
  const texts = createTexts(database)
  const shared = {
    texts,
    builds: createIndexBuilds(database, texts),
    gathering: createGathering(database, references),
    find: createReads(database),
  }
  return storeOf(database, references, shared, null)
}

/** What stores of one database have together, whatever generation of search parameters they know. */
type Shared = {
  readonly texts: Texts
  readonly builds: IndexBuilds
  readonly gathering: Gathering
  readonly find: FindCurrent
}

const storeOf = (
  database: Database,
  references: ReferencePolicy,
  shared: Shared,
  known: string | null,
): Store => {
  const { texts, builds, gathering, find } = shared
  /** Whether a write that wrote nothing is worth another try: its condition holds now. */
  const again = async (tenant: number, key: ResourceKey, condition?: Condition): Promise<boolean> => {
    if (condition === undefined || condition === 'any') return true
    if (condition === 'absent') return false
    const [row] = await database.run<{ version: number }>(versionStatement(tenant, key))
    return row !== undefined && (condition === 'present' || row.version === condition.over)
  }
  /** Runs the statement; when it writes nothing, finds out whether references were the reason. */
  const runWrite = async (
    tenant: number,
    write: Write,
    statement: Statement,
    condition?: Condition,
  ): Promise<WriteResult> => {
    const short = write.content.head.length + write.content.tail.length < shortText
    const run = short ? database.run : database.query
    for (;;) {
      const [row] = await run<WriteRow>(statement)
      if (row)
        return {
          written: { version: row.version, lastUpdated: row.last_updated, created: row.created },
          missing: [],
        }
      const missing = await missingReferences(database, tenant, write.references, references)
      if (missing.length > 0 || !(await again(tenant, write, condition))) return { missing }
      // What was referred to has come to be, or another writer came between, in the meantime.
    }
  }
  return {
    ...createReader(database.read, database.query, find),
    references,
    knowing: (generation) => storeOf(database, references, shared, generation),
    building: builds.progress,
    builds,
    closures: createClosures(database),
    create: async (tenant, write, whole) => {
      const learning = texts.learn(tenant, [write.rows])
      if (learning) await learning
      const alone = (): Promise<WriteResult> =>
        runWrite(tenant, write, createStatement(tenant, write, whole, references, known))
      const written = { version: 1, lastUpdated: write.at, created: true }
      return gathering.create(tenant, known, { write, whole }, alone, { written, missing: [] })
    },
    update: async (tenant, write, method, condition) => {
      const learning = texts.learn(tenant, [write.rows])
      if (learning) await learning
      const statement = updateStatement(tenant, write, method, condition, references, known)
      return runWrite(tenant, write, statement, condition)
    },
    remove: async (tenant, key, at, over) => {
      const [row] = await database.run<{ version: number; last_updated: number }>(
        deleteStatement(tenant, key, at, over),
      )
      return row && { version: row.version, lastUpdated: row.last_updated }
    },
    transact: (work) => database.transact((tx) => work(inTransaction(tx, references, texts, known))),
  }
}
