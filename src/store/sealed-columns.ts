/** All secrets that the database holds: which keys were used, and moving them to the newest. Decision 0026 */
import pg from 'pg'
import { type ConnectionTarget, clientConfig } from './connection.ts'
import type { Sealer } from './sealed.ts'

const withClient = async <T>(
  target: ConnectionTarget,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client(clientConfig(target, { statementTimeout: 30_000, lockTimeout: 30_000 }))
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Ids of the keys that may have sealed something here, the newest last. */
export const usedKeys = (target: ConnectionTarget): Promise<string[]> =>
  withClient(target, async (client) => {
    const { rows } = await client.query<{ id: string }>('select id from sealing_key order by used_since, id')
    return rows.map(({ id }) => id)
  })

/** From now on this key may have sealed something. */
export const noteKey = (target: ConnectionTarget, id: string): Promise<void> =>
  withClient(target, async (client) => {
    await client.query('insert into sealing_key (id) values ($1) on conflict do nothing', [id])
  })

/** So many secrets are moved by one statement. */
const atOnce = 500

/**
 * Moves every secret to the newest key while the server works, and forgets the keys that seal nothing any more. Gives
 * the number of secrets moved. Throws SealBroken when one cannot be moved; those before it are.
 */
export const renewSealed = (target: ConnectionTarget, sealer: Sealer): Promise<number> =>
  withClient(target, async (client) => {
    await client.query('insert into sealing_key (id) values ($1) on conflict do nothing', [sealer.current])
    let moved = 0
    for (const column of await sealedColumns(client)) moved += await renewColumn(client, sealer, column)
    await client.query('delete from sealing_key where id <> $1', [sealer.current])
    return moved
  })

/** Names, quoted for use in a statement. */
type Column = { readonly table: string; readonly name: string }

const sealedColumns = async (client: pg.Client): Promise<Column[]> => {
  const { rows } = await client.query<Column>(`
    select a.attrelid::regclass::text as "table", quote_ident(a.attname) as name
    from pg_attribute a join pg_class c on c.oid = a.attrelid
    where a.atttypid = 'sealed'::regtype and c.relkind in ('r', 'p') and not c.relispartition and not a.attisdropped
    order by 1, 2`)
  return rows
}

/** A secret that somebody writes in the meantime is under the newest key already, or is found by the next look. */
const renewColumn = async (client: pg.Client, sealer: Sealer, { table, name }: Column): Promise<number> => {
  for (let moved = 0; ; ) {
    const { rows } = await client.query<{ sealed: string }>(
      `select ${name}::text as sealed from ${table} where ${name} not like $1 limit ${atOnce}`,
      [`s1.${sealer.current}.%`],
    )
    if (rows.length === 0) return moved
    const old = rows.map(({ sealed }) => sealed)
    const { rowCount } = await client.query(
      `update ${table} set ${name} = change.young from unnest($1::text[], $2::text[]) as change (old, young)
       where ${name} = change.old`,
      [old, old.map(sealer.renew)],
    )
    moved += rowCount ?? 0
  }
}
