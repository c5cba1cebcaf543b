/** test/schema.sql is what the migrations make. */
import { readFileSync } from 'node:fs'
import t from 'tap'
import { database } from './support/postgres.ts'
import { dumpSchema } from './support/schema.ts'

t.test('the committed schema is the migrated one; npm run schema writes it', async (t) => {
  const committed = readFileSync(new URL('schema.sql', import.meta.url), 'utf8')
  t.equal(await dumpSchema(await database(t)), committed)
})
