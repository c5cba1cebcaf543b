/** Writing one resource in one statement: http://hl7.org/fhir/R4/http.html#create, #update, #delete */
import { idKey } from '../base/id.ts'
import { instant } from '../base/instant.ts'
import { middle, type Stamped } from '../fhir/json/stamp.ts'
import type { Hashes } from '../search/index.ts'
import { hashArray } from './binary-arrays.ts'
import { arrayOf, fhirId, numberOf, type ResourceKey } from './key.ts'
import {
  deleteSide,
  insertSide,
  type Kinds,
  kindsOf,
  type SideRows,
  sideValues,
  sideWidth,
} from './side-rows.ts'
import { whenKnown } from './stale.ts'
import type { Statement } from './statement.ts'
import { textOf } from './statement-text.ts'
import { telling } from './telling.ts'
import { type Method, methodCode } from './version.ts'

/** A resource on its way in. `references` must exist or nothing is written. */
export type Write = {
  readonly type: string
  readonly id: string
  readonly content: Stamped
  /** What searches look up. */
  readonly tokens: Hashes
  /** Absent when there are none. */
  readonly rows?: SideRows
  readonly references: readonly ResourceKey[]
  /** Milliseconds since 1970. */
  readonly at: number
}

/** When an update may happen: always, only over this version, only where nothing is, only where something is. */
export type Condition = { readonly over: number } | 'any' | 'absent' | 'present'

/** What a write statement answers; no row when a reference points at nothing or the condition does not hold. */
export type WriteRow = { readonly version: number; readonly last_updated: number; readonly created: boolean }

/** Parameters `at` and `at + 1` are the references' type numbers and keys. */
export const checkedExist = (at: number): string => `not exists (
    select from unnest($${at}::smallint[], $${at + 1}::uuid[]) as k(type, id)
    where (select v.version from resource_version v
      where v.tenant = $1 and v.type = k.type and v.id = k.id
      order by v.version desc limit 1) is null)`

/** In 'enforced' mode a reference needs a current resource, kept from deletion until the write is done. */
const enforcedExist = (at: number): string => `not exists (
    select from unnest($${at}::smallint[], $${at + 1}::uuid[]) as k(type, id)
    left join lateral (
      select true as there from resource c
      where c.tenant = $1 and c.type = k.type and c.id = k.id
      limit 1 for key share) held on true
    where held.there is null)`

const lastUpdatedText = `to_char(row.last_updated at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`
const sealed = `$6::text || row.version || '${middle}' || ${lastUpdatedText} || $7::text`

/** How the current row is written under each condition; `exist` holds when all references point at something. */
const rowText = (condition: ConditionKind, exist: string, over: number): string => {
  const tokens = whenKnown('$8::bigint[]', over - 1)
  const insert = `
  insert into resource as r (tenant, type, id, version, last_updated, fhir_id, tokens, date_low, date_high)
  select $1, $2, $3, last.version + 1, greatest($4::timestamptz, last.last_updated + interval '1 ms'), $5::text, ${tokens},
    $10::timestamptz, $11::timestamptz
  from last where ${exist}
  on conflict (tenant, type, id)`
  const change = `
    version = r.version + 1,
    last_updated = greatest($4::timestamptz, r.last_updated + interval '1 ms'),`
  if (condition === 'any')
    return `${insert} do update set${change}
    tokens = excluded.tokens, date_low = excluded.date_low, date_high = excluded.date_high
  where r.xmin = ${seen}
  returning version, last_updated, (xmax = 0) as created`
  if (condition === 'absent')
    return `${insert} do nothing
  returning version, last_updated, true as created`
  return `
  update resource r set${change}
    tokens = ${tokens}, date_low = $10::timestamptz, date_high = $11::timestamptz
  where tenant = $1 and type = $2 and id = $3 and r.xmin = ${seen}${condition === 'over' ? ` and version = $${over}` : ''} and ${exist}
  returning version, last_updated, false as created`
}

