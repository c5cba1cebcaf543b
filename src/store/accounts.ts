/** Accounts of people. An e-mail address is the identifier; it comes here normalised. */
import type { Database, Transaction } from './database.ts'
import type { Statement } from './statement.ts'

/** `waiting`: the holder has not followed the link of a mail yet. Only `active` ones may sign in. */
export type AccountState = 'waiting' | 'active' | 'inactive'

/** What is asked of a patient who registers, for the Patient that is made of it; `birthDate` as YYYY-MM-DD. */
export type PersonName = { readonly given: string; readonly family: string; readonly birthDate?: string }

export type Account = {
  readonly tenant: number
  readonly id: string
  readonly email: string
  readonly display: string
  /** BCP 47, one of the languages of the pages. */
  readonly language: string
  readonly roles: readonly string[]
  /** Who the person is among the resources: `Patient/1`, `Practitioner/2`; at most one of each type. */
  readonly links: readonly string[]
  readonly state: AccountState
  readonly demo: boolean
  readonly person?: PersonName
}

/** `password` is a PHC string; undefined as long as there is none. */
export type AccountWithPassword = Account & { readonly password?: string }

type Row = Omit<AccountWithPassword, 'person' | 'password'> & {
  readonly person: PersonName | null
  readonly password: string | null
}

/** How many accounts of a role a tenant may have; a role that is not named may have any number. */
export type StaffLimits = Readonly<Partial<Record<string, number>>>

const columns = 'tenant, id, email, display, language, roles, links, state, demo, person, password'

const fromRow = ({ person, password, ...row }: Row): AccountWithPassword => ({
  ...row,
  ...(person ? { person } : {}),
  ...(password ? { password } : {}),
})

const statement = (name: string, text: string, tenant: number, ...values: unknown[]): Statement => ({
  name: `account_${name}`,
  tenant,
  text,
  values: [tenant, ...values],
})

/** What accounts can be asked for, in a transaction or without one. */
export type AccountReader = {
  find(tenant: number, id: string): Promise<AccountWithPassword | undefined>
  findByEmail(tenant: number, email: string): Promise<AccountWithPassword | undefined>
}

export const accountReader = ({ run }: Pick<Transaction, 'run'>): AccountReader => {
  const one = async (asked: Statement): Promise<AccountWithPassword | undefined> => {
    const [row] = await run<Row>(asked)
    return row && fromRow(row)
  }
  return {
    find: (tenant, id) =>
      one(
        statement('find', `select ${columns} from account where tenant = $1 and id = $2::uuid`, tenant, id),
      ),
    findByEmail: (tenant, email) =>
      one(
        statement('email', `select ${columns} from account where tenant = $1 and email = $2`, tenant, email),
      ),
  }
}

/** In order of e-mail address, after the one given; at most 50. */
export const listAccounts = async (database: Database, tenant: number, after: string): Promise<Account[]> => {
  const text = `select ${columns} from account where tenant = $1 and email > $2 order by tenant, email limit 50`
  const rows = await database.read<Row>(statement('list', text, tenant, after))
  return rows.map((row) => {
    const { password: _, ...account } = fromRow(row)
    return account
  })
}

/** Whether anybody of the tenant has one of the roles and may sign in; accounts of the demonstration do not count. */
export const hasRole = async (
  database: Database,
  tenant: number,
  roles: readonly string[],
): Promise<boolean> => {
  const text = `select 1 from account where tenant = $1 and roles && $2::text[] and state = 'active' and not demo limit 1`
  return (await database.read(statement('has_role', text, tenant, roles))).length > 0
}

/** A limit that leaves no place for another account. */
export type ReachedLimit = { readonly role: string; readonly most: number }

/**
 * Gives the limit that one more account of these roles would break. Who counts an account in asks before, in the same
 * transaction, and writes nothing when it is so: others who count the same role wait until that is over. Roles are
 * locked in one order.
 */
export const reachedLimit = async (
  tx: Transaction,
  tenant: number,
  roles: readonly string[],
  limits: StaffLimits,
): Promise<ReachedLimit | undefined> => {
  for (const role of [...roles].sort()) {
    const most = limits[role]
    if (most === undefined) continue
    const key = `select pg_advisory_xact_lock($1::int, hashtext('account role ' || $2::text))`
    await tx.run(statement('role_lock', key, tenant, role))
    const text = `select count(*)::int as n from account
where tenant = $1 and roles @> array[$2::text] and state <> 'inactive'`
    const [row] = await tx.run<{ n: number }>(statement('role_count', text, tenant, role))
    if ((row?.n ?? 0) >= most) return { role, most }
  }
  return undefined
}

/** Whether another account stands for the same resource. Others who ask for it wait until the transaction is over. */
export const isLinked = async (
  { run }: Transaction,
  tenant: number,
  link: string,
  besides: string,
): Promise<boolean> => {
  const lock = `select pg_advisory_xact_lock($1::int, hashtext('account link ' || $2::text))`
  await run(statement('link_lock', lock, tenant, link))
  const text = `select 1 from account where tenant = $1 and links @> array[$2::text] and id <> $3::uuid limit 1`
  return (await run(statement('linked', text, tenant, link, besides))).length > 0
}

/** False when the tenant has an account with this address. */
export const insertAccount = async (
  tx: Transaction,
  account: AccountWithPassword,
  at: number,
): Promise<boolean> => {
  const text = `insert into account (${columns}, created_at, changed_at)
values ($1, $2::uuid, $3, $4, $5, $6::text[], $7::text[], $8, $9, $10::jsonb, $11, $12, $12)
on conflict (tenant, email) do nothing returning id`
  const { tenant, id, email, display, language, roles, links, state, demo, person, password } = account
  const values = [id, email, display, language, roles, links, state, demo]
  const more = [person ? JSON.stringify(person) : null, password ?? null, new Date(at)]
  return (await tx.run(statement('insert', text, tenant, ...values, ...more))).length > 0
}

/** What may be changed of an account; undefined members stay as they are. */
export type AccountChange = {
  readonly display?: string
  readonly language?: string
  readonly roles?: readonly string[]
  readonly links?: readonly string[]
  readonly state?: AccountState
  readonly password?: string
  readonly person?: PersonName
}

export const changeAccount = async (
  tx: Pick<Transaction, 'run'>,
  tenant: number,
  id: string,
  change: AccountChange,
  at: number,
): Promise<void> => {
  const text = `update account set display = coalesce($3, display), language = coalesce($4, language),
  roles = coalesce($5::text[], roles), links = coalesce($6::text[], links), state = coalesce($7, state),
  password = coalesce($8, password), person = coalesce($9::jsonb, person), changed_at = $10
where tenant = $1 and id = $2::uuid`
  const { display, language, roles, links, state, password, person } = change
  const content = person && JSON.stringify(person)
  const values = [display, language, roles, links, state, password, content].map((value) => value ?? null)
  await tx.run(statement('change', text, tenant, id, ...values, new Date(at)))
}

/** Locks the account until the end of the transaction and gives it as it is then. */
export const lockAccount = async (
  tx: Transaction,
  tenant: number,
  id: string,
): Promise<AccountWithPassword | undefined> => {
  const text = `select ${columns} from account where tenant = $1 and id = $2::uuid for update`
  const [row] = await tx.run<Row>(statement('lock', text, tenant, id))
  return row && fromRow(row)
}
