/** The definitions that users post, as the database has them: which there are, and what has changed. */
import { typeName } from '../fhir/resource-types.ts'
import type { Database } from './database.ts'
import { arrayOf } from './key.ts'

/** `generation` grows with every change, `parameters` is the one that changed which search parameters there are. */
export type Generation = { readonly tenant: number; readonly generation: string; readonly parameters: string }

/** A definition as it is now; `content` is absent when it was deleted. */
export type PostedDefinition = {
  readonly type: string
  /** The key of its row, which does not change. */
  readonly key: string
  readonly id: string
  readonly version: number
  readonly content?: string
  /** Of an active SearchParameter: the generation from which on it has been the same. */
  readonly since?: string
}

export type DefinitionSource = {
  /** Of every tenant that ever had a definition. */
  generations(): Promise<readonly Generation[]>
  /** What has changed after a generation (`0`: everything), in pages, and the generation reached by that. */
  changes(
    tenant: number,
    after: string,
    page: (definitions: readonly PostedDefinition[]) => void,
  ): Promise<Generation>
}

const generationsText = 'select tenant, generation, parameters from definition_generation'

const changedText = `
select distinct type, id from definition_change
where tenant = $1 and generation > $2::bigint and generation <= $3::bigint`

const contentText = `
select k.type, k.id, r.fhir_id, r.version, v.content, p.since
from unnest($2::smallint[], $3::uuid[]) k(type, id)
left join lateral (
  select r.fhir_id, r.version from resource r where r.tenant = $1 and r.type = k.type and r.id = k.id offset 0) r on true
left join lateral (
  select v.content from resource_version v
  where v.tenant = $1 and v.type = k.type and v.id = k.id and v.version = r.version offset 0) v on true
left join lateral (
  select p.since from posted_parameter p where k.type = 123 and p.tenant = $1 and p.id = k.id offset 0) p on true`

type Key = { readonly type: number; readonly id: string }
type Row = Key & {
  readonly fhir_id: string | null
  readonly version: number | null
  readonly content: string | null
  readonly since: string | null
}

const pageSize = 100

const toDefinition = ({ type, id, fhir_id, version, content, since }: Row): PostedDefinition => ({
  type: typeName(type) ?? '',
  key: id,
  id: fhir_id ?? id,
  version: version ?? 0,
  ...(content === null ? {} : { content }),
  ...(since === null ? {} : { since }),
})

export const createDefinitionSource = (database: Database): DefinitionSource => ({
  generations: () =>
    database.run({ name: 'definition_generations', text: generationsText, tenant: '*', values: [] }),
  changes: async (tenant, after, page) => {
    const [now] = await database.run<Generation>({
      name: 'definition_generation',
      text: `${generationsText} where tenant = $1`,
      tenant,
      values: [tenant],
    })
    if (!now) return { tenant, generation: '0', parameters: '0' }
    if (now.generation === after) return now
    const values = [tenant, after, now.generation]
    const keys = await database.query<Key>({ name: 'definition_changes', text: changedText, tenant, values })
    for (let from = 0; from < keys.length; from += pageSize) {
      const some = keys.slice(from, from + pageSize)
      const rows = await database.query<Row>({
        name: 'definition_contents',
        text: contentText,
        tenant,
        values: [tenant, arrayOf(some.map(({ type }) => type)), arrayOf(some.map(({ id }) => id))],
      })
      page(rows.map(toDefinition))
    }
    return now
  },
})
