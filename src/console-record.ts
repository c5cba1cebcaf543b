/** What is done at the console of the server, put on record before it is told. */
import { resolve } from 'node:path'
import type { Happening } from './access/happening.ts'
import type { Principal } from './access/principal.ts'
import { openAudit } from './audit/index.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'
import {
  type ConnectionTarget,
  createAuditLog,
  createDatabase,
  type Database,
  defaultTenant,
  rowSecurityOf,
} from './store/index.ts'

type Deed = Pick<Happening, 'kind' | 'code' | 'action' | 'said' | 'data'> & {
  /** In whose log it stands; what is about the whole server stands in the first one's. */
  readonly tenant?: number
}

/** Whoever sits there has the data folder or the database, and is known to the system of the machine only. */
const operator: Principal = { kind: 'system', id: 'console', display: 'Console', roles: [], scopes: [] }

export type ConsoleRecord = { readonly config: Config; readonly database: Database; readonly log: Log }

/** Throws a StartError when it cannot be kept: then nothing is to be told. */
export const recordAtConsole = async (
  { config, database, log }: ConsoleRecord,
  { tenant = defaultTenant, ...deed }: Deed,
): Promise<void> => {
  const base = config.baseUrl ?? 'http://localhost/fhir'
  const origin = { tenant, at: Date.now(), who: operator, address: undefined, base, trace: '0'.repeat(32) }
  try {
    const folder = resolve(config.dataFolder)
    const audit = openAudit(createAuditLog(database), { folder, mode: 'database', log })
    await audit.record(origin, { outcome: 0, ...deed }).finally(audit.close)
  } catch (error) {
    throw new StartError(
      `It cannot be put on record, so it is not told: ${(error as Error).message} Look whether the folder of LAMPLIGHT_DATA can be written to, and whether the server that runs is of this version; restart it otherwise.`,
    )
  }
}

/** The same where there is no connection yet. */
export const recordOn = async (
  { config, target, log }: Omit<ConsoleRecord, 'database'> & { readonly target: ConnectionTarget },
  deed: Deed,
): Promise<void> => {
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 10_000, log })
  await recordAtConsole({ config, database, log }, deed).finally(database.close)
}
