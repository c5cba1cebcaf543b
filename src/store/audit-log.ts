/** The audit log in the database: appended in batches, read by what is indexed, shortened at its old end. Decision 0024. */
import { auditKey, createAuditKeys } from './audit-keys.ts'
import { float8Array, int2Array, int4Array, int8Array, textArray, uuidArray } from './binary-arrays.ts'
import type { Database } from './database.ts'
import { arrayOf } from './key.ts'

/** One event with what it can be found by. `at` in milliseconds since 1970. */
export type AuditRow = {
  readonly id: string
  readonly at: number
  readonly type: string
  readonly subtype: string
  readonly action: string
  readonly outcome: number
  readonly address: string | undefined
  readonly keys: readonly string[]
  readonly content: string
}

/**
 * A stored event. `sequence` is its number in the tenant's chain, `hash` its link in hexadecimal digits, `keys` are as
 * `auditKey` makes them.
 */
export type AuditEntry = Omit<AuditRow, 'address'> & {
  readonly sequence: string
  readonly address: string | null
  readonly hash: string
}

/** What `audit_head` says the end is, or where retention has cut. */
export type AuditLink = { readonly sequence: string; readonly hash: string }
export type AuditCheckpoint = AuditLink & { readonly at: number; readonly signature: string }

/** Each member narrows; of a list one must be met. `keys` are such lists, all of which must be met. Times in ms. */
export type AuditQuery = {
  readonly id?: string
  readonly from?: number
  readonly to?: number
  readonly keys?: readonly (readonly string[])[]
  readonly types?: readonly string[]
  readonly subtypes?: readonly string[]
  readonly actions?: readonly string[]
  readonly outcomes?: readonly number[]
  /** Beginnings of the address. */
  readonly addresses?: readonly string[]
}

export type AuditPlace = { readonly at: number; readonly sequence: string }

export type AuditPage = { readonly ascending: boolean; readonly after?: AuditPlace; readonly limit: number }

export type AuditLog = {
  /** Adds what is not there yet, in the order given, and gives how many these were. Throws `Problem`. */
  append(tenant: number, rows: readonly AuditRow[]): Promise<number>
  find(tenant: number, query: AuditQuery, page: AuditPage): Promise<AuditEntry[]>
  count(tenant: number, query: AuditQuery): Promise<number>
  /** The next links after a number, to be checked one by one. */
  links(tenant: number, after: string, limit: number): Promise<AuditEntry[]>
  tenants(): Promise<number[]>
  head(tenant: number): Promise<AuditLink | undefined>
  checkpoints(tenant: number): Promise<AuditCheckpoint[]>
  /** What the first link is made from: hexadecimal digits. */
  genesis(tenant: number): Promise<string>
  /** The last link before the first event that is not older than `before`; undefined when there is none. */
  lastBefore(tenant: number, before: number): Promise<AuditLink | undefined>
  /** Removes everything up to a number and keeps the signed link in its place; gives how many went. */
  retire(tenant: number, upTo: string, signature: string): Promise<number>
}

const columns =
  "sequence, at, id, type, subtype, action, outcome, address, keys, encode(hash, 'hex') as hash, content"

const iso = (ms: number): string => new Date(ms).toISOString()

const conditionsOf = (tenant: number, query: AuditQuery): { where: string[]; values: unknown[] } => {
  const values: unknown[] = [tenant]
  const where = ['tenant = $1']
  const add = (value: unknown, condition: (p: string) => string): void => {
    values.push(value)
    where.push(condition(`$${values.length}`))
  }
  if (query.id !== undefined) add(query.id, (p) => `id = ${p}::uuid`)
  if (query.from !== undefined) add(iso(query.from), (p) => `at >= ${p}::timestamptz`)
  if (query.to !== undefined) add(iso(query.to), (p) => `at < ${p}::timestamptz`)
  for (const keys of query.keys ?? [])
    add(arrayOf(keys.map((key) => auditKey(tenant, key))), (p) => `keys && ${p}::bigint[]`)
  if (query.types) add(query.types, (p) => `type = any(${p}::text[])`)
  if (query.subtypes) add(query.subtypes, (p) => `subtype = any(${p}::text[])`)
  if (query.actions) add(query.actions, (p) => `action::text = any(${p}::text[])`)
  if (query.outcomes) {
    if (!query.outcomes.includes(0)) where.push('outcome <> 0')
    add(query.outcomes, (p) => `outcome = any(${p}::smallint[])`)
  }
  if (query.addresses)
    add(query.addresses, (p) => `exists (select from unnest(${p}::text[]) a where starts_with(address, a))`)
  return { where, values }
}

