/** Contents that were too large to come with their rows, as many as fit. */
import type { Statement } from './statement.ts'

/** A version; `type` is the number of the resource type, `id` the UUID of its key. */
export type VersionPlace = { readonly type: number; readonly id: string; readonly version: number }

export type ContentsQuery = {
  readonly places: readonly VersionPlace[]
  /** Bytes of all contents together. */
  readonly room: number
  /** Whether the first is wanted however large it is. */
  readonly first: boolean
}

/** Sizes are known without reading the contents, and the database reads only those that it sends. */
const text = `select content from (
  select k.n, v.content, sum(octet_length(v.content)) over (order by k.n) as upto
  from unnest($2::smallint[], $3::uuid[], $4::int[]) with ordinality k(type, id, version, n)
  cross join lateral (
    select content from resource_version
    where tenant = $1::int and type = k.type and id = k.id and version = k.version
  ) v
) s where upto <= $5::bigint or (n = 1 and $6::boolean) order by n`

/** Rows `{ content }` for the first of the places whose contents fit together. */
export const contentsStatement = (tenant: number, { places, room, first }: ContentsQuery): Statement => ({
  name: 'contents',
  tenant,
  text,
  values: [
    tenant,
    places.map(({ type }) => type),
    places.map(({ id }) => id),
    places.map(({ version }) => version),
    Math.max(0, Math.trunc(room)),
    first,
  ],
})
