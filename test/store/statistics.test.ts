/** Statistics follow what was written. */
import t from 'tap'
import { freshen } from '../../src/store/statistics.ts'
import { openDatabase } from '../support/store.ts'

t.test('a table that grew by much is analyzed', async (t) => {
  const database = await openDatabase(t)
  const rows = async (): Promise<number> => {
    const text = `select reltuples::int as n from pg_class where relname = 'resource'`
    const [row] = await database.query<{ n: number }>({ name: '', text, tenant: '*', values: [] })
    return row?.n ?? 0
  }
  const insert = (from: number, to: number) =>
    database.query({
      name: '',
      text: `insert into resource (tenant, type, id, version, last_updated, tokens)
        select 1, 1, gen_random_uuid(), 1, now(), '{}' from generate_series($1::int, $2::int)`,
      tenant: '*',
      values: [from, to],
    })
  await insert(1, 6000)
  // The counters of a session are published when it is idle for a moment.
  await database.query({ name: '', text: 'select pg_stat_force_next_flush()', tenant: '*', values: [] })
  for (let n = 0; n < 50 && (await rows()) < 6000; n++) await freshen(database)
  t.equal(await rows(), 6000)
})
