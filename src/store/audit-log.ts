/** The audit log in the database: appended in batches, read by what is indexed, shortened at its old end. Decision 0024. */
import { auditKey, createAuditKeys } from './audit-keys.ts'
import { type AddValue, type AuditTest, isLed, isPointed, testSql } from './audit-tests.ts'
import { float8Array, int2Array, int4Array, int8Array, textArray, uuidArray } from './binary-arrays.ts'
import type { Database, Until } from './database.ts'
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

/** Where an event stands: `at` in the order of recording, the id alone in the order of coming. */
export type AuditPlace = { readonly at: number; readonly id: string }

/** `order`: when it was recorded, or when it came, which its id tells; ties go by the id. */
export type AuditPage = {
  readonly order: 'at' | 'came'
  readonly ascending: boolean
  readonly after?: AuditPlace
  readonly limit: number
}

/**
 * A stretch of the log that was looked through: `looked` events of those that an index led to. `last` is the place of
 * the last of them; absent when there are no more. `sure`: whether an event meets the tests that were given as such.
 */
export type AuditStretch = {
  readonly entries: readonly (AuditEntry & { readonly sure: boolean })[]
  readonly looked: number
  readonly last?: AuditPlace
}

export type AuditLog = {
  /** Adds what is not there yet, in the order given, and gives how many these were. Throws `Problem`. */
  append(tenant: number, rows: readonly AuditRow[]): Promise<number>
  /** Those that meet all tests. */
  find(tenant: number, where: readonly AuditTest[], page: AuditPage): Promise<AuditEntry[]>
  /** The same tests, with what few events they lead to looked up: the planner does not know how many have a key. */
  lead(tenant: number, where: readonly AuditTest[], until?: Until): Promise<readonly AuditTest[]>
  /** The same of the next `page.limit` events that the indexes lead to, so that the cost of it is known. */
  look(
    tenant: number,
    tests: { readonly where: readonly AuditTest[]; readonly sure: readonly AuditTest[] | undefined },
    page: AuditPage,
    until?: Until,
  ): Promise<AuditStretch>
  /** The statement of `look`, and what EXPLAIN says of it: one root node. */
  explain(
    tenant: number,
    tests: { readonly where: readonly AuditTest[]; readonly sure: readonly AuditTest[] | undefined },
    page: AuditPage,
  ): Promise<{ readonly text: string; readonly values: readonly unknown[]; readonly root: unknown }>
  count(tenant: number, where: readonly AuditTest[], until?: Until): Promise<number>
  /** Of each text of a resource the least or the greatest value that the JSON paths select: the first 200 characters. */
  values(
    tenant: number,
    paths: readonly string[],
    resources: readonly string[],
    which: 'min' | 'max',
  ): Promise<readonly (string | null)[]>
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

const stored = 'sequence, at, id, type, subtype, action, outcome, address, keys, hash, content'
const columns = stored.replace('hash', "encode(hash, 'hex') as hash")

const iso = (ms: number): string => new Date(ms).toISOString()

const parameters = (tenant: number): { readonly values: unknown[]; readonly add: AddValue } => {
  const values: unknown[] = [tenant]
  return { values, add: (value) => `$${values.push(value)}` }
}

const allOf = (tenant: number, tests: readonly AuditTest[], add: AddValue): string[] =>
  tests.map((test) => testSql(tenant, test, add))

const orderOf = ({ order, ascending }: AuditPage): string => {
  const way = ascending ? 'asc' : 'desc'
  return order === 'at' ? `at ${way}, id ${way}` : `id ${way}`
}

/** More events than these are not looked up one by one. */
const mostPlaces = 2000

/** More keys than these are looked up one by one: the planner believes that many keys lead to everything. */
const mostKeys = 20

/** Compared as a sum the tenant cannot tempt the planner away from the index of keys. */
const leadText = (tenant: number, pointed: readonly AuditTest[], add: AddValue): string => {
  const ofTenant = 'tenant + 0 = $1::int'
  const limit = `limit ${mostPlaces + 1}`
  const many = pointed.find((test) => test.kind === 'keys' && test.any.length > mostKeys)
  const others = allOf(
    tenant,
    pointed.filter((test) => test !== many),
    add,
  )
  if (many?.kind !== 'keys')
    return `select sequence from audit_event where ${[ofTenant, ...others].join(' and ')} ${limit}`
  const keys = add(arrayOf(many.any.map((key) => auditKey(tenant, key))))
  const where = [ofTenant, 'keys @> array[k.key]', ...others].join(' and ')
  return `select distinct sequence from (select e.sequence from unnest(${keys}::bigint[]) k(key) cross join lateral (select sequence from audit_event where ${where} ${limit} offset 0) e ${limit}) e`
}

/** What lies beyond the place; the first comparison is the one that the index serves. */
const beyond = ({ order, ascending, after }: AuditPage, add: AddValue): string[] => {
  if (!after) return []
  const than = ascending ? '>' : '<'
  const id = `${add(after.id)}::uuid`
  if (order === 'came') return [`id ${than} ${id}`]
  const at = `${add(iso(after.at))}::timestamptz`
  return [`at ${than}= ${at}`, `(at ${than} ${at} or id ${than} ${id})`]
}

type Looked = AuditEntry & { readonly sure: boolean; readonly met: boolean; readonly looked: string }

/** Of the rows that indexes lead to the next few, and of these what meets the other tests, and the last. */
const lookText = (
  tenant: number,
  { where, sure }: { readonly where: readonly AuditTest[]; readonly sure: readonly AuditTest[] | undefined },
  page: AuditPage,
  add: AddValue,
): string => {
  const led = ['tenant = $1', ...allOf(tenant, where.filter(isLed), add), ...beyond(page, add)]
  const met = allOf(
    tenant,
    where.filter((test) => !isLed(test)),
    add,
  )
  const isSure = sure ? allOf(tenant, sure, add) : ['false']
  const order = orderOf(page)
  const rows = `select ${stored} from audit_event where ${led.join(' and ')} order by ${order} limit ${Math.trunc(page.limit)}`
  const judged = `select w.*, (${['true', ...met].join(' and ')}) as met, (${['true', ...isSure].join(' and ')}) as sure, row_number() over (order by ${order}) as n, count(*) over () as looked from (${rows}) w`
  return `select ${columns}, met, sure, looked from (${judged}) w where met or n = looked order by ${order}`
}

/** The database of `createDatabase`; statements that look through the log run on its pool. */
export const createAuditLog = (database: Database): AuditLog => {
  const keyOf = createAuditKeys()
  const lead: AuditLog['lead'] = async (tenant, where, until) => {
    const pointed = where.filter(isPointed)
    if (pointed.length === 0) return where
    const { values, add } = parameters(tenant)
    const text = leadText(tenant, pointed, add)
    const rows = await database.query<{ sequence: string }>({ name: '', tenant, text, values }, until)
    if (rows.length > mostPlaces) return where
    const places: AuditTest = { kind: 'places', any: rows.map(({ sequence }) => sequence) }
    return [...where.filter((test) => !isPointed(test)), places]
  }
  return {
    lead,
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
    find: async (tenant, where, page) => {
      const { values, add } = parameters(tenant)
      const led = await lead(tenant, where)
      const all = ['tenant = $1', ...allOf(tenant, led, add), ...beyond(page, add)].join(' and ')
      const text = `select ${columns} from audit_event where ${all} order by ${orderOf(page)} limit ${Math.trunc(page.limit)}`
      return database.query({ name: '', tenant, text, values })
    },
    look: async (tenant, tests, page, until) => {
      const { values, add } = parameters(tenant)
      const text = lookText(tenant, tests, page, add)
      const rows = await database.query<Looked>({ name: '', tenant, text, values }, until)
      const end = rows.at(-1)
      const looked = Number(end?.looked ?? 0)
      const last = end && looked === page.limit ? { last: { at: end.at, id: end.id } } : {}
      return { entries: rows.filter(({ met }) => met), looked, ...last }
    },
    explain: async (tenant, tests, page) => {
      const { values, add } = parameters(tenant)
      const text = lookText(tenant, tests, page, add)
      const explain = { name: '', tenant, text: `explain (format json) ${text}`, values }
      const [row] = await database.query<{ 'QUERY PLAN': readonly [{ readonly Plan: unknown }] }>(explain)
      return { text, values, root: row!['QUERY PLAN'][0].Plan }
    },
    count: async (tenant, where, until) => {
      const { values, add } = parameters(tenant)
      const all = ['tenant = $1', ...allOf(tenant, where, add)].join(' and ')
      const text = `select count(*) from audit_event where ${all}`
      const [row] = await database.query<{ count: string }>({ name: '', tenant, text, values }, until)
      return Number(row?.count ?? 0)
    },
    values: async (tenant, paths, resources, which) => {
      const found = paths.map(
        (_, n) => `select jsonb_path_query(e.resource, $${n + 2}::jsonpath, '{}', true) as x`,
      )
      const value = `(select ${which}(left(x.x #>> '{}', 200) collate "C") from (${found.join(' union all ')}) x)`
      const text = `select ${value} as value from unnest($1::jsonb[]) with ordinality e(resource, n) order by n`
      const values = [resources, ...paths]
      const rows = await database.query<{ value: string | null }>({ name: '', tenant, text, values })
      return rows.map((row) => row.value)
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
