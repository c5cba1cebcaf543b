/** The way in while a hospital has no administrator: a link that works once, for the console. */
import { firstAdministratorLink } from './auth/people/follow-link.ts'
import type { Log } from './base/log.ts'
import {
  type ConnectionTarget,
  createDatabase,
  type Database,
  defaultTenant,
  rowSecurityOf,
} from './store/index.ts'

/** `base` is the URL of the hospital's FHIR endpoint. Undefined when there is an administrator. */
export const firstLink = (database: Database, tenant: number, base: string): Promise<string | undefined> => {
  const url = new URL(`${base.replace(/\/fhir$/, '')}/auth`)
  return firstAdministratorLink(database, { tenant, origin: url.origin, path: url.pathname, at: Date.now() })
}

/** The same for the default hospital, at the start of the server. */
export const firstLinkAtStart = async (
  target: ConnectionTarget,
  base: string,
  log: Log,
): Promise<string | undefined> => {
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 10_000, log })
  try {
    return await firstLink(database, defaultTenant, base)
  } finally {
    await database.close()
  }
}
