import t from 'tap'
import { newId } from '../../src/base/id.ts'
import { seal } from '../../src/fhir/json/stamp.ts'
import type { Condition, Store, Write } from '../../src/store/index.ts'
import { openDatabase, openStore, writeOf } from '../support/store.ts'

const at = Date.parse('2026-01-02T03:04:05.678Z')

const patientWrite = (id: string, text: string, more: Partial<Write> = {}): Write =>
  writeOf('Patient', id, text, at, more)

const patient = (family: string): string =>
  `{"resourceType":"Patient","name":[{"family":"${family}"}],"x":1.00}`

const put = (store: Store, id: string, family: string, condition: Condition = 'any') =>
  store.update(1, patientWrite(id, patient(family)), 'PUT', condition)

t.test('a created resource is read back as the text that was sealed', async (t) => {
  const { store, target } = await openStore(t)
  const write = patientWrite(newId(at), patient('Ünï\\"code\\\\'))
  const whole = seal(write.content, 1, new Date(at).toISOString())
  const { written } = await store.create(1, write, whole)
  t.same(written, { version: 1, lastUpdated: at, created: true })
  const read = await store.current(1, write)
  t.equal(read?.content, whole)
  t.match(read, { type: 'Patient', id: write.id, version: 1, lastUpdated: at, method: 'POST' })
  const [json] = await (await openDatabase(t, 'owner', target)).query<{ content: unknown; id: string }>({
    name: '',
    text: 'select id, content from fhir.patient where tenant = 1',
    tenant: null,
    values: [],
  })
  t.same(json, { id: write.id, content: JSON.parse(whole) }, 'the view for SQL users has it too')
})

t.test('updates number versions, and time never goes back', async (t) => {
  const { store } = await openStore(t)
  const first = await put(store, 'my.id-1', 'A')
  t.same(first.written, { version: 1, lastUpdated: at, created: true })
  const second = await put(store, 'my.id-1', 'B')
  t.same(second.written, { version: 2, lastUpdated: at + 1, created: false })
  const read = await store.current(1, { type: 'Patient', id: 'my.id-1' })
  t.equal(
    read?.content,
    '{"resourceType":"Patient","id":"my.id-1","meta":{"versionId":"2","lastUpdated":"2026-01-02T03:04:05.679Z"},"name":[{"family":"B"}],"x":1.00}',
  )
  t.match(await store.version(1, { type: 'Patient', id: 'my.id-1' }, 1), { version: 1, method: 'PUT' })
  t.equal(await store.version(1, { type: 'Patient', id: 'my.id-1' }, 3), undefined)
})

t.test('the conditions of an update', async (t) => {
  const { store } = await openStore(t)
  t.equal((await put(store, 'a', 'A', 'present')).written, undefined)
  t.equal((await put(store, 'a', 'A', { over: 1 })).written, undefined)
  t.equal((await put(store, 'a', 'A', 'absent')).written?.version, 1)
  t.equal((await put(store, 'a', 'B', 'absent')).written, undefined)
  t.equal((await put(store, 'a', 'B', { over: 2 })).written, undefined)
  t.equal((await put(store, 'a', 'B', { over: 1 })).written?.version, 2)
  t.equal((await put(store, 'a', 'C', 'present')).written?.version, 3)
})

t.test('a deleted resource leaves its versions; a new one continues them', async (t) => {
  const { store } = await openStore(t)
  const key = { type: 'Patient', id: 'd' }
  t.equal(await store.remove(1, key, at), undefined)
  await put(store, 'd', 'A')
  t.equal(await store.remove(1, key, at, 7), undefined)
  t.same(await store.remove(1, key, at), { version: 2, lastUpdated: at + 1 })
  t.match(await store.current(1, key), { version: 2, method: 'DELETE', content: null })
  t.equal(await store.remove(1, key, at), undefined)
  t.same((await put(store, 'd', 'B')).written, { version: 3, lastUpdated: at + 2, created: true })
})

t.test('references that never existed keep everything from being written', async (t) => {
  const { store } = await openStore(t)
  await put(store, 'there', 'A')
  const references = [
    { type: 'Patient', id: 'there' },
    { type: 'Patient', id: 'nowhere' },
    { type: 'Group', id: 'there' },
  ]
  const write = patientWrite(newId(at), patient('R'), { references })
  const result = await store.create(1, write, seal(write.content, 1, 'x'))
  t.equal(result.written, undefined)
  t.same(result.missing, references.slice(1))
  t.equal(await store.current(1, write), undefined)
  const updated = await store.update(1, patientWrite('r', patient('R'), { references }), 'PUT', 'any')
  t.same(updated, { missing: references.slice(1) })
  await store.remove(1, references[0]!, at)
  const toDeleted = patientWrite('r', patient('R'), { references: references.slice(0, 1) })
  t.ok((await store.update(1, toDeleted, 'PUT', 'any')).written, 'it has existed')
})

t.test('enforced: a reference needs a current resource', async (t) => {
  const { store } = await openStore(t, 'enforced')
  await put(store, 'there', 'A')
  const references = [{ type: 'Patient', id: 'there' }]
  const write = patientWrite('r', patient('R'), { references })
  t.ok((await store.update(1, write, 'PUT', 'any')).written)
  await store.remove(1, references[0]!, at)
  t.same((await store.update(1, write, 'PUT', 'any')).missing, references)
})

t.test('tenants do not see each other', async (t) => {
  const { store } = await openStore(t)
  await put(store, 'one', 'A')
  t.equal(await store.current(2, { type: 'Patient', id: 'one' }), undefined)
  t.equal(await store.remove(2, { type: 'Patient', id: 'one' }, at), undefined)
  t.same(await store.history(2, { ascending: false, limit: 10 }), [])
  const write = patientWrite('two', patient('B'), { references: [{ type: 'Patient', id: 'one' }] })
  t.equal((await store.update(2, write, 'PUT', 'any')).missing.length, 1)
})

t.test('64 writers of one new id make one row with 64 versions', async (t) => {
  const { store } = await openStore(t)
  const results = await Promise.all(Array.from({ length: 64 }, (_, n) => put(store, 'race', `N${n}`)))
  t.same(
    results.map((r) => r.written?.version).sort((a, b) => a! - b!),
    Array.from({ length: 64 }, (_, n) => n + 1),
  )
  t.equal(results.filter((r) => r.written?.created).length, 1)
})

t.test('puts and deletes at once always leave a whole story', async (t) => {
  const { store } = await openStore(t)
  const key = { type: 'Patient', id: 'story' }
  await Promise.all(
    Array.from({ length: 60 }, (_, n) =>
      n % 3 === 0 ? store.remove(1, key, at) : put(store, 'story', `N${n}`),
    ),
  )
  const history = await store.history(1, { ...key, ascending: true, limit: 100 })
  t.same(
    history.map((v) => v.version),
    history.map((_, n) => n + 1),
  )
  const times = history.map((v) => v.lastUpdated)
  t.same(
    times,
    [...times].sort((a, b) => a - b),
  )
  t.notOk(history.some((v, n) => v.method === 'DELETE' && history[n + 1]?.method === 'DELETE'))
})
