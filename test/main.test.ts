import { spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { type AddressInfo, connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'
import { database, urlOf } from './support/postgres.ts'
import { startServer } from './support/server.ts'

const temporary = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-main-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Runs the server when it is expected to refuse. */
const refusal = (env: Record<string, string>) => {
  const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
  const { status, stdout, stderr } = spawnSync(process.execPath, [main], {
    env,
    encoding: 'utf8',
    timeout: 60_000,
  })
  return { status, stdout, stderr }
}

const headers = { 'content-type': 'application/fhir+json' }
const patient = '{"resourceType":"Patient","active":true}'

t.test('several processes share a port, count together and are replaced', async (t) => {
  const env = { DATABASE_URL: urlOf(await database(t)), LAMPLIGHT_DATA: temporary(t), WORKERS: '2' }
  const server = await startServer(t, { env })
  const root = server.base.replace(/\/fhir$/, '')
  const created = await fetch(`${server.base}/Patient`, { method: 'POST', headers, body: patient })
  t.equal(created.status, 201)
  const location = created.headers.get('location') ?? ''
  for (let n = 0; n < 8; n++) {
    const read = await fetch(location, { headers: { connection: 'close' } })
    t.equal(read.status, 200)
    await read.text()
  }
  t.strictSame(await (await fetch(`${root}/health/ready`)).json(), { status: 'ready' })
  const metrics = await (await fetch(`${root}/metrics`)).text()
  t.match(metrics, /duration_seconds_count\{interaction="vread",status="200"\} 8/)
  t.match(metrics, /^lamplight_database_idle \d/m)
  t.equal(await server.stop(), 0)
})

t.test('a request that has begun is answered after SIGTERM', async (t) => {
  const env = { DATABASE_URL: urlOf(await database(t)), LAMPLIGHT_DATA: temporary(t), WORKERS: '2' }
  const server = await startServer(t, { env })
  const { port } = new URL(server.base)
  const socket = connect(Number(port), '127.0.0.1')
  const head = `POST /fhir/Patient HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/fhir+json\r\nContent-Length: ${patient.length}\r\nExpect: 100-continue\r\n\r\n`
  socket.write(head)
  t.match(String((await once(socket, 'data'))[0]), /100 Continue/, 'the server waits for the body')
  const stopped = server.stop()
  await t.rejects(untilRefused(Number(port)))
  socket.write(patient)
  t.match(String((await once(socket, 'data'))[0]), /^HTTP\/1.1 201/)
  t.equal(await stopped, 0)
})

/** Rejects when the port takes no more connections. */
const untilRefused = async (port: number): Promise<never> => {
  for (;;) {
    const socket = connect(port, '127.0.0.1')
    await once(socket, 'connect')
    socket.destroy()
  }
}

t.test('a port that is taken is a sentence', async (t) => {
  const other = createServer().listen(0, '127.0.0.1')
  t.teardown(() => other.close())
  await once(other, 'listening')
  const { port } = other.address() as AddressInfo
  const { status, stderr } = refusal({ PORT: String(port), LAMPLIGHT_DATA: temporary(t) })
  t.equal(status, 1)
  t.equal(
    stderr,
    `Port ${port} is taken by another program. Stop it, or choose another port: PORT=${port + 1} npm start\n`,
  )
})

t.test('settings that are wrong are sentences', async (t) => {
  const { status, stderr } = refusal({ PORT: 'x', LAMPLIGHT_DTA: '1' })
  t.equal(status, 1)
  t.equal(
    stderr,
    'LAMPLIGHT_DTA is not a setting of Lamplight. Did you mean LAMPLIGHT_DATA?\nPORT is a whole number.\n',
  )
})
