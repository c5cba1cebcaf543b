/** Writing the entries of a transaction: a lock statement, then one statement for all rows. */
import { idKey } from '../base/id.ts'
import type { Hashes } from '../search/index.ts'
import { hashArray, int2Array, int4Array, textArray, timestampArray } from './binary-arrays.ts'
import type { Transaction } from './database.ts'
import { arrayOf, fhirId, keyText, numberOf, type ResourceKey } from './key.ts'
import {
  deleteManySide,
  insertManySide,
  type Kinds,
  kindsAmong,
  manySideValues,
  type SideRows,
} from './side-rows.ts'
import { whenKnownBefore } from './stale.ts'
import { textOf } from './statement-text.ts'
import { tellingAmong } from './telling.ts'
import { boundsOf, tokensBetween } from './token-lists.ts'
import { type Method, methodCode } from './version.ts'

/** A version that is ready to be stored: number and time are known because the row is locked or new. */
export type VersionWrite = {
  readonly type: string
  readonly id: string
  readonly version: number
  /** Milliseconds since 1970. */
  readonly lastUpdated: number
  readonly method: Method
  /** The whole text, null for a deletion. */
  readonly content: string | null
  /** Absent for a deletion. */
  readonly tokens?: Hashes
  /** Absent when there are none. */
  readonly rows?: SideRows
}

/** What is there before the transaction writes: `exists` is false for a deleted resource. */
export type Prior = { readonly version: number; readonly lastUpdated: number; readonly exists: boolean }

type LockRow = {
  readonly type: number
  readonly id: string
  readonly version: number
  readonly last_updated: number
}
type LastRow = LockRow & { readonly deleted: boolean }

const lockText = `
select k.type, k.id, r.version, r.last_updated
from (select * from unnest($2::smallint[], $3::uuid[]) as k(type, id) order by type, id) k
cross join lateral (
  select version, last_updated from resource r
  where r.tenant = $1 and r.type = k.type and r.id = k.id
  limit 1 for update) r`

const lastText = `
select k.type, k.id, v.version, v.last_updated, v.content is null as deleted
from unnest($2::smallint[], $3::uuid[]) as k(type, id)
cross join lateral (
  select version, last_updated, content from resource_version v
  where v.tenant = $1 and v.type = k.type and v.id = k.id
  order by version desc limit 1) v`

/**
 * Locks the resources in a fixed order, so that two transactions over the same ones wait instead of deadlocking, and
 * gives what is there by `Type/id`; no entry where the resource never existed.
 */
export const lock = async (
  tx: Transaction,
  tenant: number,
  keys: readonly ResourceKey[],
): Promise<ReadonlyMap<string, Prior>> => {
  const priors = new Map<string, Prior>()
  if (keys.length === 0) return priors
  const values = [tenant, arrayOf(keys.map((k) => numberOf(k.type))), arrayOf(keys.map((k) => idKey(k.id)))]
  const [, last] = await Promise.all([
    tx.run<LockRow>({ name: 'tx_lock', text: lockText, tenant, values }),
    tx.run<LastRow>({ name: 'tx_last', text: lastText, tenant, values }),
  ])
  const byKey = new Map(last.map((row) => [`${row.type}/${row.id}`, row]))
  for (const key of keys) {
    const row = byKey.get(`${numberOf(key.type)}/${idKey(key.id)}`)
    if (row)
      priors.set(keyText(key), { version: row.version, lastUpdated: row.last_updated, exists: !row.deleted })
  }
  return priors
}

/**
 * What stood there before. The rows are found first, one resource after the other: in a join the planner of a prepared
 * statement might begin with the whole table.
 */
const replaced = `,
superseded as (
  update resource_version set json = null where ctid = any(array(
    select v.at from input i cross join lateral (
      select ctid as at from resource_version
      where tenant = $1 and type = i.type and id = i.id and version = i.version - 1 offset 0) v
    where i.version > 1))),
gone as (
  delete from resource where ctid = any(array(
    select r.at from input i cross join lateral (
      select ctid as at from resource where tenant = $1 and type = i.type and id = i.id offset 0) r
    where i.content is null)))${deleteManySide}`

