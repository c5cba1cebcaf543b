import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { outboxStart, readOutbox, type VersionWrite } from '../../src/store/index.ts'
import { hashes } from '../support/hashes.ts'
import { openStore } from '../support/store.ts'

const at = Date.parse('2026-01-02T03:04:05.678Z')

const version = (id: string, n: number, more: Partial<VersionWrite> = {}): VersionWrite => ({
  type: 'Observation',
  id,
  version: n,
  lastUpdated: at + n,
  method: 'POST',
  content: `{"resourceType":"Observation","id":"${id}","v":${n},"t":"a\\u001eb,{}\\"\\\\n"}`,
  tokens: hashes('9223372036854775807', '-9223372036854775808'),
  ...more,
})

t.test('creates, updates and deletions of one transaction', async (t) => {
  const { store } = await openStore(t)
  await store.transact((tx) => tx.write(1, [version('a', 1), version('b.1', 1), version('c', 1)]))
  await store.transact(async (tx) => {
    const keys = ['a', 'b.1', 'c', 'new'].map((id) => ({ type: 'Observation', id }))
    const priors = await tx.lock(1, keys)
    t.same([...priors.keys()].sort(), ['Observation/a', 'Observation/b.1', 'Observation/c'])
    t.same(priors.get('Observation/a'), { version: 1, lastUpdated: at + 1, exists: true })
    await tx.write(1, [
      version('a', 2, { method: 'PUT' }),
      version('b.1', 2, { method: 'DELETE', content: null, tokens: hashes() }),
      version('new', 1),
    ])
    t.equal((await tx.current(1, { type: 'Observation', id: 'a' }))?.version, 2, 'it sees what it wrote')
  })
  t.equal((await store.current(1, { type: 'Observation', id: 'a' }))?.content, version('a', 2).content)
  t.equal((await store.current(1, { type: 'Observation', id: 'b.1' }))?.content, null)
  const ids = (await store.history(1, { ascending: true, limit: 10 })).map((v) => `${v.id}/${v.version}`)
  t.same(ids.sort(), ['a/1', 'a/2', 'b.1/1', 'b.1/2', 'c/1', 'new/1'])
  const [{ exists }] = (await store.transact(async (tx) => {
    const priors = await tx.lock(1, [{ type: 'Observation', id: 'b.1' }])
    return [...priors.values()]
  })) as unknown as [{ exists: boolean }]
  t.equal(exists, false)
})

t.test('a transaction that throws leaves nothing', async (t) => {
  const { store } = await openStore(t)
  await t.rejects(
    store.transact(async (tx) => {
      await tx.write(1, [version('x', 1)])
      throw new Error('no')
    }),
    /no/,
  )
  t.equal(await store.current(1, { type: 'Observation', id: 'x' }), undefined)
})

t.test('more rows than one statement takes', async (t) => {
  const { store } = await openStore(t)
  const writes = Array.from({ length: 1203 }, (_, n) => version(`n${n}`, 1))
  await store.transact((tx) => tx.write(1, writes))
  t.equal((await store.history(1, { ascending: true, limit: 2000 })).length, 1203)
})

t.test('a lost race is done again from the start', async (t) => {
  const { store } = await openStore(t)
  const key = { type: 'Observation', id: 'r' }
  const bump = () =>
    store.transact(async (tx) => {
      const prior = (await tx.lock(1, [key])).get('Observation/r')
      const n = (prior?.version ?? 0) + 1
      await tx.write(1, [version('r', n)])
      return n
    })
  const made = await Promise.all(Array.from({ length: 20 }, bump))
  t.same(
    made.sort((a, b) => a - b),
    Array.from({ length: 20 }, (_, n) => n + 1),
  )
})

t.test('transactions over the same rows in other orders do not fail', async (t) => {
  const { store } = await openStore(t)
  const ids = Array.from({ length: 12 }, (_, n) => `o${n}`)
  await store.transact((tx) =>
    tx.write(
      1,
      ids.map((id) => version(id, 1)),
    ),
  )
  const shuffled = (n: number) => ids.slice(n % 12).concat(ids.slice(0, n % 12))
  await Promise.all(
    Array.from({ length: 24 }, (_, n) =>
      store.transact(async (tx) => {
        const keys = shuffled(n * 5).map((id) => ({ type: 'Observation', id }))
        const priors = await tx.lock(1, keys)
        await tx.write(
          1,
          keys.map(({ id, type }) => version(id, priors.get(`${type}/${id}`)!.version + 1)),
        )
      }),
    ),
  )
  t.equal((await store.current(1, { type: 'Observation', id: 'o3' }))?.version, 25)
})

t.test('the outbox gives every commit once and in order, whoever commits first', async (t) => {
  const { store, database } = await openStore(t)
  let release: () => void = () => {}
  const gate = new Promise<void>((resolve) => {
    release = resolve
  })
  let wrote: () => void = () => {}
  const started = new Promise<void>((resolve) => {
    wrote = resolve
  })
  const slow = store.transact(async (tx) => {
    await tx.write(1, [version('slow', 1)])
    wrote()
    await gate
  })
  await started
  await store.transact((tx) => tx.write(1, [version('quick', 1)]))
  const early = await readOutbox(database, outboxStart, 10)
  t.notOk(
    early.some((row) => row.fhir_id === 'quick') && !early.some((row) => row.fhir_id === 'slow'),
    'nothing overtakes a running one',
  )
  release()
  await slow
  // Transactions of other databases of the same Postgres hold the outbox back too, so it may take a moment.
  while ((await readOutbox(database, outboxStart, 10)).length < 2) await sleep(20)
  const first = await readOutbox(database, outboxStart, 1)
  const rest = await readOutbox(database, first[0]!, 10)
  t.same(
    [...first, ...rest].map((row) => row.fhir_id),
    ['slow', 'quick'],
  )
  t.same(await readOutbox(database, rest.at(-1)!, 10), [])
})
