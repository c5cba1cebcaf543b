/** New resources of several requests in one statement: one message, one plan and one commit for all of them. */
import { idKey } from '../base/id.ts'
import { hashArray, int2Array, textArray, timestampArray } from './binary-arrays.ts'
import { arrayOf, fhirId, keyText, numberOf, type ResourceKey } from './key.ts'
import { insertManySide, type KeyedRows, type Kinds, kindsAmong, manySideValues } from './side-rows.ts'
import { whenKnown } from './stale.ts'
import type { Statement } from './statement.ts'
import { textOf } from './statement-text.ts'
import { telling } from './telling.ts'
import { boundsOf, tokensBetween } from './token-lists.ts'
import { checkedExist, type ReferencePolicy, type Write } from './write.ts'

/** A resource under an id that was made here, and its text with version 1. */
export type NewResource = { readonly write: Write; readonly whole: string }

/** The parameter that is the generation; those of the side tables follow. */
const generationAt = 13

/** Long texts hold up those who share a statement with them. */
const mostCharacters = 20_000

/** Definitions are told of one by one, and enforced references are locked one by one. */
export const canShare = ({ write, whole }: NewResource, policy: ReferencePolicy): boolean =>
  whole.length <= mostCharacters &&
  policy !== 'enforced' &&
  telling(write.type).text === '' &&
  fhirId(write.id) === null

const createText = (kinds: Kinds, isChecked: boolean): string => `
with input as (
  select i.* from unnest($2::smallint[], $3::uuid[], $4::timestamptz[], $5::int[], $6::int[], $7::text[],
    $8::timestamptz[], $9::timestamptz[])
    as i(type, id, last_updated, token, last_token, content, date_low, date_high)
  where ${isChecked ? checkedExist(11) : '$11::smallint[] is not null and $12::uuid[] is not null'}),
version as (
  insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content, json)
  select $1::int, type, id, 1, last_updated, 'C', null, content, content::jsonb from input)${insertManySide(kinds, generationAt + 1, 'exists (select from input)')}
insert into resource (tenant, type, id, version, last_updated, fhir_id, tokens, date_low, date_high)
select $1, type, id, 1, last_updated, null, ${whenKnown(tokensBetween(10), generationAt)}, date_low, date_high from input
returning true as written`

/** Writes all of them, and answers rows; none, and writes nothing, when a reference of one points at nothing. */
export const createManyStatement = (
  tenant: number,
  all: readonly NewResource[],
  policy: ReferencePolicy,
  generation: string | null,
): Statement => {
  const writes = all.map(({ write }) => write)
  const tokens = writes.map((w) => w.tokens)
  const kinds = kindsAmong(writes)
  const types = writes.map(({ type }) => numberOf(type))
  const keys = referencesOf(writes)
  const isChecked = policy === 'checked' && keys.length > 0
  const name = `create_many_${isChecked ? 'checked' : 'free'}_${kinds}`
  return {
    name,
    text: textOf(name, () => createText(kinds, isChecked)),
    tenant,
    values: [
      tenant,
      int2Array(types),
      // Their ids are their own keys: see `canShare`.
      arrayOf(writes.map((w) => w.id)),
      timestampArray(writes.map((w) => w.at)),
      ...boundsOf(tokens),
      textArray(all.map(({ whole }) => whole)),
      arrayOf(writes.map((w) => w.rows?.date?.low ?? 'NULL')),
      arrayOf(writes.map((w) => w.rows?.date?.high ?? 'NULL')),
      hashArray(tokens),
      arrayOf(isChecked ? keys.map((r) => numberOf(r.type)) : []),
      arrayOf(isChecked ? keys.map((r) => idKey(r.id)) : []),
      generation,
      ...manySideValues(kinds, keyedRows(writes, types)),
    ],
  }
}

/** Each once. */
const referencesOf = (writes: readonly Write[]): readonly ResourceKey[] => {
  const keys = new Map<string, ResourceKey>()
  for (const { references } of writes) for (const key of references) keys.set(keyText(key), key)
  return [...keys.values()]
}

const keyedRows = (writes: readonly Write[], types: readonly number[]): readonly KeyedRows[] => {
  const found: KeyedRows[] = []
  for (const [n, { id, rows }] of writes.entries())
    if (rows) found.push({ type: types[n] as number, key: id, rows })
  return found
}
