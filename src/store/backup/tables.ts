/** The tables of the database, those that others refer to first. */
import type pg from 'pg'

export type TableOf = { readonly name: string; readonly columns: readonly string[] }

/** As a name stands in a statement. */
export const nameOf = (name: string): string => `"${name.replaceAll('"', '""')}"`

type Row = TableOf & { readonly needs: readonly string[] }

/** What the migrations themselves know is no data, and what is generated comes by itself. */
const text = `
select c.relname as name,
  array(select a.attname::text from pg_attribute a
    where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = '' order by a.attnum) as columns,
  array(select o.relname::text from pg_constraint k join pg_class o on o.oid = k.confrelid
    where k.conrelid = c.oid and k.contype = 'f' and o.oid <> c.oid) as needs
from pg_class c
where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname not like 'schema_migration%'
order by c.relname`

export const listTables = async (client: pg.Client): Promise<TableOf[]> => {
  const { rows } = await client.query<Row>(text)
  const sorted: TableOf[] = []
  const known = new Set<string>()
  for (let left = rows; left.length > 0; left = left.filter(({ name }) => !known.has(name))) {
    const ready = left.filter(({ needs }) => needs.every((one) => known.has(one)))
    // Tables that need each other have no order; the database will say so if it matters.
    for (const { name, columns } of ready.length > 0 ? ready : left) {
      known.add(name)
      sorted.push({ name, columns })
    }
  }
  return sorted
}
