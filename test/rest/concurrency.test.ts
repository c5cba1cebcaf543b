/** Many at once: nothing is lost, nothing is made twice, nobody gets a 500. http://hl7.org/fhir/R4/http.html#concurrency */
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import type { Reply, Request } from '../../src/rest/index.ts'
import { create, openRest, read, resourceOf, transaction, update } from '../support/rest.ts'

const mrn = (value: string) => [{ system: 'http://hospital.example/mrn', value }]
const where = (value: string) => [['identifier', `http://hospital.example/mrn|${value}`]] as const
const times = <T>(n: number, make: (i: number) => T): T[] => Array.from({ length: n }, (_, i) => make(i))

/** The status of each, of refusals too; anything but a refusal is a bug. */
const statuses = (running: readonly Promise<Reply>[]): Promise<number[]> =>
  Promise.all(
    running.map((one) =>
      one.then(
        ({ status }) => status,
        (error) => {
          if (error instanceof Problem) return error.status
          throw error
        },
      ),
    ),
  )

const conditionalUpdate = (value: string, resource: object): Request => ({
  interaction: 'update',
  type: 'Patient',
  query: where(value),
  body: { text: JSON.stringify({ resourceType: 'Patient', identifier: mrn(value), ...resource }) },
})

const addName = (i: number): Request => ({
  interaction: 'patch',
  type: 'Patient',
  id: 'p',
  query: [],
  body: { text: `[{"op":"add","path":"/name/-","value":{"text":"n${i}"}}]`, patch: 'json-patch' },
})

t.test('64 conditional updates of what is not there make one resource with 64 versions', async (t) => {
  const { perform } = await openRest(t)
  const all = await statuses(times(64, (i) => perform(conditionalUpdate('u', { name: [{ text: `n${i}` }] }))))
  t.equal(all.filter((s) => s === 201).length, 1)
  t.equal(all.filter((s) => s === 200).length, 63)
  const found = resourceOf(await perform({ interaction: 'search-type', type: 'Patient', query: where('u') }))
  t.equal(found.entry.length, 1)
  t.equal(found.entry[0].resource.meta.versionId, '64')
})

t.test('64 patches of one resource are all in it', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { name: [{ text: 'first' }] }))
  const all = await statuses(times(64, (i) => perform(addName(i))))
  t.same(new Set(all), new Set([200]))
  const { name, meta } = resourceOf(await perform(read('Patient', 'p')))
  t.equal(meta.versionId, '65')
  t.same(name.map((n: { text: string }) => n.text).sort(), ['first', ...times(64, (i) => `n${i}`)].sort())
})

t.test('64 conditional patches are all in it too', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { identifier: mrn('c'), name: [{ text: 'first' }] }))
  const { id: _, ...patch } = addName(0)
  const all = await statuses(times(64, () => perform({ ...patch, query: where('c') })))
  t.same(new Set(all), new Set([200]))
  t.equal(resourceOf(await perform(read('Patient', 'p'))).name.length, 65)
})

t.test('of 32 updates over one version one succeeds', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', {}))
  const all = await statuses(
    times(32, (i) => perform(update('Patient', 'p', { name: [{ text: `n${i}` }] }, { ifMatch: 'W/"1"' }))),
  )
  t.equal(all.filter((s) => s === 200).length, 1)
  t.equal(all.filter((s) => s === 412).length, 31)
})

t.test('of 32 patches over one version one succeeds', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { name: [{ text: 'first' }] }))
  const all = await statuses(times(32, (i) => perform({ ...addName(i), ifMatch: 'W/"1"' })))
  t.equal(all.filter((s) => s === 200).length, 1)
  t.equal(all.filter((s) => s === 412).length, 31)
})

t.test('32 times If-None-Match: * makes one', async (t) => {
  const { perform } = await openRest(t)
  const all = await statuses(times(32, () => perform(update('Patient', 'p', {}, { ifNoneMatch: '*' }))))
  t.equal(all.filter((s) => s === 201).length, 1)
  t.equal(all.filter((s) => s === 412).length, 31)
})

t.test('32 first updates of one id: one creates, versions have no gap', async (t) => {
  const { perform } = await openRest(t)
  const all = await statuses([
    ...times(16, () => perform(update('Patient', 'p', {}))),
    ...times(16, () =>
      perform(
        transaction([
          { resource: { resourceType: 'Patient', id: 'p' }, request: { method: 'PUT', url: 'Patient/p' } },
        ]),
      ),
    ),
  ])
  t.ok(all.every((s) => s === 200 || s === 201))
  t.equal(resourceOf(await perform(read('Patient', 'p'))).meta.versionId, '32')
})

t.test('updates, patches, deletions and transactions over the same three resources', async (t) => {
  const { perform } = await openRest(t)
  const ids = ['a', 'b', 'c']
  for (const id of ids) await perform(update('Patient', id, { identifier: mrn(id), name: [{ text: 'x' }] }))
  const kinds: ((id: string, i: number) => Request)[] = [
    (id) => update('Patient', id, { identifier: mrn(id), name: [{ text: 'put' }] }),
    (id, i) => ({ ...addName(i), id }),
    (id) => ({ interaction: 'delete', type: 'Patient', id, query: [] }),
    (id) => conditionalUpdate(id, { name: [{ text: 'conditional' }] }),
    (id) => ({ interaction: 'delete', type: 'Patient', query: where(id) }),
    (id) => create('Patient', { identifier: mrn(id) }, { ifNoneExist: `identifier=${id}` }),
    (id, i) => {
      const other = ids[(i + 1) % 3] === id ? 'd' : ids[(i + 1) % 3]
      return transaction([
        { request: { method: 'DELETE', url: `Patient/${id}` } },
        {
          resource: { resourceType: 'Patient', id: other, name: [{ text: 'transaction' }] },
          request: { method: 'PUT', url: `Patient/${other}` },
        },
      ])
    },
  ]
  const all = await statuses(
    times(210, (i) => perform(kinds[i % kinds.length]!(ids[(i * 7 + (i >> 2)) % 3]!, i))),
  )
  const odd = all.filter((s) => ![200, 201, 204, 404, 409, 410, 412].includes(s))
  t.same(odd, [])
  for (const id of [...ids, 'd']) {
    const { entry } = resourceOf(
      await perform({
        interaction: 'history-instance',
        type: 'Patient',
        id,
        query: [['_count', '1000']],
      }),
    )
    const versions = entry.map((e: { response: { etag: string } }) =>
      Number(/\d+/.exec(e.response.etag)?.[0]),
    )
    t.same(
      versions,
      times(versions.length, (i) => versions.length - i),
      `the versions of ${id} have no gap`,
    )
    const at = entry.map((e: { response: { lastModified: string } }) => e.response.lastModified)
    t.same(at, [...at].sort().reverse(), `and their times the same order`)
  }
})
