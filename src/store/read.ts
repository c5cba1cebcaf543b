/** Reading one resource, current or a version: http://hl7.org/fhir/R4/http.html#read */
import { idKey } from '../base/id.ts'
import { textArray } from './binary-arrays.ts'
import { arrayOf, numberOf, type ResourceKey } from './key.ts'
import type { Statement } from './statement.ts'
import { toVersion, type Version, type VersionRow } from './version.ts'

const columns = 'version, last_updated, method, content'

const currentText = `
select ${columns} from resource_version
where tenant = $1 and type = $2 and id = $3
order by version desc limit 1`

const manyText = `
select k.place::int as place, v.* from unnest($2::smallint[], $3::uuid[]) with ordinality k(type, id, place)
cross join lateral (
  select ${columns} from resource_version
  where tenant = $1::int and type = k.type and id = k.id
  order by version desc limit 1
) v`

const havingText = `
select k.place::int as place, v.*
from unnest($2::smallint[], $3::uuid[], $4::text[], $5::text[]) with ordinality k(type, id, one, other, place)
cross join lateral (
  select r.version from resource r
  where r.tenant = $1::int and r.type = k.type and r.id = k.id
    and r.tokens && k.one::bigint[] and (k.other is null or r.tokens && k.other::bigint[])
  offset 0
) r
cross join lateral (
  select ${columns} from resource_version
  where tenant = $1::int and type = k.type and id = k.id and version = r.version
  offset 0
) v`

const versionText = `
select ${columns} from resource_version
where tenant = $1 and type = $2 and id = $3 and version = $4`

/** A resource to be read: the number of its type, the UUID of its key, and what it must have. */
export type Wanted = {
  readonly type: number
  readonly id: string
  readonly groups?: readonly string[] | undefined
}

/** Throws when there is no such type. */
export const wantedOf = ({ type, id }: ResourceKey, groups?: readonly string[]): Wanted => ({
  type: numberOf(type),
  id: idKey(id),
  groups,
})

/** The newest version, a deletion included; no row where the resource never existed. */
export const currentStatement = (tenant: number, { type, id }: Wanted): Statement => ({
  name: 'read',
  text: currentText,
  tenant,
  values: [tenant, type, id],
})

/** Rows of `manyStatement`: `place` counts what was asked from 1. */
export type ManyRow = VersionRow & { readonly place: number }

/** The same for several; no row where there is nothing. */
export const manyStatement = (tenant: number, keys: readonly Wanted[]): Statement => ({
  name: 'read_many',
  text: manyText,
  tenant,
  values: [tenant, arrayOf(keys.map(({ type }) => type)), arrayOf(keys.map(({ id }) => id))],
})

/** The same for those that have one of the tokens of each of their groups, of which there is one at least; what was deleted has none. */
export const havingStatement = (tenant: number, keys: readonly Wanted[]): Statement => ({
  name: 'read_having',
  text: havingText,
  tenant,
  values: [
    tenant,
    arrayOf(keys.map(({ type }) => type)),
    arrayOf(keys.map(({ id }) => id)),
    textArray(keys.map(({ groups }) => groups?.[0])),
    textArray(keys.map(({ groups }) => groups?.[1])),
  ],
})

/** One version; `version` must fit an int. */
export const versionStatement = (tenant: number, { type, id }: ResourceKey, version: number): Statement => ({
  name: 'vread',
  text: versionText,
  tenant,
  values: [tenant, numberOf(type), idKey(id), version],
})

/** The row of either statement as a version of the resource that was asked for. */
export const versionOf = (key: ResourceKey, row: Omit<VersionRow, 'type' | 'id' | 'fhir_id'>): Version =>
  toVersion({ ...row, type: 0, id: key.id, fhir_id: null }, key.type)
