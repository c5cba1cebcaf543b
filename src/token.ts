/** Prints a bearer token of the server in this data folder, which may run meanwhile. `npm run -s token -- --scope 'system/*.cruds'` */
import { parseArgs } from 'node:util'
import { type ConsoleDeps, consoleToken, registrationToken } from './auth/console.ts'
import { rotateKeys } from './auth/keys.ts'
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { readConfig } from './config.ts'
import { type ConsoleRecord, recordAtConsole } from './console-record.ts'
import { isRunning, reach } from './primary.ts'
import { loadSealer } from './sealing-keys.ts'
import { StartError } from './start-error.ts'
import {
  createDatabase,
  createOidcClients,
  createOidcItems,
  createOidcKeys,
  createTenants,
  type Database,
  rowSecurityOf,
} from './store/index.ts'

const usage = `npm run -s token -- --scope 'system/*.cruds'   prints an access token for scripts
npm run -s token -- --registration             prints a token with which applications may register themselves
npm run -s token -- --rotate-keys              replaces the keys that sign tokens; the old ones go after a day

  --scope SCOPES   what the token is for (default system/*.cruds)
  --hours N        how long it holds, 1 to 8760 (default 24)
  --running        only when a server runs here
  --tenant NAME    whose data it is for (default: the hospital that is there from the start)
`

type Options = {
  readonly scope: string
  readonly seconds: number
  readonly tenant?: string
  readonly running: boolean
  readonly what: 'token' | 'registration' | 'rotate'
}

const options = (): Options => {
  const { values } = parse()
  if (values.help) throw new StartError(usage)
  const hours = Number(values.hours)
  if (!Number.isInteger(hours) || hours < 1 || hours > 8760)
    throw new StartError(`--hours takes a whole number from 1 to 8760, not "${values.hours}".`)
  if (values.registration && values['rotate-keys'])
    throw new StartError('--registration and --rotate-keys are for two calls.')
  const what = values.registration ? 'registration' : values['rotate-keys'] ? 'rotate' : 'token'
  const { tenant } = values
  const { scope, running } = values
  return { scope, seconds: hours * 3600, running, what, ...(tenant === undefined ? {} : { tenant }) }
}

const parse = () => {
  try {
    return parseArgs({
      options: {
        scope: { type: 'string', default: 'system/*.cruds' },
        hours: { type: 'string', default: '24' },
        tenant: { type: 'string' },
        registration: { type: 'boolean', default: false },
        'rotate-keys': { type: 'boolean', default: false },
        running: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    })
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
}

const tenantOf = async (database: Database, name: string | undefined): Promise<number> => {
  if (name === undefined) return 1
  const tenants = createTenants(database)
  await tenants.learn()
  const found = tenants.byName(name)
  if (!found) throw new StartError(`There is no tenant called ${name}.`)
  return found.number
}

/** What there is to print. */
const perform = async (to: ConsoleRecord, asked: Options): Promise<string> => {
  const { config, database } = to
  const tenant = await tenantOf(database, asked.tenant)
  const deps: ConsoleDeps = { items: createOidcItems(database), clients: createOidcClients(database) }
  if (asked.what === 'registration') {
    const token = await registrationToken(deps, tenant, asked.seconds)
    await recordAtConsole(to, { tenant, kind: 'token', code: 'registration-given', action: 'E' })
    return token
  }
  if (asked.what === 'token') {
    const token = await consoleToken(deps, tenant, asked.scope, asked.seconds).catch((error: Error) => {
      throw new StartError(error.message)
    })
    const said = `Scopes: ${asked.scope}`
    await recordAtConsole(to, { tenant, kind: 'token', code: 'given', action: 'E', said })
    return token
  }
  await rotateKeys({ keys: createOidcKeys(database), sealer: loadSealer(config) }, tenant, Date.now())
  await recordAtConsole(to, { tenant, kind: 'administration', code: 'signing-keys-replaced', action: 'U' })
  return 'New keys sign from in an hour on; the old ones are known for another day.'
}

const main = async (): Promise<void> => {
  const asked = options()
  const config = readConfig()
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  if (asked.running && !(await isRunning(config))) throw new StartError('No server runs on this data folder.')
  const ground = await reach(config, log)
  const { target } = ground
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 10_000, log })
  try {
    process.stdout.write(`${await perform({ config, database, log }, asked)}\n`)
  } finally {
    await database.close()
    await ground.stop()
  }
}

command(main)
