/** http://hl7.org/fhir/R4/http.html#history */
import t from 'tap'
import type { Reply, Request, Rest } from '../../src/rest/index.ts'
import { base, create, ctxAt, openRest, refusal, resourceOf, update } from '../support/rest.ts'

type Entry = {
  fullUrl: string
  resource?: { id: string; meta: { versionId: string } }
  request: { method: string; url: string }
  response: { status: string; etag: string; lastModified: string }
}
type Page = { entry?: Entry[]; link: { relation: string; url: string }[] }

const start = Date.UTC(2026, 0, 1)
const day = 86_400_000
const on = (n: number): number => start + n * day

const history = (path: Pick<Request, 'type' | 'id'>, query: Request['query'] = []): Request => ({
  interaction:
    path.id !== undefined ? 'history-instance' : path.type !== undefined ? 'history-type' : 'history-system',
  ...path,
  query,
})
const patient = { type: 'Patient', id: 'p' }
const remove = (id: string): Request => ({ interaction: 'delete', type: 'Patient', id, query: [] })
const rename = (id: string, text: string): Request => ({
  interaction: 'patch',
  type: 'Patient',
  id,
  query: [],
  body: { text: JSON.stringify({ name: [{ text }] }), patch: 'merge-patch' },
})

const entriesOf = (reply: Reply): Entry[] => (resourceOf(reply) as Page).entry ?? []
const versions = (reply: Reply): string[] =>
  entriesOf(reply).map(
    ({ fullUrl, response }) => `${fullUrl.slice(base.length + 1)} ${response.etag.slice(3, -1)}`,
  )

/** Put on day 0, patched on day 10, deleted on day 20, put again on day 30. */
const fill = async (rest: Rest): Promise<void> => {
  await rest.perform(ctxAt(on(0)), update('Patient', 'p', {}))
  await rest.perform(ctxAt(on(10)), rename('p', 'patched'))
  await rest.perform(ctxAt(on(20)), remove('p'))
  await rest.perform(ctxAt(on(30)), update('Patient', 'p', {}))
}

const date = (n: number): string => new Date(on(n)).toISOString().slice(0, 10)

t.test('every version with its interaction, newest first', async (t) => {
  const { rest, perform } = await openRest(t)
  await fill(rest)
  const reply = await perform(history(patient))
  const bundle = resourceOf(reply)
  t.equal(bundle.type, 'history')
  t.same(
    entriesOf(reply).map(({ request, response }) => [
      request.method,
      request.url,
      response.status,
      response.etag,
      response.lastModified,
    ]),
    [
      ['PUT', 'Patient/p', '201 Created', 'W/"4"', new Date(on(30)).toISOString()],
      ['DELETE', 'Patient/p', '204 No Content', 'W/"3"', new Date(on(20)).toISOString()],
      ['PATCH', 'Patient/p', '200 OK', 'W/"2"', new Date(on(10)).toISOString()],
      ['PUT', 'Patient/p', '201 Created', 'W/"1"', new Date(on(0)).toISOString()],
    ],
  )
  t.same(
    entriesOf(reply).map(({ resource }) => resource?.meta.versionId),
    ['4', undefined, '2', '1'],
  )
})

t.test('a create is a POST to the type', async (t) => {
  const { perform } = await openRest(t)
  const { id } = resourceOf(await perform(create('Patient', {})))
  const [entry] = entriesOf(await perform(history({ type: 'Patient', id })))
  t.match(entry, {
    fullUrl: `${base}/Patient/${id}`,
    request: { method: 'POST', url: 'Patient' },
    response: { status: '201 Created' },
  })
})

t.test('three levels', async (t) => {
  const { rest, perform } = await openRest(t)
  await fill(rest)
  await rest.perform(ctxAt(on(31)), update('Patient', 'q', {}))
  await rest.perform(ctxAt(on(32)), update('Group', 'g', { type: 'person', actual: true }))
  t.equal(versions(await perform(history(patient))).length, 4)
  t.equal(versions(await perform(history({ type: 'Patient' }))).length, 5)
  t.same(versions(await perform(history({}))).slice(0, 2), ['Group/g 1', 'Patient/q 1'])
  t.same(versions(await perform(history({ type: 'Observation' }))), [])
  t.equal((await refusal(perform(history({ type: 'Patient', id: 'never' })))).status, 404)
  t.equal((await refusal(perform(history({ type: 'Nonsense' })))).status, 404)
})

t.test('_since: created at or after the moment; a date begins at its beginning', async (t) => {
  const { rest, perform } = await openRest(t)
  await fill(rest)
  const since = async (value: string): Promise<string[]> =>
    versions(await perform(history(patient, [['_since', value]])))
  t.same(await since(new Date(on(20)).toISOString()), ['Patient/p 4', 'Patient/p 3'])
  t.same(await since(new Date(on(20) + 1).toISOString()), ['Patient/p 4'])
  t.same(await since(date(20)), ['Patient/p 4', 'Patient/p 3'])
  t.same(await since('2026-01-21T01:00:00+01:00'), ['Patient/p 4', 'Patient/p 3'])
  t.same(await since('2026-01-21T01:00:00 01:00'), ['Patient/p 4', 'Patient/p 3'], 'a + that was not encoded')
  t.equal((await since('2026')).length, 4)
  t.same(await since('2027'), [], 'none, but the resource exists')
})

