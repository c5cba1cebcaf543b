/** The hospitals of this server, from the console: `npm run tenant -- create NAME` */
import { parseArgs } from 'node:util'
import type { Happening } from './access/happening.ts'
import { createLog } from './base/log.ts'
import { command } from './command.ts'
import { type Config, readConfig } from './config.ts'
import { recordAtConsole } from './console-record.ts'
import { firstLink } from './first-administrator.ts'
import { reach } from './primary.ts'
import { StartError } from './start-error.ts'
import {
  createDatabase,
  createTenants,
  type Database,
  defaultTenant,
  isTenantName,
  rowSecurityOf,
  type Tenant,
  type Tenants,
} from './store/index.ts'

const usage = `npm run tenant -- list
npm run tenant -- create NAME [--display TEXT] [--host HOST]...
npm run tenant -- close NAME      from now on nothing of it is there; the data stay
npm run tenant -- open NAME
npm run tenant -- administrator NAME   prints a link that makes its first administrator; it works once

NAME is a part of its URLs, /t/NAME/fhir: small letters, digits and single hyphens between them.
`

type Options = { readonly display?: string; readonly hosts: readonly string[] }

const line = ({ number, name, display, hosts, active }: Tenant): string =>
  [number, name, active ? 'active' : 'closed', display, ...hosts].join('\t')

const create = async (tenants: Tenants, name: string, { display, hosts }: Options): Promise<string> => {
  if (!isTenantName(name)) throw new StartError(usage)
  const small = hosts.map((host) => host.toLowerCase())
  const made = await tenants.create({ name, display: display ?? name, hosts: small, settings: {} })
  if (!made) throw new StartError('There is a hospital of this name or with one of these hosts already.')
  return line(made)
}

const setActive = async (tenants: Tenants, name: string, active: boolean): Promise<string> => {
  await tenants.learn()
  if (!active && tenants.byName(name)?.number === defaultTenant)
    throw new StartError('The default hospital cannot be closed: hospitals are administered from there.')
  const changed = await tenants.change(name, { active })
  if (changed === undefined || changed === 'taken')
    throw new StartError(`There is no hospital called ${name}.`)
  return line(changed)
}

/** The address that this hospital is called by. */
const baseOf = ({ baseUrl, host, port, tenancy }: Config, { number, name, hosts }: Tenant): string => {
  const url = new URL(baseUrl ?? `http://${host}:${port}/fhir`)
  const own = hosts[0]
  if (tenancy === 'host' && own !== undefined) url.hostname = own
  else if (number !== defaultTenant) url.pathname = url.pathname.replace(/fhir$/, `t/${name}/fhir`)
  return url.href
}

const administrator = async (config: Config, database: Database, tenants: Tenants, name: string) => {
  await tenants.learn()
  const tenant = tenants.byName(name)
  if (!tenant) throw new StartError(`There is no hospital called ${name}.`)
  const link = await firstLink(database, tenant.number, baseOf(config, tenant))
  if (link === undefined) throw new StartError('It has an administrator, who can invite others.')
  return link
}

const perform = async (tenants: Tenants, [what, name = '']: readonly string[], options: Options) => {
  if (what === 'list') return (await tenants.learn()).map(line).join('\n')
  if (what === 'create') return await create(tenants, name, options)
  if (what === 'close' || what === 'open') return await setActive(tenants, name, what === 'open')
  throw new StartError(usage)
}

/** What goes on record, in the log of the first hospital. */
const deeds: Readonly<Record<string, Pick<Happening, 'kind' | 'code' | 'action'>>> = {
  create: { kind: 'administration', code: 'tenant-created', action: 'C' },
  close: { kind: 'administration', code: 'tenant-closed', action: 'U' },
  open: { kind: 'administration', code: 'tenant-opened', action: 'U' },
  administrator: { kind: 'administration', code: 'administrator-link-given', action: 'E' },
}

const parse = () => {
  try {
    return parseArgs({
      allowPositionals: true,
      options: { display: { type: 'string' }, host: { type: 'string', multiple: true, default: [] } },
    })
  } catch (error) {
    throw new StartError(`${(error as Error).message}\n\n${usage}`)
  }
}

const main = async (): Promise<void> => {
  const { values, positionals } = parse()
  const { display, host: hosts } = values
  const config = readConfig()
  const log = createLog(config.logLevel === 'info' ? 'warn' : config.logLevel)
  const ground = await reach(config, log)
  const { target } = ground
  const security = await rowSecurityOf(target)
  const database = createDatabase({ target, security, lines: 1, pool: 1, statementTimeout: 10_000, log })
  try {
    const options = { hosts, ...(display === undefined ? {} : { display }) }
    const tenants = createTenants(database)
    const [what, name = ''] = positionals
    const said =
      what === 'administrator'
        ? await administrator(config, database, tenants, name)
        : await perform(tenants, positionals, options)
    const deed = deeds[what ?? '']
    if (deed) await recordAtConsole({ config, database, log }, { ...deed, data: [`tenant ${name}`] })
    process.stdout.write(`${said}\n`)
  } finally {
    await database.close()
    await ground.stop()
  }
}

command(main)
