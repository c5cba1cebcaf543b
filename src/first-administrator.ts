/** The way in while the default tenant has no administrator: a link that works once, for the console. */
import { firstAdministratorLink } from './auth/people/follow-link.ts'
import type { Log } from './base/log.ts'
import { type ConnectionTarget, createDatabase, defaultTenant, rowSecurityOf } from './store/index.ts'

/** `base` is the URL of the FHIR endpoint. Undefined when there is an administrator. */
export const firstLink = async (
  target: ConnectionTarget,
  base: string,
  log: Log,
): Promise<string | undefined> => {
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 10_000, log })
  const url = new URL(`${base.replace(/\/fhir$/, '')}/auth`)
  const site = { tenant: defaultTenant, origin: url.origin, path: url.pathname, at: Date.now() }
  try {
    return await firstAdministratorLink(database, site)
  } finally {
    await database.close()
  }
}
