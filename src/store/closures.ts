/** The closure tables that clients keep: http://hl7.org/fhir/R4/terminology-service.html#closure */
import type { Database } from './database.ts'

export type ClosureConcept = { readonly system: string; readonly code: string }

/** The source is one of what the target means. */
export type ClosureLink = {
  readonly system: string
  readonly source: string
  readonly target: string
  readonly equivalence: string
}

export type ClosureChange = { readonly version: number; readonly links: readonly ClosureLink[] }

export type Closures = {
  /** Makes the table, or empties it. */
  start(tenant: number, name: string): Promise<void>
  /**
   * Adds concepts and what `relate` says of the new ones and those that are there; one writer at a time for a table.
   * Undefined when there is no such table.
   */
  add(
    tenant: number,
    name: string,
    concepts: readonly ClosureConcept[],
    relate: (
      added: readonly ClosureConcept[],
      all: readonly ClosureConcept[],
    ) => Promise<readonly ClosureLink[]>,
  ): Promise<ClosureChange | undefined>
  /** Everything that was added after a version. */
  since(tenant: number, name: string, version: number): Promise<ClosureChange | undefined>
}

const startText = `
with gone as (delete from closure_concept where tenant = $1 and name = $2),
unlinked as (delete from closure_link where tenant = $1 and name = $2)
insert into closure_table (tenant, name, version) values ($1, $2, 0)
on conflict (tenant, name) do update set version = 0`

const takeText = 'select version from closure_table where tenant = $1 and name = $2 for update'
const conceptsText =
  'select system, code from closure_concept where tenant = $1 and name = $2 order by tenant, name, system, code'

const addText = `
with version as (update closure_table set version = $3 where tenant = $1 and name = $2),
concepts as (
  insert into closure_concept (tenant, name, system, code, version)
  select $1::int, $2::text, c.system, c.code, $3::int from unnest($4::text[], $5::text[]) c(system, code))
insert into closure_link (tenant, name, version, system, source, target, equivalence)
select $1::int, $2::text, $3::int, l.system, l.source, l.target, l.equivalence
from unnest($6::text[], $7::text[], $8::text[], $9::text[]) l(system, source, target, equivalence)`

const sinceText = `
select t.version, l.system, l.source, l.target, l.equivalence from closure_table t
left join lateral (
  select * from closure_link l where l.tenant = t.tenant and l.name = t.name and l.version > $3
  order by l.tenant, l.name, l.version, l.system, l.source, l.target) l on true
where t.tenant = $1 and t.name = $2`

const keyOf = ({ system, code }: ClosureConcept): string => `${system} ${code}`

export const createClosures = (database: Pick<Database, 'transact' | 'query'>): Closures => ({
  start: async (tenant, name) => {
    await database.transact((tx) =>
      tx.run({ name: 'closure_start', text: startText, tenant, values: [tenant, name] }),
    )
  },
  add: (tenant, name, concepts, relate) =>
    database.transact(async (tx) => {
      const values = [tenant, name]
      const [table] = await tx.run<{ version: number }>({
        name: 'closure_take',
        text: takeText,
        tenant,
        values,
      })
      if (!table) return undefined
      const known = await tx.run<ClosureConcept>({
        name: 'closure_concepts',
        text: conceptsText,
        tenant,
        values,
      })
      const keys = new Set(known.map(keyOf))
      const added = [...new Map(concepts.map((one) => [keyOf(one), one])).values()].filter(
        (one) => !keys.has(keyOf(one)),
      )
      if (added.length === 0) return { version: table.version, links: [] }
      const links = await relate(added, [...known, ...added])
      const version = table.version + 1
      await tx.run({
        name: 'closure_add',
        text: addText,
        tenant,
        values: [
          ...[tenant, name, version, added.map(({ system }) => system), added.map(({ code }) => code)],
          ...(['system', 'source', 'target', 'equivalence'] as const).map((part) =>
            links.map((link) => link[part]),
          ),
        ],
      })
      return { version, links }
    }),
  since: async (tenant, name, version) => {
    const rows = await database.query<ClosureLink & { readonly version: number }>({
      name: 'closure_since',
      text: sinceText,
      tenant,
      values: [tenant, name, version],
    })
    const [first] = rows
    return first && { version: first.version, links: rows.filter(({ source }) => source !== null) }
  },
})
