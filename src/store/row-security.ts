/**
 * The second wall between tenants: PostgreSQL itself shows a statement the rows of the tenant that it is for, whatever
 * its text forgets. https://www.postgresql.org/docs/current/ddl-rowsecurity.html, decision 0022
 */
import { hash } from 'node:crypto'
import pg from 'pg'
import { type ConnectionTarget, partsOf } from './connection.ts'
import { everyRole, type RowSecurity, tenantRole } from './roles.ts'

const setting = `nullif(current_setting('lamplight.tenant', true), '')::int`

/** Rows of tenant 0 are of code systems that all share. */
const shared = new Set(['concept_system'])

/** Few rows are looked at: asking for the setting at each costs less than asking once beforehand. */
const byKey = new Set(['resource_version'])

/** Concepts are found by their system's number only, and their indexes could not be used: the wall is around the systems. */
const open = new Set(['concept', 'concept_draft'])

/**
 * The operators of GIN indexes, and what the indexes over reference tokens and over parts of strings calculate.
 * PostgreSQL lets a condition look at rows before the wall only when it cannot tell of them by an error. These cannot,
 * and it does not know; `bit_in` could, but is given hexadecimal digits only.
 */
const discreet = [
  'arraycontains(anyarray,anyarray)',
  'arrayoverlap(anyarray,anyarray)',
  'ts_match_vq(tsvector,tsquery)',
  'trigrams(text)',
  'uuid_send(uuid)',
  'encode(bytea,text)',
  'textcat(text,text)',
  'int8(bit)',
  'bit(bit,integer,boolean)',
  'bitshiftleft(bit,integer)',
  'int8xor(bigint,bigint)',
  'int8and(bigint,bigint)',
  'bit_in(cstring,oid,integer)',
  'textout(text)',
]

/** The same of what they calculate by where bytes can be cast; these are eight. */
const discreetOfBytes = ['substring(bytea,integer,integer)', 'int8(bytea)']

/** Tables whose indexes need what only a superuser can declare. */
const needDiscreet = new Set(['resource', 'search_string', 'search_text'])

type Table = {
  readonly name: string
  readonly secured: boolean
  readonly forced: boolean
  readonly policies: string[]
}

const tablesText = `
select c.relname as name, c.relrowsecurity as secured, c.relforcerowsecurity as forced,
  array(
    select p.polname || ' ' || coalesce(obj_description(p.oid, 'pg_policy'), '')
    from pg_policy p where p.polrelid = c.oid order by 1) as policies
from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant' and not a.attisdropped
where c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')
order by c.relname`

const attempt = async (client: pg.Client, text: string): Promise<boolean> => {
  await client.query('savepoint attempt')
  try {
    await client.query(text)
    await client.query('release savepoint attempt')
    return true
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) throw error
    await client.query('rollback to savepoint attempt')
    return false
  }
}

/** Whether statements can run as the roles; makes them where they are missing and the user may. */
const makeRoles = async (client: pg.Client): Promise<boolean> => {
  for (const role of [tenantRole, everyRole]) {
    const { rows } = await client.query('select from pg_roles where rolname = $1', [role])
    if (rows.length === 0) await attempt(client, `create role ${role} nologin`)
    const can = `set local role ${role}`
    if (!(await attempt(client, `${can}; reset role`))) {
      await attempt(client, `grant ${role} to current_user`)
      if (!(await attempt(client, `${can}; reset role`))) return false
    }
  }
  return true
}

const grant = async (client: pg.Client): Promise<void> => {
  const roles = `${tenantRole}, ${everyRole}`
  await client.query(`
    grant usage on schema public to ${roles};
    grant select, insert, update, delete on all tables in schema public to ${roles};
    revoke insert, update, delete on audit_event, audit_head, audit_checkpoint from ${roles};
    grant usage, select on all sequences in schema public to ${roles}`)
}

/** Whether references are calculated from bytes: a migration decides it. */
const byBytes = `pg_get_functiondef('reference_token(bigint,uuid)'::regprocedure) ilike '%substring%'`

const isDiscreet = async (client: pg.Client): Promise<boolean> => {
  const { rows: ways } = await client.query<{ bytes: boolean }>(`select ${byBytes} as bytes`)
  const needed = ways[0]?.bytes ? [...discreet, ...discreetOfBytes] : discreet
  const open = `select f from unnest($1::regprocedure[]) f join pg_proc p on p.oid = f where not p.proleakproof`
  const { rows } = await client.query<{ f: string }>(open, [needed])
  for (const { f } of rows) if (!(await attempt(client, `alter function ${f} leakproof`))) return false
  return true
}

/**
 * Not a plain comparison: the planner would take it for a reason to walk an index by tenant alone, and would expect
 * too few rows where the statement names the tenant as well, as all do.
 */
const rowsOf = (table: string): string =>
  `case when ${shared.has(table) ? 'tenant = 0 or ' : ''}tenant = ${byKey.has(table) ? setting : `(select ${setting})`} then true else false end`

/** The policies of a table, by name. */
const policiesOf = (table: string, by: RowSecurity): Readonly<Record<string, string>> =>
  by === 'roles'
    ? {
        all_rows: `to ${everyRole} using (true)`,
        tenant_rows: `to ${tenantRole} using (${rowsOf(table)}) with check (tenant = ${setting})`,
      }
    : {
        owner_rows: `using (case when current_setting('lamplight.tenant', true) = '*' then true else ${rowsOf(table)} end)`,
      }

/** PostgreSQL prints policies in its own way: a mark tells whether one is of this version. */
const markOf = (text: string): string => hash('sha256', text).slice(0, 16)

const secure = async (client: pg.Client, { name, secured, forced, policies }: Table, by: RowSecurity) => {
  const wanted = policiesOf(name, by)
  const isForced = by === 'owner'
  const marks = Object.entries(wanted).map(([policy, text]) => `${policy} ${markOf(text)}`)
  const has = secured && forced === isForced && policies.join() === marks.join()
  if (has) return
  for (const policy of policies) await client.query(`drop policy ${policy.split(' ')[0]} on ${name}`)
  for (const [policy, text] of Object.entries(wanted))
    await client.query(
      `create policy ${policy} on ${name} ${text}; comment on policy ${policy} on ${name} is '${markOf(text)}'`,
    )
  await client.query(
    `alter table ${name} enable row level security, ${isForced ? '' : 'no '}force row level security`,
  )
}

/** Puts the wall around every table that has a column `tenant`; what is there already is left alone. */
export const secureRows = async (client: pg.Client): Promise<RowSecurity> => {
  await client.query('begin')
  const by: RowSecurity = (await makeRoles(client)) ? 'roles' : 'owner'
  if (by === 'roles') await grant(client)
  const canAll = await isDiscreet(client)
  const { rows } = await client.query<Table>(tablesText)
  for (const table of rows) {
    if (open.has(table.name) || (needDiscreet.has(table.name) && !canAll)) continue
    await secure(client, table, by)
  }
  await client.query('commit')
  return by
}

/** How a migrated database separates the tenants. */
export const rowSecurityOf = async (target: ConnectionTarget): Promise<RowSecurity> => {
  const client = new pg.Client(partsOf(target))
  await client.connect()
  try {
    const { rows } = await client.query(`select from pg_policy where polname = 'tenant_rows' limit 1`)
    return rows.length > 0 ? 'roles' : 'owner'
  } finally {
    await client.end()
  }
}