/**
 * The row as this statement sees it. When another writer has come in between, its index rows are not seen and would
 * stay: then nothing is written, and the store does it again.
 */
const seen = '(select s.xmin from resource s where s.tenant = $1 and s.type = $2 and s.id = $3)'

type ConditionKind = 'any' | 'absent' | 'present' | 'over'

/** The last version, of a deleted resource too, so that numbers go on where they stopped. */
const lastText = `last as (
  select coalesce(max(v.version), 0) as version, max(v.last_updated) as last_updated from (
    select version, last_updated from resource_version
    where tenant = $1 and type = $2 and id = $3 order by version desc limit 1) v)`

/**
 * Only the current version has JSONB. A few versions back are looked at, as another writer's latest may not have been
 * visible yet when it was superseded.
 */
const superseded = (row: string): string => `superseded as (
  update resource_version v set json = null from ${row}
  where v.tenant = $1 and v.type = $2 and v.id = $3 and v.version between ${row}.version - 4 and ${row}.version
    and v.json is not null)`

const updateText = (
  condition: ConditionKind,
  exist: string,
  over: number,
  kinds: Kinds,
  told: string,
): string => `
with ${condition === 'any' || condition === 'absent' ? `${lastText},\n` : ''}row as (${rowText(condition, exist, over)}),
${superseded('row')}${deleteSide}${insertSide(kinds, 12, true)}
insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content, json)
select $1, $2, $3, w.version, w.last_updated, $9::"char", $5::text, w.content, w.content::jsonb
from (select version, last_updated, ${sealed} as content from row offset 0) w
returning version, last_updated, (select created from row) as created${told}`

const newRow =
  'insert into resource (tenant, type, id, version, last_updated, fhir_id, tokens, date_low, date_high)'
const newVersion =
  'insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content, json)'

/** A new resource under an id that was made here: nothing to look up, nothing to wait for. */
const createText = (exist: string, kinds: Kinds, told: string): string => `
with row as (
  ${newRow}
  select $1::int, $2::smallint, $3::uuid, 1, $4::timestamptz, $5::text, ${whenKnown('$7::bigint[]', 12 + sideWidth(kinds))},
    $8::timestamptz, $9::timestamptz
  where ${exist}
  returning version)${insertSide(kinds, 10, true)}
${newVersion}
select $1, $2, $3, 1, $4, 'C', $5::text, $6::text, $6::text::jsonb from row
returning version, last_updated, true as created${told}`

const createFreeText = (kinds: Kinds, told: string): string => `
with row as (${newRow} values ($1::int, $2::smallint, $3::uuid, 1, $4::timestamptz, $5::text,
  ${whenKnown('$7::bigint[]', 10 + sideWidth(kinds))}, $8::timestamptz, $9::timestamptz))${insertSide(kinds, 10, false)}
${newVersion}
values ($1, $2, $3, 1, $4, 'C', $5::text, $6::text, $6::text::jsonb)
returning version, last_updated, true as created${told}`

/** How references are held against the database; `checked` wants them to have existed, `enforced` to exist. */
export type ReferencePolicy = 'off' | 'checked' | 'enforced'

type ReferenceVariant = {
  readonly name: 'free' | 'checked' | 'enforced'
  readonly text: (at: number) => string
}

const referenceVariant = (policy: ReferencePolicy, count: number): ReferenceVariant => {
  if (policy === 'off' || count === 0) return { name: 'free', text: () => 'true' }
  if (policy === 'checked') return { name: 'checked', text: checkedExist }
  return { name: 'enforced', text: enforcedExist }
}

const referenceValues = (variant: ReferenceVariant, references: readonly ResourceKey[]): string[] =>
  variant.name === 'free'
    ? []
    : [arrayOf(references.map((r) => numberOf(r.type))), arrayOf(references.map((r) => idKey(r.id)))]

