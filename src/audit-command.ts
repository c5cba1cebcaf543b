/** `npm run audit -- verify [--tenant n]`: checks the chains of the audit log; `anchor` writes down where they stand. */
import { resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { anchor } from './audit/anchors.ts'
import { openSigning } from './audit/signing.ts'
import { verify } from './audit/verify.ts'
import { createLog, type Log } from './base/log.ts'
import { command } from './command.ts'
import { readConfig } from './config.ts'
import { reach } from './primary.ts'
import { StartError } from './start-error.ts'
import {
  createAuditLog,
  createDatabase,
  createTenants,
  type Database,
  rowSecurityOf,
  type Tenants,
} from './store/index.ts'

const usage = `npm run audit -- verify [--tenant NAME]   checks the chain of one hospital, or of all
npm run audit -- anchor                   writes down where the chains stand now`

type Asked = { readonly what: 'verify' | 'anchor'; readonly tenant?: string }

const readAsked = (): Asked => {
  try {
    const { positionals, values } = parseArgs({
      allowPositionals: true,
      options: { tenant: { type: 'string' } },
    })
    const [what, ...more] = positionals
    if ((what !== 'verify' && what !== 'anchor') || more.length > 0) throw new Error('What is to be done?')
    if (values.tenant === undefined) return { what }
    return { what, tenant: values.tenant }
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
}

/** By its number too, as it was said before. */
const numberOf = (tenants: Tenants, text: string): number => {
  const found = tenants.byName(text) ?? tenants.byNumber(Number(text))
  if (!found) throw new StartError(`There is no hospital called ${text}; npm run tenant -- list`)
  return found.number
}

/** Whether everything is as it should be. */
const perform = async (database: Database, folder: string, asked: Asked, log: Log): Promise<boolean> => {
  const audit = createAuditLog(database)
  const signing = await openSigning(folder)
  if (asked.what === 'anchor') {
    await anchor(audit, signing, { folder, log, at: Date.now() })
    return true
  }
  let holds = true
  const known = createTenants(database)
  await known.learn()
  const numbers = asked.tenant === undefined ? await audit.tenants() : [numberOf(known, asked.tenant)]
  for (const tenant of numbers) {
    const { checked, head, broken } = await verify({ audit, signing, folder }, tenant)
    const said = broken ?? `holds. The last hash is ${head}.`
    const name = known.byNumber(tenant)?.name ?? 'unknown'
    process.stdout.write(
      `Tenant ${tenant} (${name}): ${checked} events checked. The chain ${broken ? 'is broken. ' : ''}${said}\n`,
    )
    if (broken) holds = false
  }
  return holds
}

const main = async (): Promise<void> => {
  const asked = readAsked()
  const config = readConfig()
  const log = createLog(config.logLevel)
  const ground = await reach(config, log)
  const { target } = ground
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 2, statementTimeout: 600_000, log })
  try {
    if (!(await perform(database, resolve(config.dataFolder), asked, log))) process.exitCode = 2
  } finally {
    await database.close()
    await ground.stop()
  }
}

command(main)
