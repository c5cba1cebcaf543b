import pg from 'pg'
import t, { type Test } from 'tap'
import { newId } from '../../src/base/id.ts'
import { createLog } from '../../src/base/log.ts'
import { seal } from '../../src/fhir/json/stamp.ts'
import { createDatabase, createStore, type Database, rowSecurityOf } from '../../src/store/index.ts'
import { migrate } from '../../src/store/migrate.ts'
import type { Statement } from '../../src/store/statement.ts'
import type { Write } from '../../src/store/write.ts'
import { hashes } from '../support/hashes.ts'
import { database } from '../support/postgres.ts'
import { openDatabase, openStore, writeOf } from '../support/store.ts'

const at = Date.UTC(2026, 0, 1)

const named = (id: string, family: string): Write =>
  writeOf('Patient', id, `{"resourceType":"Patient","name":[{"family":"${family}"}]}`, at, {
    tokens: hashes('1', '2'),
    rows: { strings: { parameter: [7], folded: [family.toLowerCase()], rest: [null], exact: [null] } },
  })

const all = (text: string, tenant: Statement['tenant'], values: readonly unknown[] = []): Statement => ({
  name: '',
  tenant,
  text,
  values,
})

/** What a statement shows that forgets to name the tenant. */
const forgetful = {
  resource: 'select id from resource',
  resource_version: 'select content as id from resource_version',
  search_string: 'select folded as id from search_string',
  'resource by token': `select id from resource where tokens @> array[1::bigint]`,
}

const shown = async (db: Database, text: string, tenant: Statement['tenant']): Promise<number> =>
  (await db.query(all(text, tenant))).length

// On a busy machine they add up.
t.setTimeout(120_000)

t.test('every table with a tenant is behind the wall, except what all share', async (t) => {
  const db = await openDatabase(t, 'owner')
  const rows = await db.query<{ name: string; policies: string }>(
    all(
      `select c.relname as name, coalesce(string_agg(p.polname, ' ' order by p.polname), '') as policies
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant'
       left join pg_policy p on p.polrelid = c.oid and c.relrowsecurity
       where c.relkind in ('r', 'p') group by 1 order by 1`,
      null,
    ),
  )
  t.ok(rows.length > 15)
  const open = rows.filter(({ policies }) => policies !== 'all_rows tenant_rows').map(({ name }) => name)
  t.same(open, ['concept', 'concept_draft'])
})

t.test('nothing of a tenant is shown to another, whatever the text forgets', async (t) => {
  const { database: db, store } = await openStore(t)
  const ids = [newId(at), newId(at + 1)] as const
  for (const [n, id] of ids.entries()) {
    const write = named(id, `Name ${n}`)
    await store.create(n + 1, write, seal(write.content, 1, new Date(at).toISOString()))
  }
  for (const [what, text] of Object.entries(forgetful)) {
    t.equal(await shown(db, text, 1), 1, `${what}: its own`)
    t.equal(await shown(db, text, 3), 0, `${what}: nobody’s`)
    t.equal(await shown(db, text, undefined as never), 0, `${what}: for whom was not said`)
    t.equal(await shown(db, text, '*'), 2, `${what}: work across tenants`)
  }
  t.equal(await store.current(1, { type: 'Patient', id: ids[1] }), undefined)
  const key = 'select content from resource_version where tenant = $1'
  t.same(await db.read(all(key, 1, [2])), [], 'the key of another tenant')
})

t.test('nothing is written for another tenant', async (t) => {
  const { database: db, store } = await openStore(t)
  const write = named(newId(at), 'A')
  await store.create(2, write, seal(write.content, 1, new Date(at).toISOString()))
  const insert = `insert into closure_table (tenant, name, version) values (2, 'x', 0)`
  await t.rejects(db.run(all(insert, 1)), /row-level security/)
  await t.rejects(db.run(all(insert, undefined as never)), /row-level security/)
  for (const change of [
    'update resource set version = 9',
    'delete from resource',
    'delete from resource_version',
  ])
    t.same(await db.run(all(`${change} returning 1`, 1)), [], change)
  t.equal((await store.current(2, write))?.version, 1)
  await t.rejects(db.run(all('update resource set tenant = 1', 2)), /row-level security/, 'nor given away')
})

