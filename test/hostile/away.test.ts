/** PostgreSQL is away, or does not react: the server says so, stays, and goes on by itself when it is back. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import t, { type Test } from 'tap'
import { database } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import { type Answer, askAt, bundle, fhirJson, patient, refused, temporary } from './siege.ts'

/** Stands between the server and PostgreSQL, and can be closed, or swallow everything. */
const gateway = async (t: Test) => {
  const { host, port, user, password, database: name } = await database(t)
  const open = new Set<Socket>()
  let silent = false
  const gate = createServer((near) => {
    const far = host.startsWith('/') ? connect(`${host}/.s.PGSQL.${port}`) : connect(port, host)
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(from)
      from.on('data', (bytes) => {
        if (!silent) to.write(bytes)
      })
      from.on('error', () => {})
      from.on('close', () => {
        open.delete(from)
        to.destroy()
      })
    }
  })
  await once(gate.listen(0, '127.0.0.1'), 'listening')
  const at = (gate.address() as AddressInfo).port
  const close = async (): Promise<void> => {
    if (!gate.listening) return
    const closed = once(gate, 'close')
    gate.close()
    for (const socket of open) socket.destroy()
    await closed
  }
  t.teardown(close)
  const secret = password === undefined ? '' : `:${encodeURIComponent(password)}`
  return {
    url: `postgres://${user}${secret}@127.0.0.1:${at}/${name}`,
    close,
    open: async () => {
      await once(gate.listen(at, '127.0.0.1'), 'listening')
    },
    swallow: (yes: boolean) => {
      silent = yes
      if (!yes) for (const socket of open) socket.destroy()
    },
  }
}

const requests = (base: string, id: string): Promise<Answer>[] => [
  askAt(base, { path: `/Patient/${id}` }),
  askAt(base, { path: '/Patient?active=true' }),
  askAt(base, { path: '/_history' }),
  askAt(base, { method: 'POST', path: '/Patient', headers: fhirJson, body: patient }),
  askAt(base, { method: 'DELETE', path: `/Patient/${id}` }),
  askAt(base, {
    method: 'POST',
    path: '/Patient',
    headers: { ...fhirJson, 'if-none-exist': 'identifier=x' },
    body: patient,
  }),
  askAt(base, {
    method: 'POST',
    path: '',
    headers: fhirJson,
    body: bundle('transaction', [
      { request: { method: 'POST', url: 'Patient' }, resource: JSON.parse(patient) },
    ]),
  }),
]

const areRefused = async (t: Test, base: string, id: string, what: string): Promise<void> => {
  for (const answer of await Promise.all(requests(base, id))) {
    refused(t, answer, 503, /database/, what)
    t.ok(Number(answer.headers['retry-after']) >= 1, `${what}: says when to come again`)
  }
}

const health = async (base: string): Promise<{ live: number; ready: number; metrics: number }> => {
  const root = base.replace(/\/fhir$/, '')
  const [live, ready, metrics] = await Promise.all(
    ['/health/live', '/health/ready', '/metrics'].map((path) => askAt(root, { path })),
  )
  return { live: live!.status, ready: ready!.status, metrics: metrics!.status }
}

/** Until it is ready, within some seconds. */
const untilReady = async (base: string): Promise<void> => {
  for (let n = 0; n < 200; n++) {
    if ((await health(base)).ready === 200) return
    await sleep(50)
  }
  throw new Error('the server did not recover')
}

const well = { live: 200, ready: 200, metrics: 200 }
const waiting = { live: 200, ready: 503, metrics: 200 }

t.test('away and back', { timeout: 60_000 }, async (t) => {
  const gate = await gateway(t)
  const server = await startServer(t, {
    env: {
      DATABASE_URL: gate.url,
      LAMPLIGHT_DATA: temporary(t),
      LOG_LEVEL: 'warn',
      LAMPLIGHT_STATEMENT_TIMEOUT: '1s',
    },
  })
  const { base } = server
  const created = await askAt(base, { method: 'POST', path: '/Patient', headers: fhirJson, body: patient })
  t.equal(created.status, 201)
  const { id } = JSON.parse(created.text) as { id: string }
  t.strictSame(await health(base), well)

  for (const round of ['once', 'twice']) {
    await gate.close()
    await areRefused(t, base, id, `away ${round}`)
    t.strictSame(await health(base), waiting)
    t.equal((await askAt(base, { path: '/metadata' })).status, 200, 'what needs no database is answered')
    const batch = await askAt(base, {
      method: 'POST',
      path: '',
      headers: fhirJson,
      body: bundle('batch', [{ request: { method: 'GET', url: `Patient/${id}` } }]),
    })
    t.match(JSON.parse(batch.text).entry[0].response.status, /^503/, 'in a batch each entry tells')
    await gate.open()
    await untilReady(base)
    t.equal((await askAt(base, { path: `/Patient/${id}` })).status, 200)
    const again = await askAt(base, { method: 'POST', path: '/Patient', headers: fhirJson, body: patient })
    t.equal(again.status, 201, `writes go on after it was away ${round}`)
  }

  gate.swallow(true)
  await areRefused(t, base, id, 'no reaction')
  t.strictSame(await health(base), waiting)
  gate.swallow(false)
  await untilReady(base)
  t.equal((await askAt(base, { path: `/Patient/${id}` })).status, 200)
  t.equal(await server.stop(), 0)
})

t.test('connections that PostgreSQL ends', { timeout: 60_000 }, async (t) => {
  const gate = await gateway(t)
  const server = await startServer(t, { env: { DATABASE_URL: gate.url, LAMPLIGHT_DATA: temporary(t) } })
  const other = new pg.Client(gate.url)
  await other.connect()
  t.teardown(() => other.end())
  other.on('error', () => {})
  for (let round = 0; round < 5; round++) {
    const asked = Promise.all(
      Array.from({ length: 20 }, () =>
        askAt(server.base, { method: 'POST', path: '/Patient', headers: fhirJson, body: patient }),
      ),
    )
    await other.query(
      'select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()',
    )
    for (const { status } of await asked) t.ok(status === 201 || status === 503, `${status}`)
  }
  await untilReady(server.base)
  t.equal((await askAt(server.base, { path: '/Patient?_count=1' })).status, 200)
})
