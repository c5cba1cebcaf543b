/** Test databases are migrated, apart from each other, and gone after the test. */
import pg from 'pg'
import t from 'tap'
import { database, urlOf } from './postgres.ts'

const tables = async (config: pg.ClientConfig | string): Promise<string[]> => {
  const client = new pg.Client(config)
  await client.connect()
  const { rows } = await client.query(
    `select relname from pg_class where relkind = 'r' and relname ~ '^(resource|note)'`,
  )
  await client.end()
  return rows.map((r) => r.relname)
}

t.test('each has the schema and nothing of the others', async (t) => {
  const [one, two] = [await database(t), await database(t)]
  const client = new pg.Client(one)
  await client.connect()
  await client.query('create table note (n int)')
  await client.end()
  t.match(await tables(one), /resource_version/)
  t.ok((await tables(one)).includes('note'))
  t.notOk((await tables(two)).includes('note'))
  t.same(await tables(urlOf(two)), await tables(two))
})
