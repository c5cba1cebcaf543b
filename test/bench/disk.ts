/** What resources take on disk: their versions, and the rows that they are found by. What is on record of accesses is apart. */
import pg from 'pg'

export type Disk = { readonly count: number; readonly each: number; readonly tables: string }

/** Bytes a resource, with all indexes, after `vacuum analyze`. */
export const diskOf = async (connection: pg.ClientConfig): Promise<Disk> => {
  const client = new pg.Client(connection)
  await client.connect()
  await client.query('vacuum analyze')
  const { rows } = await client.query<{ relname: string; bytes: number; count: number }>(
    `select relname, pg_total_relation_size(c.oid)::float8 as bytes, (select count(*) from resource)::int as count
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     where n.nspname = 'public' and c.relkind = 'r'
       and (relname in ('resource', 'resource_version') or relname like 'search\\_%')
     order by bytes desc`,
  )
  await client.end()
  const count = rows[0]?.count ?? 0
  const sum = rows.reduce((all, { bytes }) => all + bytes, 0)
  return {
    count,
    each: Math.round(sum / count),
    tables: rows.map(({ relname, bytes }) => `${relname} ${Math.round(bytes / count)}`).join(', '),
  }
}
