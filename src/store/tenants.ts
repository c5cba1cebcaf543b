/** The hospitals whose data this server keeps apart, as the database has them; all of them are kept in memory. */
import type { Log } from '../base/log.ts'
import type { Database } from './database.ts'
import type { Listener } from './listening.ts'

/** What a tenant may set for itself; a later version may know more. */
export type TenantSettings = {
  /** Accounts that a role may have at most, by role. */
  readonly staffLimits?: Readonly<Record<string, number>>
  /** How strictly its resources are judged; as the server is configured when absent. */
  readonly validation?: 'strict' | 'standard' | 'off'
}

export type Tenant = {
  readonly number: number
  /** In its URLs: `/t/[name]/fhir`. */
  readonly name: string
  /** For people. */
  readonly display: string
  /** Names without port, lower case, by which it is called without `/t/[name]`. */
  readonly hosts: readonly string[]
  readonly active: boolean
  /** Milliseconds since 1970. */
  readonly created: number
  readonly settings: TenantSettings
}

export type NewTenant = Pick<Tenant, 'name' | 'display' | 'hosts' | 'settings'>
export type TenantChange = Partial<Pick<Tenant, 'display' | 'hosts' | 'active' | 'settings'>>

/** Of the hospital that is meant when none is named. */
export const defaultTenant = 1

/** A part of URLs: up to 63 small letters, digits and single hyphens between them. */
export const isTenantName = (name: string): boolean => /^(?=.{1,63}$)[a-z0-9]+(-[a-z0-9]+)*$/.test(name)

export type Tenants = {
  /** As this process knows them, by name; inactive ones too. */
  byName(name: string): Tenant | undefined
  byHost(host: string): Tenant | undefined
  byNumber(number: number): Tenant | undefined
  /** As the database has them now, in the order of their numbers. */
  learn(): Promise<readonly Tenant[]>
  /** Undefined when the name, or one of the hosts, is another's. */
  create(tenant: NewTenant): Promise<Tenant | undefined>
  /** Undefined when there is none of this name; `taken` when a host is another's. */
  change(name: string, change: TenantChange): Promise<Tenant | 'taken' | undefined>
}

const columns = 'number, name, display, hosts, active, created_at as created, settings'
const listText = `select ${columns} from tenant order by number`

/** One after the other, so that no host is given twice. */
const lockText = 'select pg_advisory_xact_lock(5264014)'
const takenText = `
select number from tenant where (hosts && $1::text[] or name = $2) and name is distinct from $3`
const insertText = `
insert into tenant (name, display, hosts, settings) values ($1, $2, $3, $4) returning ${columns}`
const changeText = `
update tenant set display = coalesce($2, display), hosts = coalesce($3, hosts), active = coalesce($4, active),
  settings = coalesce($5, settings)
where name = $1 returning ${columns}`

const statement = (name: string, text: string, values: readonly unknown[] = []) => ({
  name,
  tenant: null,
  text,
  values,
})

export const createTenants = (database: Database): Tenants => {
  let names: ReadonlyMap<string, Tenant> = new Map()
  let hosts: ReadonlyMap<string, Tenant> = new Map()
  let numbers: ReadonlyMap<number, Tenant> = new Map()

  const learn = async (): Promise<readonly Tenant[]> => {
    const all = await database.run<Tenant>(statement('tenants', listText))
    names = new Map(all.map((one) => [one.name, one]))
    numbers = new Map(all.map((one) => [one.number, one]))
    hosts = new Map(all.flatMap((one) => one.hosts.map((host) => [host, one])))
    return all
  }

  return {
    byName: (name) => names.get(name),
    byHost: (host) => hosts.get(host),
    byNumber: (number) => numbers.get(number),
    learn,
    create: async ({ name, display, hosts, settings }) => {
      const made = await database.transact(async (tx) => {
        await tx.run(statement('tenant_lock', lockText))
        const taken = await tx.run(statement('tenant_taken', takenText, [hosts, name, null]))
        if (taken.length > 0) return undefined
        const values = [name, display, hosts, JSON.stringify(settings)]
        const [row] = await tx.run<Tenant>(statement('tenant_insert', insertText, values))
        return row
      })
      await learn()
      return made
    },
    change: async (name, { display, hosts, active, settings }) => {
      const changed = await database.transact(async (tx) => {
        await tx.run(statement('tenant_lock', lockText))
        const taken = await tx.run(statement('tenant_taken', takenText, [hosts ?? [], null, name]))
        if (taken.length > 0) return 'taken' as const
        const set = settings && JSON.stringify(settings)
        const values = [name, display ?? null, hosts ?? null, active ?? null, set ?? null]
        const [row] = await tx.run<Tenant>(statement('tenant_change', changeText, values))
        return row
      })
      await learn()
      return changed
    },
  }
}

/** Brings what other processes change to this one. */
export const watchTenants = ({ learn }: Tenants, log: Log): Listener => {
  const again = (): void => {
    learn().catch((error: Error) => {
      log.warn({ err: { message: error.message } }, 'the tenants could not be read')
    })
  }
  return { again, notice: (text) => void (text === 'tenants' && again()) }
}
