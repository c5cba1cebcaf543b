/** One batch of resources whose index rows are made anew: locked, read, written, and read back. */
import { typeName } from '../fhir/resource-types.ts'
import type { Transaction } from './database.ts'
import { arrayOf } from './key.ts'
import { deleteSide, insertSide, type Kinds, kindsOf, type SideRows, sideValues } from './side-rows.ts'
import { whenKnown } from './stale.ts'
import type { Texts } from './texts.ts'

/** What a resource is found by. `tokens` are hashes as decimal text. */
export type Made = { readonly tokens: readonly string[]; readonly rows: SideRows }

/** Makes rows from the text of a resource of one tenant; `known` is the generation of search parameters it does so by. */
export type Maker = {
  readonly known: string | null
  make(type: string, content: string): Made
}

export type Key = { readonly tenant: number; readonly type: number; readonly id: string }
export type Stored = Key & { readonly tokens: readonly string[]; readonly content: string }

/** How many rows there are, and sums of what stands in them. */
export type Sums = { readonly count: bigint; readonly checksum: bigint }

/** A statement of its own: it sees what was written while the one that locks waited. */
const readText = `
select r.tenant, r.type, r.id, r.tokens::text[] as tokens,
  (select v.content from resource_version v
   where v.tenant = r.tenant and v.type = r.type and v.id = r.id and v.version = r.version) as content
from unnest($1::int[], $2::smallint[], $3::uuid[]) k(tenant, type, id)
cross join lateral (
  select * from resource r where r.tenant = k.tenant and r.type = k.type and r.id = k.id offset 0) r
order by r.tenant, r.type, r.id`

/** The current content of resources that are locked. */
export const readStored = (tx: Transaction, keys: readonly Key[]): Promise<Stored[]> =>
  tx.run<Stored>({ name: 'build_read', text: readText, tenant: '*', values: arraysOf(keys) })

const writeText = (kinds: Kinds): string => `
with row as (
  update resource set tokens = ${whenKnown('$4::bigint[]', 7)}, date_low = $5::timestamptz, date_high = $6::timestamptz
  where tenant = $1 and type = $2 and id = $3
  returning version)${deleteSide}${insertSide(kinds, 8, true)}
select version from row`

const checkText = `
select sum(s.n + d.n + q.n)::text as count, sum(s.sum + d.sum + q.sum)::text as parameters, sum(t.sum)::text as tokens
from unnest($1::int[], $2::smallint[], $3::uuid[]) k(tenant, type, id)
${['search_string', 'search_date', 'search_quantity']
  .map(
    (table) => `cross join lateral (
  select count(*) as n, coalesce(sum(x.parameter), 0) as sum from ${table} x
  where x.tenant = k.tenant and x.type = k.type and x.id = k.id offset 0) ${table.charAt(7)}`,
  )
  .join('\n')}
cross join lateral (
  select coalesce(sum(token), 0) as sum from resource r cross join lateral unnest(r.tokens) token
  where r.tenant = k.tenant and r.type = k.type and r.id = k.id offset 0) t`

type Found = { readonly count: string; readonly parameters: string; readonly tokens: string }

const parametersOf = ({ strings, dates, quantities }: SideRows): readonly number[] =>
  [strings, dates, quantities].flatMap((rows) => rows?.parameter ?? [])

const sum = (numbers: readonly (number | string)[]): bigint =>
  numbers.reduce((total, number) => total + BigInt(number), 0n)

const expected = (made: readonly Made[]): Found => {
  const parameters = made.flatMap(({ rows }) => parametersOf(rows))
  return {
    count: String(parameters.length),
    parameters: String(sum(parameters)),
    tokens: String(sum(made.flatMap(({ tokens }) => tokens))),
  }
}

const arraysOf = (keys: readonly Key[]): string[] => [
  arrayOf(keys.map(({ tenant }) => tenant)),
  arrayOf(keys.map(({ type }) => type)),
  arrayOf(keys.map(({ id }) => id)),
]

/** Reads back what was written and compares it with what was meant. */
const verify = async (tx: Transaction, stored: readonly Stored[], made: readonly Made[]): Promise<Sums> => {
  const values = arraysOf(stored)
  const [found] = await tx.run<Found>({ name: 'build_check', text: checkText, tenant: '*', values })
  const wanted = expected(made)
  if (
    found?.count !== wanted.count ||
    found.parameters !== wanted.parameters ||
    found.tokens !== wanted.tokens
  )
    throw new Error('the index rows that were built are not those that were meant')
  return {
    count: BigInt(found.count) + BigInt(made.reduce((n, { tokens }) => n + tokens.length, 0)),
    checksum: BigInt(found.parameters) + BigInt(found.tokens),
  }
}

const writeOne = (
  tx: Transaction,
  { tenant, type, id }: Key,
  { tokens, rows }: Made,
  known: string | null,
): Promise<unknown> => {
  const kinds = kindsOf(rows)
  const { low, high } = rows.date ?? { low: null, high: null }
  return tx.run({
    name: `build_${kinds}`,
    text: writeText(kinds),
    tenant,
    values: [tenant, type, id, arrayOf(tokens), low, high, known, ...sideValues(rows)],
  })
}

/**
 * What becomes of the tokens that are there: `kept` beside the new ones, as another process may have known the
 * server's address; `missing` does the same and leaves out resources that have all of the new ones; or `replaced`.
 */
export type OldTokens = 'kept' | 'missing' | 'replaced'

/** Makes and writes the rows of resources that are locked. */
export const writeStored = async (
  tx: Transaction,
  texts: Texts,
  stored: readonly Stored[],
  makers: ReadonlyMap<number, Maker>,
  old: OldTokens,
): Promise<Sums> => {
  const writes: { readonly one: Stored; readonly made: Made; readonly known: string | null }[] = []
  for (const one of stored) {
    const { known, make } = makers.get(one.tenant)!
    const { tokens, rows } = make(typeName(one.type) ?? '', one.content)
    const there = new Set(one.tokens)
    if (old === 'missing' && tokens.every((token) => there.has(token))) continue
    // Presence stands first.
    const all = [...new Set(old === 'replaced' ? tokens : [...tokens, ...one.tokens])]
    writes.push({ one, made: { tokens: all, rows }, known })
  }
  if (writes.length === 0) return { count: 0n, checksum: 0n }
  for (const tenant of makers.keys())
    await texts.learn(
      tenant,
      writes.filter(({ one }) => one.tenant === tenant).map(({ made }) => made.rows),
    )
  await Promise.all(writes.map(({ one, made, known }) => writeOne(tx, one, made, known)))
  return await verify(
    tx,
    writes.map(({ one }) => one),
    writes.map(({ made }) => made),
  )
}