const keyValues = (tenant: number, w: Write): unknown[] => [
  tenant,
  numberOf(w.type),
  idKey(w.id),
  instant(w.at),
  fhirId(w.id),
]

/**
 * Creates a resource under an id nobody else can have. `whole` is the content with version 1 and `at` in it, `known`
 * the generation of search parameters that its index rows were made by; null does not ask for it.
 */
export const createStatement = (
  tenant: number,
  w: Write,
  whole: string,
  policy: ReferencePolicy,
  known: string | null,
): Statement => {
  const variant = referenceVariant(policy, w.references.length)
  const kinds = kindsOf(w.rows)
  const { suffix, text: told } = telling(w.type)
  const name = `create_${variant.name}_${kinds}${suffix}`
  const make = (): string =>
    variant.name === 'free'
      ? createFreeText(kinds, told)
      : createText(variant.text(10 + sideWidth(kinds)), kinds, told)
  return {
    name,
    text: textOf(name, make),
    tenant,
    values: [
      ...keyValues(tenant, w),
      whole,
      hashArray([w.tokens]),
      ...dateValues(w),
      ...sideValues(w.rows),
      ...referenceValues(variant, w.references),
      known,
    ],
  }
}

const dateValues = ({ rows }: Write): readonly (string | null)[] => [
  rows?.date?.low ?? null,
  rows?.date?.high ?? null,
]

/** Updates a resource, or makes it where `condition` allows that. */
export const updateStatement = (
  tenant: number,
  w: Write,
  method: Method,
  condition: Condition,
  policy: ReferencePolicy,
  known: string | null,
): Statement => {
  const variant = referenceVariant(policy, w.references.length)
  const kind = typeof condition === 'string' ? condition : 'over'
  const kinds = kindsOf(w.rows)
  const { suffix, text: told } = telling(w.type)
  const name = `update_${kind}_${variant.name}_${kinds}${suffix}`
  const values = [
    ...keyValues(tenant, w),
    w.content.head,
    w.content.tail,
    hashArray([w.tokens]),
    methodCode[method],
    ...dateValues(w),
    ...sideValues(w.rows),
    ...referenceValues(variant, w.references),
    known,
  ]
  const over = values.length + 1
  if (typeof condition === 'object') values.push(condition.over)
  const make = (): string => updateText(kind, variant.text(12 + sideWidth(kinds)), over, kinds, told)
  return { name, text: textOf(name, make), tenant, values }
}

const deleteText = (over: string, told: string): string => `
with row as (
  delete from resource
  where tenant = $1 and type = $2 and id = $3${over}
  returning version, greatest($4::timestamptz, last_updated + interval '1 ms') as last_updated, fhir_id),
${superseded('row')}${deleteSide},
version as (
  insert into resource_version (tenant, type, id, version, last_updated, method, fhir_id, content)
  select $1, $2, $3, row.version + 1, row.last_updated, 'D', row.fhir_id, null from row
  returning version, last_updated${told})
select version, last_updated from version`

/** Deletes the current version; no row when there was nothing to delete (or not version `over`). */
export const deleteStatement = (
  tenant: number,
  { type, id }: ResourceKey,
  at: number,
  over?: number,
): Statement => {
  const values = [tenant, numberOf(type), idKey(id), new Date(at).toISOString()]
  const { suffix, text: told } = telling(type)
  return over === undefined
    ? { name: `delete_any${suffix}`, text: deleteText('', told), tenant, values }
    : {
        name: `delete_over${suffix}`,
        text: deleteText(' and version = $5', told),
        tenant,
        values: [...values, over],
      }
}

/** The number of the current version; no row when there is none. */
export const versionStatement = (tenant: number, { type, id }: ResourceKey): Statement => ({
  name: 'current_version',
  text: 'select version from resource where tenant = $1 and type = $2 and id = $3',
  tenant,
  values: [tenant, numberOf(type), idKey(id)],
})