t.test('statements of many tenants share lines and transactions', async (t) => {
  const { database: db } = await openStore(t)
  const tenants = Array.from({ length: 20 }, (_, n) => n + 1)
  const insert = `insert into closure_table (tenant, name, version) values ($1, 'x', $1)`
  await Promise.all(tenants.map((tenant) => db.run(all(insert, tenant, [tenant]))))
  const mine: Omit<Statement, 'tenant'> = {
    name: 'mine',
    text: 'select version from closure_table',
    values: [],
  }
  const asked = Array.from({ length: 400 }, (_, n) => tenants[(n * 7) % tenants.length]!)
  const ways = [db.read, db.run, db.query, (one: Statement) => db.transact((tx) => tx.run(one))]
  for (const way of ways) {
    const found = await Promise.all(asked.map((tenant) => way({ ...mine, tenant })))
    t.same(
      found,
      asked.map((version) => [{ version }]),
    )
  }
})

t.test('a transaction that is undone undoes for whom it was', async (t) => {
  const db = await openDatabase(t)
  const insert = `insert into closure_table (tenant, name, version) values ($1, 'x', $1)`
  for (const tenant of [1, 2]) await db.run(all(insert, tenant, [tenant]))
  const text = 'select version from closure_table'
  const small = createDatabase({
    target: await database(t),
    security: 'roles',
    lines: 1,
    pool: 1,
    statementTimeout: 10_000,
    log: createLog('silent'),
  })
  t.teardown(() => small.close())
  for (const tenant of [1, 2]) await small.run(all(insert, tenant, [tenant]))
  await small.query(all(text, 1))
  const broken = small.transact(async (tx) => {
    await tx.run(all(text, 2))
    throw new Error('undone')
  })
  await t.rejects(broken, /undone/)
  t.same(await small.query(all(text, 2)), [{ version: 2 }])
  t.same(await small.query(all(text, 1)), [{ version: 1 }])
})

/** A database whose user can do no more than own it. */
const modest = async (
  t: Test,
  granted?: string,
): Promise<{ host: string; port: number; user: string; database: string }> => {
  const { host, port, user, database: made } = await database(t)
  const name = `modest_${process.pid}`
  const client = new pg.Client({ host, port, user, database: made })
  await client.connect()
  await client.query(`create role ${name} login`)
  await client.query(`create database ${name} owner ${name}`)
  if (granted) await client.query(`${granted} ${name}`)
  t.teardown(async () => {
    await client.query(`drop database ${name} with (force)`)
    await client.query(`drop role ${name}`)
    await client.end()
  })
  return { host, port, user: name, database: name }
}

const roles = 'lamplight_app, lamplight_all'

for (const security of ['owner', 'roles'] as const)
  t.test(`where the user is no superuser: ${security}`, async (t) => {
    const target = await modest(t, security === 'roles' ? `grant ${roles} to` : undefined)
    await migrate(target)
    t.equal(await rowSecurityOf(target), security)
    t.same(await migrate(target), [], 'again')
    const db = await openDatabase(t, security, target)
    const store = createStore(db, 'checked')
    for (const [n, name] of ['A', 'B'].entries()) {
      const write = named(newId(at + n), name)
      await store.create(n + 1, write, seal(write.content, 1, new Date(at).toISOString()))
    }
    const { resource_version: versions } = forgetful
    t.equal(await shown(db, versions, 1), 1)
    t.equal(await shown(db, versions, 3), 0)
    t.equal(await shown(db, versions, undefined as never), 0)
    t.equal(await shown(db, versions, '*'), 2)
    await t.rejects(db.run(all(`insert into closure_table (tenant, name, version) values (2, 'x', 0)`, 1)))
  })
