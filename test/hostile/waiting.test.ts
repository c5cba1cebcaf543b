/** Small writes wait for nobody but those who hold the same rows: a transaction that takes its time holds up no other. */
import pg from 'pg'
import t, { type Test } from 'tap'
import { idKey } from '../../src/base/id.ts'
import { database, urlOf } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import { type Answer, askAt, bundle, fhirJson, temporary } from './siege.ts'

const resource = (id: string): string => JSON.stringify({ resourceType: 'Patient', id, active: true })

const open = async (t: Test) => {
  const url = urlOf(await database(t))
  const { base } = await startServer(t, { env: { DATABASE_URL: url, LAMPLIGHT_DATA: temporary(t) } })
  const put = (id: string): Promise<Answer> =>
    askAt(base, { method: 'PUT', path: `/Patient/${id}`, headers: fhirJson, body: resource(id) })
  /** Holds the row as a transaction does that has written it and goes on for long. */
  const hold = async (id: string) => {
    const client = new pg.Client(url)
    await client.connect()
    await client.query('begin')
    const { rowCount } = await client.query('select 1 from resource where id = $1 for update', [idKey(id)])
    t.equal(rowCount, 1)
    return async () => {
      await client.query('rollback')
      await client.end()
    }
  }
  return { base, put, hold }
}

const others = (base: string, put: (id: string) => Promise<Answer>): Promise<Answer>[] => [
  put('free'),
  put('new'),
  askAt(base, { path: '/Patient/held' }),
  askAt(base, { path: '/Patient?active=true' }),
  askAt(base, { path: '/_history' }),
  askAt(base, { method: 'POST', path: '/Patient', headers: fhirJson, body: '{"resourceType":"Patient"}' }),
  askAt(base, {
    method: 'POST',
    path: '/Patient',
    headers: { ...fhirJson, 'if-none-exist': 'identifier=other' },
    body: '{"resourceType":"Patient","identifier":[{"value":"other"}]}',
  }),
  askAt(base, {
    method: 'POST',
    path: '',
    headers: fhirJson,
    body: bundle('transaction', [
      { request: { method: 'PUT', url: 'Patient/free2' }, resource: JSON.parse(resource('free2')) },
      { request: { method: 'POST', url: 'Patient' }, resource: { resourceType: 'Patient' } },
    ]),
  }),
]

const areAnswered = async (t: Test, answers: Promise<Answer>[], what: string): Promise<void> => {
  for (const { status } of await Promise.all(answers))
    t.ok(status === 200 || status === 201, `${what}: ${status}`)
}

t.test('one writer waits for the row', async (t) => {
  const { base, put, hold } = await open(t)
  for (const id of ['held', 'free', 'free2']) await put(id)
  const release = await hold('held')
  let done = false
  const blocked = put('held').finally(() => {
    done = true
  })
  for (let n = 0; n < 5; n++) await areAnswered(t, others(base, put), 'others')
  t.equal(done, false, 'who wants the same row waits')
  await release()
  t.equal((await blocked).status, 200)
})

t.test('more writers wait for the row than there are connections', async (t) => {
  const { base, put, hold } = await open(t)
  for (const id of ['held', 'free', 'free2']) await put(id)
  const release = await hold('held')
  let done = 0
  const blocked = Array.from({ length: 40 }, () =>
    put('held').finally(() => {
      done++
    }),
  )
  await new Promise((resolve) => setTimeout(resolve, 300))
  await areAnswered(t, others(base, put), 'others')
  t.equal(done, 0, 'who wants the same row waits')
  await release()
  for (const { status } of await Promise.all(blocked)) t.equal(status, 200)
})

t.test('more transactions wait for the row than there are connections', async (t) => {
  const { base, put, hold } = await open(t)
  for (const id of ['held', 'free', 'free2']) await put(id)
  const release = await hold('held')
  const entry = { request: { method: 'PUT', url: 'Patient/held' }, resource: JSON.parse(resource('held')) }
  const blocked = Array.from({ length: 40 }, () =>
    askAt(base, { method: 'POST', path: '', headers: fhirJson, body: bundle('transaction', [entry]) }),
  )
  await new Promise((resolve) => setTimeout(resolve, 100))
  for (let n = 0; n < 3; n++) await areAnswered(t, others(base, put), 'others')
  await release()
  await areAnswered(t, blocked, 'who waited')
})

t.test('a large transaction in the middle of its work', async (t) => {
  const { base, put } = await open(t)
  for (const id of ['held', 'free', 'free2']) await put(id)
  const entry = (n: number): object => ({
    request: { method: 'PUT', url: `Patient/large-${n}` },
    resource: { resourceType: 'Patient', id: `large-${n}`, active: true },
  })
  let done = false
  const large = askAt(base, {
    method: 'POST',
    path: '',
    headers: fhirJson,
    body: bundle(
      'transaction',
      Array.from({ length: 10_000 }, (_, n) => entry(n)),
    ),
  }).finally(() => {
    done = true
  })
  let rounds = 0
  while (!done && rounds < 50) {
    await areAnswered(t, others(base, put), 'others')
    rounds++
  }
  t.ok(rounds > 1, `${rounds} rounds were answered in the meantime`)
  t.equal((await large).status, 200)
})