t.test('_at: current at some moment of the time', async (t) => {
  const { rest, perform } = await openRest(t)
  await fill(rest)
  const at = async (value: string): Promise<string[]> =>
    versions(await perform(history(patient, [['_at', value]])))
  t.same(await at(date(5)), ['Patient/p 1'])
  t.same(await at(date(15)), ['Patient/p 2'])
  t.same(await at(date(25)), ['Patient/p 3'], 'deleted then')
  t.same(await at('2026'), ['Patient/p 4', 'Patient/p 3', 'Patient/p 2', 'Patient/p 1'])
  t.same(await at(new Date(on(10)).toISOString()), ['Patient/p 2'], 'the very moment of the change')
  t.same(await at(new Date(on(10) - 1).toISOString()), ['Patient/p 1'])
  t.same(await at('2026-01-10T23:59:59.9995Z'), ['Patient/p 1'], 'between two milliseconds')
  t.same(await at('2025'), [])
  t.same(
    versions(
      await perform(
        history(patient, [
          ['_at', date(15)],
          ['_since', date(12)],
        ]),
      ),
    ),
    [],
    'both hold',
  )
})

t.test('what cannot be asked', async (t) => {
  const { rest, perform } = await openRest(t)
  await fill(rest)
  for (const [name, value] of [
    ['_since', 'yesterday'],
    ['_since', ''],
    ['_at', '2026-13'],
    ['_count', '-1'],
    ['_count', '1e3'],
    ['_sort', 'name'],
    ['_cursor', 'abc'],
    ['_cursor', Buffer.from('[1,2,"x",3]').toString('base64url')],
    ['nonsense', '1'],
  ] as const) {
    const problem = await refusal(perform(history(patient, [[name, value]])))
    t.equal(problem.status, 400, `${name}=${value}`)
    t.same(problem.issues[0]?.expression, [`http.${name}`])
  }
  const twice = [
    ['_count', '1'],
    ['_count', '2'],
  ] as const
  t.equal((await refusal(perform(history(patient, twice)))).status, 400)
  const lenient = { ...history(patient, [['nonsense', '1']]), lenient: true }
  t.equal((await refusal(perform(lenient))).status, 400, 'history has no place to report it')
})

/** Follows `next` to the end, doing `between` after each page. */
const walk = async (
  perform: (request: Request) => Promise<Reply>,
  first: Request,
  between: () => Promise<unknown>,
): Promise<string[]> => {
  const seen: string[] = []
  let request: Request | undefined = first
  while (request) {
    const reply: Reply = await perform(request)
    seen.push(...versions(reply))
    const next = (resourceOf(reply) as Page).link.find(({ relation }) => relation === 'next')
    request = next && { ...first, query: [...new URL(next.url).searchParams] }
    await between()
  }
  return seen
}

t.test('pages neither repeat nor lose versions while others write', async (t) => {
  const { perform } = await openRest(t)
  for (let n = 0; n < 23; n++) await perform(update('Patient', `p${n % 5}`, {}))
  const before = versions(await perform(history({}, [['_count', '100']])))
  t.equal(before.length, 23)
  const busy = async (): Promise<void> => {
    await perform(update('Patient', 'p0', {}))
    await perform(update('Patient', 'new', {}))
  }
  t.same(
    await walk(perform, history({}, [['_count', '4']]), busy),
    before,
    'newest first: later ones do not show',
  )
  const ascending = [
    ['_count', '50'],
    ['_sort', '_lastUpdated'],
  ] as const
  const all = await walk(perform, history({ type: 'Patient' }, ascending), async () => {})
  t.same(all.slice(0, 23), [...before].reverse(), 'oldest first: later ones come at the end')
  t.equal(new Set(all).size, all.length)
})

t.test('versions of one moment are not lost between pages', async (t) => {
  const { rest, perform } = await openRest(t)
  const at = ctxAt(on(0))
  for (let n = 0; n < 9; n++) await rest.perform(at, update('Patient', `p${n}`, {}))
  const seen = await walk(perform, history({ type: 'Patient' }, [['_count', '2']]), async () => {})
  t.equal(new Set(seen).size, 9)
  t.equal(seen.length, 9)
})

t.test('_count: the default, the most, none', async (t) => {
  const { perform } = await openRest(t, { defaultCount: 2, maxCount: 3 })
  for (let n = 0; n < 5; n++) await perform(update('Patient', 'p', {}))
  t.equal(versions(await perform(history(patient))).length, 2)
  t.equal(versions(await perform(history(patient, [['_count', '50']]))).length, 3)
  const none = resourceOf(await perform(history(patient, [['_count', '0']]))) as Page
  t.equal(none.entry, undefined)
  t.notOk(none.link.some(({ relation }) => relation === 'next'))
})

t.test('what happened in one millisecond is told in the order in which it happened', async (t) => {
  const { rest } = await openRest(t)
  const at = ctxAt(Date.now())
  const made: string[] = []
  for (let n = 0; n < 20; n++) made.push(resourceOf(await rest.perform(at, create('Patient', {}))).id)
  const told = resourceOf(
    await rest.perform(at, { interaction: 'history-system', query: [['_sort', '_lastUpdated']] }),
  ).entry.map((entry: { resource: { id: string } }) => entry.resource.id)
  t.same(told, made)
})
