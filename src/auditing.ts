/** The audit log of this process, as the configuration wants it. */
import { resolve } from 'node:path'
import type { Recording } from './access/happening.ts'
import { createAuditEvents, createProvenances, openAudit } from './audit/index.ts'
import { keepUp } from './audit/upkeep.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config.ts'
import type { Deriver, Keeper } from './rest/index.ts'
import { createAuditLog, type Database } from './store/index.ts'

type Auditing = {
  readonly recording: Recording
  /** Who answers for AuditEvent resources. */
  readonly keepers: ReadonlyMap<string, Keeper>
  /** Who knows of Provenance that nobody sent. */
  readonly derivers: ReadonlyMap<string, Deriver>
  /** Everything is in the database, or stays in the spool. Before the database is closed. */
  close(): Promise<void>
}

export const openAuditing = (config: Config, database: Database, log: Log): Auditing => {
  const folder = resolve(config.dataFolder)
  const events = createAuditLog(database)
  const audit = openAudit(events, { folder, mode: config.audit, log })
  const stopUpkeep = keepUp({ audit: events, folder, log, years: config.auditYears })
  return {
    recording: audit,
    keepers: new Map([['AuditEvent', createAuditEvents(events, audit)]]),
    derivers: new Map([['Provenance', createProvenances(events, audit.drain)]]),
    close: () => {
      stopUpkeep()
      return audit.close()
    },
  }
}
