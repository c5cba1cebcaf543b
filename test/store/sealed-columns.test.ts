import { randomBytes } from 'node:crypto'
import pg from 'pg'
import t from 'tap'
import { createSealer, noteKey, renewSealed, usedKeys } from '../../src/store/index.ts'
import { keyId } from '../../src/store/sealed.ts'
import { database } from '../support/postgres.ts'

const [old, young] = [randomBytes(32), randomBytes(32)]

// On a busy machine they add up.
t.setTimeout(120_000)

t.test('every column of secrets moves to the newest key, whatever its table is called', async (t) => {
  const target = await database(t)
  const client = new pg.Client(target)
  await client.connect()
  t.teardown(() => client.end())
  await client.query('create table "Odd Name" (id int primary key, "My Secret" sealed, other text)')
  const before = createSealer([old])
  await noteKey(target, before.current)
  for (let id = 0; id < 1200; id++)
    await client.query('insert into "Odd Name" values ($1, $2, $3)', [
      id,
      before.seal(`secret ${id}`, `odd/${id}`),
      's1.a.b.c',
    ])
  await client.query('insert into "Odd Name" values (-1, null, null)')
  await t.rejects(client.query(`insert into "Odd Name" values (-2, 'plain text')`), { code: '23514' })

  t.equal(await renewSealed(target, createSealer([young, old])), 1200)
  t.strictSame(await usedKeys(target), [keyId(young)])
  const after = createSealer([young])
  const { rows } = await client.query(
    'select id, "My Secret" as secret, other from "Odd Name" where id >= 0 order by id',
  )
  t.ok(rows.every(({ id, secret }) => after.open(secret, `odd/${id}`) === `secret ${id}`))
  t.ok(rows.every(({ other }) => other === 's1.a.b.c'))
  t.equal(await renewSealed(target, after), 0, 'once is enough')
})

t.test('without the old key nothing is moved and nothing is forgotten', async (t) => {
  const target = await database(t)
  const client = new pg.Client(target)
  await client.connect()
  t.teardown(() => client.end())
  await client.query('create table secret (id int primary key, value sealed)')
  await noteKey(target, keyId(old))
  await client.query('insert into secret values (1, $1)', [createSealer([old]).seal('a', 'secret/1')])
  await t.rejects(renewSealed(target, createSealer([young])), { name: 'SealBroken' })
  t.ok((await usedKeys(target)).includes(keyId(old)))
})