/** The database of `createDatabase`; statements that look through the log run on its pool. */
export const createAuditLog = (database: Database): AuditLog => {
  const keyOf = createAuditKeys()
  return {
    append: async (tenant, rows) => {
      const keys: string[] = []
      const ends = rows.map((row) => {
        for (const key of row.keys) keys.push(keyOf(tenant, key))
        return keys.length
      })
      const [row] = await database.query<{ added: number }>({
        name: 'audit_append',
        tenant,
        text: 'select audit_append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) as added',
        values: [
          tenant,
          uuidArray(rows.map(({ id }) => id)),
          float8Array(rows.map(({ at }) => at)),
          textArray(rows.map(({ type }) => type)),
          textArray(rows.map(({ subtype }) => subtype)),
          textArray(rows.map(({ action }) => action)),
          int2Array(rows.map(({ outcome }) => outcome)),
          textArray(rows.map(({ address }) => address)),
          int8Array(keys),
          int4Array(ends),
          textArray(rows.map(({ content }) => content)),
        ],
      })
      return row?.added ?? 0
    },
    find: (tenant, query, { ascending, after, limit }) => {
      const { where, values } = conditionsOf(tenant, query)
      if (after) {
        values.push(iso(after.at), after.sequence)
        const n = values.length
        where.push(`(at, sequence) ${ascending ? '>' : '<'} ($${n - 1}::timestamptz, $${n}::bigint)`)
      }
      const way = ascending ? 'asc' : 'desc'
      const order = `order by at ${way}, sequence ${way} limit ${Math.trunc(limit)}`
      const text = `select ${columns} from audit_event where ${where.join(' and ')} ${order}`
      return database.query({ name: '', tenant, text, values })
    },
    count: async (tenant, query) => {
      const { where, values } = conditionsOf(tenant, query)
      const text = `select count(*) from audit_event where ${where.join(' and ')}`
      const [row] = await database.query<{ count: string }>({ name: '', tenant, text, values })
      return Number(row?.count ?? 0)
    },
    links: (tenant, after, limit) =>
      database.query({
        name: 'audit_links',
        text: `select ${columns} from audit_event where tenant = $1 and sequence > $2::bigint order by sequence limit $3`,
        tenant,
        values: [tenant, after, limit],
      }),
    tenants: async () => {
      const text = 'select tenant from audit_head union select tenant from audit_event order by tenant'
      const rows = await database.query<{ tenant: number }>({ name: '', tenant: '*', text, values: [] })
      return rows.map(({ tenant }) => tenant)
    },
    head: async (tenant) => {
      const text = "select sequence, encode(hash, 'hex') as hash from audit_head where tenant = $1"
      const [row] = await database.query<AuditLink>({ name: 'audit_head', text, tenant, values: [tenant] })
      return row
    },
    checkpoints: (tenant) =>
      database.query({
        name: 'audit_checkpoints',
        text: `select sequence, at, encode(hash, 'hex') as hash, signature from audit_checkpoint where tenant = $1
order by sequence`,
        tenant,
        values: [tenant],
      }),
    genesis: async (tenant) => {
      const text = "select encode(audit_genesis($1), 'hex') as hash"
      const [row] = await database.query<{ hash: string }>({ name: '', text, tenant, values: [tenant] })
      return row!.hash
    },
    lastBefore: async (tenant, before) => {
      const text = `select sequence, encode(hash, 'hex') as hash from audit_event
where tenant = $1 and sequence < coalesce(
  (select min(sequence) from audit_event where tenant = $1 and at >= $2::timestamptz), 9223372036854775807)
order by sequence desc limit 1`
      const [row] = await database.query<AuditLink>({ name: '', text, tenant, values: [tenant, iso(before)] })
      return row
    },
    retire: async (tenant, upTo, signature) => {
      const text = 'select audit_retire($1, $2::bigint, $3) as gone'
      const [row] = await database.query<{ gone: string }>({
        name: '',
        text,
        tenant,
        values: [tenant, upTo, signature],
      })
      return Number(row?.gone ?? 0)
    },
  }
}
