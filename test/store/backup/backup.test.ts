/** A backup is of one moment, whole, and restored as a whole or not at all. */
import { randomBytes } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import pg from 'pg'
import t, { type Test } from 'tap'
import {
  BackupBroken,
  type BackupHeader,
  type ConnectionTarget,
  checkBackup,
  isEmpty,
  load,
  openDump,
  readBackup,
  readHeader,
  writeBackup,
} from '../../../src/store/index.ts'
import { migrate } from '../../../src/store/migrate.ts'
import { runAlone } from '../../support/cluster.ts'
import { database } from '../../support/postgres.ts'

const connect = async (t: Test, target: pg.ClientConfig): Promise<pg.Client> => {
  const client = new pg.Client(target)
  await client.connect()
  t.teardown(() => client.end())
  return client
}

const back = async (target: ConnectionTarget, path: string, key?: Buffer): Promise<void> => {
  const dump = await openDump(target, () => {})
  const header: BackupHeader = { version: '1', at: new Date().toISOString(), ...dump.head }
  await writeBackup(path, key ? { ...header, encrypted: { key: 'k', salt: '' } } : header, dump.records, key)
}

const fresh = async (t: Test) => {
  const target = await database(t)
  const name = `${target.database}_empty`
  await runAlone(target, `create database ${name}`)
  t.teardown(() => runAlone(target, `drop database ${name} with (force)`))
  return { ...target, database: name }
}

const restore = async (target: ConnectionTarget, path: string, key?: Buffer) => {
  const header = await readHeader(path)
  await migrate(target, header.migrations)
  const loaded = await load(
    target,
    header,
    readBackup(path, () => key),
  )
  await migrate(target)
  return loaded
}

const fingerprint = async (client: pg.Client, table: string): Promise<unknown> =>
  (await client.query(`select count(*), md5(string_agg(t::text, e'\\n' order by t::text)) from ${table} t`))
    .rows

/** One version of a Basic; \`x\` is awkward text. */
const insert = `insert into resource_version (tenant, type, id, version, last_updated, method, content, json)
  values (1, 1, $1, $2, now(), 'C', $3, $4)`
const awkward = `tab\t, newline\n, \\., back\\slash, \\N, quote ", ünïcödé 😀, ${'x'.repeat(3_000_000)}`

t.test('what is restored is what was backed up', async (t) => {
  const source = await database(t)
  const client = await connect(t, source)
  const uuid = '00000000-0000-4000-8000-000000000001'
  await client.query(insert, [uuid, 1, awkward, JSON.stringify({ awkward })])
  await client.query(insert, [uuid, 2, null, null])
  await client.query(
    `insert into resource (tenant, type, id, version, last_updated, tokens) values (1, 1, $1, 2, now(), '{1,-2}')`,
    [uuid],
  )
  await client.query(
    `insert into account (tenant, id, email, display, language, roles, state, created_at, changed_at) values (1, $1, 'a@b.c', 'A', 'en', '{doctor}', 'active', now(), now())`,
    [uuid],
  )
  await client
    .query(`insert into account_recovery (tenant, account, hash) values (1, $1, '\\xff00')`, [uuid])
    .catch(() => {})
  const folder = t.testdir()
  for (const key of [undefined, randomBytes(32)]) {
    const path = join(folder, key ? 'encrypted' : 'plain')
    await back(source, path, key)
    t.ok((await checkBackup(path, () => key)) >= 4)
    const target = await fresh(t)
    t.equal(await isEmpty(target), true)
    const loaded = await restore(target, path, key)
    t.equal(await isEmpty(target), false)
    const copy = await connect(t, target)
    for (const table of loaded.keys())
      if (table !== 'resource_version')
        t.strictSame(await fingerprint(copy, table), await fingerprint(client, table), table)
    const columns =
      '(select tenant, type, id, version, last_updated, method, content, json::text from resource_version)'
    t.strictSame(await fingerprint(copy, columns), await fingerprint(client, columns))
    await t.rejects(copy.query('delete from audit_event'), 'the guards are back')
    if (key) t.notOk(readFileSync(path).includes('doctor'))
  }
})

