/** Everything in the database as of one moment, while others go on writing. */
import type pg from 'pg'
import type { ConnectionTarget } from '../connection.ts'
import { copyOut, openPlain } from './copy.ts'
import { type BackupRecord, encodeRecord } from './records.ts'
import { listTables, nameOf } from './tables.ts'

/** Of the database as it is backed up. */
export type DumpHead = {
  /** Names of the migrations that made its tables, in order. */
  readonly migrations: readonly string[]
  /** The first transaction that is not in it: `tx` of all versions is smaller. */
  readonly before: string
}

export type Dump = { readonly head: DumpHead; readonly records: AsyncIterable<Buffer> }

/** Tables and rows so far. */
type Progress = (table: string, rows: number) => void

/** Begins a snapshot; its connection is closed when `records` are read to the end, or given up. */
export const openDump = async (target: ConnectionTarget, told: Progress): Promise<Dump> => {
  const client = await openPlain(target)
  try {
    await client.query('begin isolation level repeatable read read only')
    const { rows } = await client.query<{ name: string }>('select name from schema_migration order by id')
    const snapshot = await client.query<{ before: string }>(
      'select pg_snapshot_xmax(pg_current_snapshot())::text as before',
    )
    const head = { migrations: rows.map(({ name }) => name), before: snapshot.rows[0]!.before }
    return { head, records: encoded(recordsOf(client, told), client) }
  } catch (error) {
    await client.end()
    throw error
  }
}

async function* encoded(records: AsyncIterable<BackupRecord>, client: pg.Client): AsyncGenerator<Buffer> {
  try {
    for await (const record of records) yield encodeRecord(record)
  } finally {
    await client.end()
  }
}

/** Bytes of one record: a row may be larger. */
const longest = 1_048_576

async function* recordsOf(client: pg.Client, told: Progress): AsyncGenerator<BackupRecord> {
  const tables = await listTables(client)
  for (const { name, columns } of tables) {
    yield { kind: 'table', name, columns }
    const copied = copyOut(client, `copy ${nameOf(name)} (${columns.map(nameOf).join(', ')}) to stdout`)
    for (;;) {
      const { done, value } = await copied.next()
      if (done) {
        yield { kind: 'rows', rows: value }
        told(name, value)
        break
      }
      for (let at = 0; at < value.length; at += longest)
        yield { kind: 'data', data: value.subarray(at, at + longest) }
    }
  }
  // Numbers are given out past all transactions: read now, they are not below any that was seen.
  const { rows } = await client.query<{ name: string }>(
    `select sequencename as name from pg_sequences where schemaname = 'public' and sequencename not like 'schema_migration%' order by 1`,
  )
  for (const { name } of rows) {
    const { rows: states } = await client.query<{ value: string; called: boolean }>(
      `select last_value::text as value, is_called as called from ${nameOf(name)}`,
    )
    const state = states[0]!
    yield { kind: 'sequence', name, value: state.value, isCalled: state.called }
  }
  yield { kind: 'end', tables: tables.length }
}
