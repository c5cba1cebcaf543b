/** Puts a backup into an empty database: all of it, or nothing. */
import type pg from 'pg'
import type { ConnectionTarget } from '../connection.ts'
import { type CopyIn, copyIn, openPlain } from './copy.ts'
import type { DumpHead } from './dump.ts'
import { BackupBroken, type BackupRecord } from './records.ts'
import { listTables, nameOf, type TableOf } from './tables.ts'

/** Tables whose rows are somebody's data: where there are some, nothing is put beside them. */
const telling = ['resource_version', 'account', 'audit_event']

/** Whether there is nothing that a restore would mix with. */
export const isEmpty = async (target: ConnectionTarget): Promise<boolean> => {
  const client = await openPlain(target)
  try {
    for (const table of telling) {
      const { rows } = await client.query<{ found: string | null }>('select to_regclass($1)::text as found', [
        table,
      ])
      if (rows[0]?.found == null) continue
      if ((await client.query(`select from ${table} limit 1`)).rows.length > 0) return false
    }
    return true
  } finally {
    await client.end()
  }
}

/** The rows of each table. */
export type Loaded = ReadonlyMap<string, number>

/** The database has the tables of the backup's migrations. Throws BackupBroken when the backup is not of such tables. */
export const load = async (
  target: ConnectionTarget,
  head: DumpHead,
  records: AsyncIterable<BackupRecord>,
): Promise<Loaded> => {
  const client = await openPlain(target)
  try {
    await client.query('begin')
    const tables = await listTables(client)
    for (const { name } of tables) await client.query(`alter table ${nameOf(name)} disable trigger user`)
    await client.query(`truncate ${tables.map(({ name }) => nameOf(name)).join(', ')}`)
    await shiftTransactions(client, head)
    const loaded = await loadAll(client, tables, records)
    for (const { name } of tables) {
      const { rows } = await client.query<{ n: string }>(`select count(*)::text as n from ${nameOf(name)}`)
      if (Number(rows[0]?.n) !== (loaded.get(name) ?? 0))
        throw new BackupBroken(`${name} did not get the rows that the backup has.`)
    }
    await client.query('drop trigger if exists restored on resource_version')
    for (const { name } of tables) await client.query(`alter table ${nameOf(name)} enable trigger user`)
    await client.query('commit')
    await client.query('analyze')
    return loaded
  } finally {
    await client.end()
  }
}

/**
 * `tx` orders versions by the numbers of the transactions of their database. A younger database counts from a smaller
 * number: what it writes must come after what is restored, so that is moved down, the older of it to one number.
 */
const shiftTransactions = async (client: pg.Client, { before }: DumpHead): Promise<void> => {
  const { rows } = await client.query<{ now: string }>('select pg_current_xact_id()::text as now')
  const shift = BigInt(before) - BigInt(rows[0]!.now)
  if (shift <= 0n) return
  await client.query(`
    create function pg_temp.restored() returns trigger language plpgsql as $$
    begin
      new.tx := greatest(1, new.tx - ${shift});
      return new;
    end $$;
    create trigger restored before insert on resource_version for each row execute function pg_temp.restored()`)
}

const loadAll = async (
  client: pg.Client,
  tables: readonly TableOf[],
  records: AsyncIterable<BackupRecord>,
): Promise<Map<string, number>> => {
  const loaded = new Map<string, number>()
  let open: { readonly name: string; readonly copy: CopyIn } | undefined
  for await (const record of records) {
    if (record.kind === 'table') open = { name: record.name, copy: await begin(client, tables, record) }
    else if (record.kind === 'data') await open?.copy.write(record.data)
    else if (record.kind === 'rows' && open) {
      const rows = await open.copy.end()
      if (rows !== record.rows)
        throw new BackupBroken(`${open.name} did not get the rows that the backup has.`)
      loaded.set(open.name, rows)
      open = undefined
    } else if (record.kind === 'sequence') {
      await client.query('select setval($1::regclass, $2::bigint, $3)', [
        nameOf(record.name),
        record.value,
        record.isCalled,
      ])
    }
  }
  return loaded
}

const begin = (
  client: pg.Client,
  tables: readonly TableOf[],
  { name, columns }: Extract<BackupRecord, { kind: 'table' }>,
): Promise<CopyIn> => {
  const known = tables.find((table) => table.name === name)
  const isKnown = known !== undefined && columns.every((column) => known.columns.includes(column))
  if (!isKnown) throw new BackupBroken(`The backup has a table ${name} that this version does not make so.`)
  return copyIn(client, `copy ${nameOf(name)} (${columns.map(nameOf).join(', ')}) from stdin`)
}