t.test('of one moment, while others write', async (t) => {
  const source = await database(t)
  const writers = await Promise.all([1, 2, 3].map(() => connect(t, source)))
  let [stop, written] = [false, 0]
  // Each transaction writes two versions that belong together, in tables that are read at different times.
  const write = async (client: pg.Client): Promise<void> => {
    while (!stop) {
      const id = `00000000-0000-4000-8000-${String(written++).padStart(12, '0')}`
      await client.query('begin')
      await client.query(
        `insert into resource (tenant, type, id, version, last_updated, tokens) values (1, 1, $1, 1, now(), '{}')`,
        [id],
      )
      await client.query(insert, [id, 1, '{}', '{}'])
      await client.query('commit')
    }
  }
  const writing = writers.map(write)
  const path = join(t.testdir(), 'backup')
  while (written < 300) await new Promise((done) => setTimeout(done, 10))
  await back(source, path)
  const during = written
  while (written < during + 100) await new Promise((done) => setTimeout(done, 10))
  stop = true
  await Promise.all(writing)

  const target = await fresh(t)
  await restore(target, path)
  const copy = await connect(t, target)
  const { rows } = await copy.query(`
    select count(*)::int as all, count(*) filter (where r.id is null or v.id is null)::int as torn
    from resource r full join resource_version v using (tenant, type, id, version)`)
  t.equal(rows[0].torn, 0)
  t.ok(rows[0].all >= 290 && rows[0].all < written)
  // What is written after a restore comes last for those who follow the log.
  await copy.query(insert, ['00000000-0000-4000-9000-000000000001', 1, '{}', '{}'])
  const last = await copy.query('select id from resource_version order by tx desc limit 1')
  t.equal(last.rows[0].id, '00000000-0000-4000-9000-000000000001')
})

t.test('a younger database goes on after what it was given', async (t) => {
  const source = await database(t)
  const client = await connect(t, source)
  const id = (n: number): string => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
  for (const n of [1, 2, 3]) await client.query(insert, [id(n), 1, '{}', '{}'])
  await client.query('update resource_version set tx = tx + 5000000000')
  const path = join(t.testdir(), 'backup')
  const dump = await openDump(source, () => {})
  const { rows } = await client.query('select max(tx) + 1 as before from resource_version')
  const header = { version: '1', at: '', ...dump.head, before: String(rows[0].before) }
  await writeBackup(path, header, dump.records, undefined)
  const target = await fresh(t)
  await restore(target, path)
  const copy = await connect(t, target)
  await copy.query(insert, [id(4), 1, '{}', '{}'])
  const found = await copy.query('select id from resource_version order by tx')
  t.strictSame(
    found.rows.map(({ id }) => id),
    [1, 2, 3, 4].map(id),
  )
})

t.test('a file that was changed, cut or is another is refused, and nothing is written', async (t) => {
  const source = await database(t)
  const client = await connect(t, source)
  for (let n = 0; n < 20; n++)
    await client.query(insert, [
      `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
      1,
      randomBytes(100_000).toString('hex'),
      '{}',
    ])
  const folder = t.testdir()
  const good = { plain: join(folder, 'plain'), sealed: join(folder, 'sealed') }
  const key = randomBytes(32)
  await back(source, good.plain)
  await back(source, good.sealed, key)
  const bad = join(folder, 'bad')
  for (const [path, own] of [
    [good.plain, undefined],
    [good.sealed, key],
  ] as const) {
    const bytes = readFileSync(path)
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(bytes)
        changed[at] = changed[at]! ^ flip
        writeFileSync(bad, changed)
        await checkBackup(bad, () => own).then(
          () => t.fail(`a change at ${at} was not noticed`),
          (error: unknown) => error instanceof BackupBroken || t.fail(String(error)),
        )
      }),
      { numRuns: 25 },
    )
    for (const length of [0, 10, 200, bytes.length - 1, bytes.length - 40, bytes.length >> 1]) {
      writeFileSync(bad, bytes.subarray(0, length))
      await t.rejects(
        checkBackup(bad, () => own),
        { name: 'BackupBroken' },
        `cut at ${length}`,
      )
    }
    writeFileSync(bad, Buffer.concat([bytes, Buffer.from('x')]))
    await t.rejects(
      checkBackup(bad, () => own),
      { name: 'BackupBroken' },
    )
  }
  await t.rejects(
    checkBackup(good.sealed, () => randomBytes(32)),
    { name: 'BackupBroken' },
    'another key',
  )
  writeFileSync(bad, 'this is a letter')
  await t.rejects(readHeader(bad), { name: 'BackupBroken' })

  // What is found only while it is loaded undoes everything.
  const bytes = readFileSync(good.plain)
  writeFileSync(bad, bytes.subarray(0, bytes.length - 40))
  const target = await fresh(t)
  const header = await readHeader(good.plain)
  await migrate(target, header.migrations)
  await t.rejects(
    load(
      target,
      header,
      readBackup(bad, () => undefined),
    ),
    { name: 'BackupBroken' },
  )
  t.equal(await isEmpty(target), true)
  await t.rejects(migrate(target, ['9999-future']), /newer version/)
})