/** First versions need it not, and to look for what is not there costs a new row a tenth: who loses a race begins anew. */
const overwriting = `
on conflict (tenant, type, id) do update set
  version = excluded.version, last_updated = excluded.last_updated, tokens = excluded.tokens,
  date_low = excluded.date_low, date_high = excluded.date_high`

/** `again` when resources among them may have been there before. */
const writeText = (kinds: Kinds, again: boolean, told: string): string => `
with input as (
  select i.type, i.id, i.version, i.last_updated, i.method::"char" as method, i.fhir_id, i.token, i.last_token, i.content,
    i.date_low, i.date_high
  from unnest($2::smallint[], $3::uuid[], $4::int[], $5::timestamptz[], $6::text[], $7::text[], $8::int[], $9::int[],
    $10::text[], $11::timestamptz[], $12::timestamptz[])
    as i(type, id, version, last_updated, method, fhir_id, token, last_token, content, date_low, date_high)),
version as (
  insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content, json)
  select $1, type, id, version, last_updated, method, fhir_id, content, content::jsonb from input${told})${again ? replaced : ''}${insertManySide(kinds, 15)}
insert into resource (tenant, type, id, version, last_updated, fhir_id, tokens, date_low, date_high)
select $1, type, id, version, last_updated, fhir_id, ${whenKnownBefore(tokensBetween(13), 14)}, date_low, date_high from input where content is not null${again ? overwriting : ''}`

/** As many rows as one statement takes: large ones would hold much memory twice. */
const chunkRows = 500
const chunkCharacters = 8_000_000

const chunks = (writes: readonly VersionWrite[]): VersionWrite[][] => {
  const parts: VersionWrite[][] = []
  let part: VersionWrite[] = []
  let characters = 0
  for (const write of writes) {
    const size = write.content?.length ?? 0
    if (part.length > 0 && (part.length === chunkRows || characters + size > chunkCharacters)) {
      parts.push(part)
      part = []
      characters = 0
    }
    part.push(write)
    characters += size
  }
  if (part.length > 0) parts.push(part)
  return parts
}

const none: Hashes = new Int32Array(0)

const valuesOf = (
  tenant: number,
  part: readonly VersionWrite[],
  kinds: Kinds,
  known: string | null,
): unknown[] => {
  const tokens = part.map((w) => w.tokens ?? none)
  return [
    tenant,
    int2Array(part.map((w) => numberOf(w.type))),
    arrayOf(part.map((w) => idKey(w.id))),
    int4Array(part.map((w) => w.version)),
    timestampArray(part.map((w) => w.lastUpdated)),
    arrayOf(part.map((w) => methodCode[w.method])),
    textArray(part.map((w) => fhirId(w.id) ?? undefined)),
    ...boundsOf(tokens),
    textArray(part.map((w) => w.content ?? undefined)),
    arrayOf(part.map((w) => w.rows?.date?.low ?? 'NULL')),
    arrayOf(part.map((w) => w.rows?.date?.high ?? 'NULL')),
    hashArray(tokens),
    known,
    ...manySideValues(
      kinds,
      part.flatMap(({ type, id, rows }) => (rows ? [{ type: numberOf(type), key: idKey(id), rows }] : [])),
    ),
  ]
}

const statementOf = (
  kinds: Kinds,
  again: boolean,
  part: readonly VersionWrite[],
): { readonly name: string; readonly text: string } => {
  const { suffix, text: told } = tellingAmong(part.map(({ type }) => type))
  const name = `tx_write_${kinds}${again ? '_again' : ''}${suffix}`
  return { name, text: textOf(name, () => writeText(kinds, again, told)) }
}

/** Stores the versions and makes them current. A race with another writer fails with a retryable error. */
export const writeMany = async (
  tx: Transaction,
  tenant: number,
  writes: readonly VersionWrite[],
  known: string | null,
): Promise<void> => {
  await Promise.all(
    chunks(writes).map((part) => {
      const kinds = kindsAmong(part)
      const values = valuesOf(tenant, part, kinds, known)
      const again = part.some(({ version }) => version > 1)
      return tx.run({ ...statementOf(kinds, again, part), tenant, values })
    }),
  )
}
