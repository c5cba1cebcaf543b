import t from 'tap'
import { newId } from '../../src/base/id.ts'
import { seal, stamp } from '../../src/fhir/json/stamp.ts'
import { createReads } from '../../src/store/reads.ts'
import type { Statement } from '../../src/store/statement.ts'
import { hashes } from '../support/hashes.ts'
import { openStore } from '../support/store.ts'

const at = Date.parse('2026-01-02T03:04:05.678Z')

t.test('what is read at the same time is what is read alone, each tenant its own', async (t) => {
  const { store } = await openStore(t)
  const ids = Array.from({ length: 40 }, (_, n) => (n % 3 === 0 ? `p-${n}` : newId(at)))
  for (const [n, id] of ids.entries()) {
    const tenant = 1 + (n % 2)
    const content = stamp(JSON.stringify({ resourceType: 'Patient', name: [{ family: `Ünï ${n}` }] }), id)
    const write = { type: 'Patient', id, content, tokens: hashes(), references: [], at }
    await store.create(tenant, write, seal(content, 1, new Date(at).toISOString()))
  }
  await store.remove(1, { type: 'Patient', id: ids[0]! }, at + 1)
  const asked = [...ids, ids[1]!, 'nowhere', newId(at)]
  for (const tenant of [1, 2]) {
    const alone = []
    for (const id of asked) alone.push(await store.current(tenant, { type: 'Patient', id }))
    const [others, mine] = [3 - tenant, tenant].map((one) =>
      Promise.all(asked.map((id) => store.current(one, { type: 'Patient', id }))),
    )
    t.same(await mine, alone)
    t.not(alone.filter(Boolean).length, 0)
    t.notSame(await others, alone)
    t.equal(await store.current(tenant, { type: 'Observation', id: ids[tenant]! }), undefined)
  }
  t.match(await store.current(1, { type: 'Patient', id: ids[0]! }), { version: 2, content: null })
})

t.test('what must have tokens is there for whoever asks with one of each group', async (t) => {
  const { store } = await openStore(t)
  const keys = Array.from({ length: 20 }, (_, n) => ({
    type: 'Patient',
    id: n % 4 === 0 ? `p-${n}` : newId(at),
  }))
  for (const [n, key] of keys.entries()) {
    const content = stamp(JSON.stringify({ resourceType: 'Patient' }), key.id)
    const write = {
      ...key,
      content,
      tokens: hashes(String(n % 2), String(100 + (n % 3))),
      references: [],
      at,
    }
    await store.create(1, write, seal(content, 1, new Date(at).toISOString()))
  }
  await store.remove(1, keys[6]!, at + 1)
  const asked = keys.flatMap((key, n) => [
    { key, n, groups: ['{0,7}'], seen: n % 2 === 0 },
    { key, n, groups: ['{7,1}', '{100,101}'], seen: n % 2 === 1 && n % 3 < 2 },
    { key, n, groups: [], seen: true },
    { key, n, groups: ['{-5}'], seen: false },
  ])
  const found = await Promise.all(asked.map(({ key, groups }) => store.having(1, key, groups)))
  const [whole] = await Promise.all([store.current(1, keys[0]!), store.having(1, keys[0]!, ['{-5}'])])
  t.equal(whole?.version, 1)
  for (const [n, { key, groups, seen, n: place }] of asked.entries()) {
    const wanted = seen && place !== 6 ? 1 : undefined
    t.equal(found[n]?.version, wanted, `${key.id} ${groups}`)
    t.equal((await store.having(1, key, groups))?.version, wanted, `${key.id} ${groups} alone`)
    t.equal(
      await store.transact(async (tx) => (await tx.having(1, key, groups))?.version),
      wanted,
      `${key.id} ${groups} in a transaction`,
    )
  }
  t.equal(await store.having(2, keys[0]!, []), undefined)
})

t.test('one statement carries some, and its failure is that of each', async (t) => {
  const sent: Statement[] = []
  const current = createReads({
    readLast: async (statement) => {
      sent.push(statement)
      throw new Error('gone')
    },
  })
  const reads = Array.from({ length: 33 }, () => current(1, { type: 'Patient', id: newId(at) }))
  for (const read of reads) await t.rejects(read, { message: 'gone' })
  t.same(
    sent.map(({ name, tenant }) => [name, tenant]),
    [
      ['read_many', 1],
      ['read_many', 1],
      ['read', 1],
    ],
  )
  await t.rejects(current(1, { type: 'Nothing', id: '1' }), { message: 'Nothing is not a resource type' })
})
