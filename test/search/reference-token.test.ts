/** The database makes the same token of a reference to a row as the hash that is written. */
import pg from 'pg'
import t from 'tap'
import { idKey, newId } from '../../src/base/id.ts'
import { hashToken, referencePrefix } from '../../src/search/hash.ts'
import { database } from '../support/postgres.ts'

t.test('reference_token equals hashToken', async (t) => {
  const client = new pg.Client(await database(t))
  await client.connect()
  t.teardown(() => client.end())
  const ids = ['1', 'a.b', 'ffffffff-ffff-4fff-bfff-ffffffffffff', newId(0), newId(Date.now())]
  for (const tenant of [1, 2, 70_000]) {
    const prefix = 'Observation.subject|Patient/'
    const { rows } = await client.query(
      'select reference_token($1, id)::text as token from unnest($2::uuid[]) id',
      [referencePrefix(tenant, prefix), ids.map(idKey)],
    )
    t.same(
      rows.map(({ token }) => token),
      ids.map((id) => hashToken(tenant, prefix + id)),
    )
  }
})
