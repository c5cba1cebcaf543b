/** References between resources of this server: off, checked, enforced. http://hl7.org/fhir/R4/http.html#integrity */
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { Reply, Request } from '../../src/rest/index.ts'
import { createReferrerTokens, tokensOf } from '../../src/rest/integrity.ts'
import { conditionalReference, localReference, referencesIn } from '../../src/rest/references.ts'
import { base, create, openRest, read, refusal, transaction, update } from '../support/rest.ts'

const observation = (reference: string): object => ({
  status: 'final',
  code: { text: 'x' },
  subject: { reference },
})
const remove = (type: string, id: string): Request => ({ interaction: 'delete', type, id, query: [] })
const statusOf = (running: Promise<Reply>): Promise<number> =>
  running.then(
    ({ status }) => status,
    (error) => {
      if (error instanceof Problem) return error.status
      throw error
    },
  )

t.test('what a reference means', async (t) => {
  const local = (reference: string) => localReference(reference, base)
  const p1 = { type: 'Patient', id: '1' }
  for (const same of ['Patient/1', `${base}/Patient/1`, 'Patient/1/_history/2', 'Patient/1#part'])
    t.same(local(same), p1, same)
  for (const other of [
    'http://other.example/fhir/Patient/1',
    `${base}x/Patient/1`,
    '#contained',
    'urn:uuid:00000000-0000-4000-8000-000000000001',
    'Nonsense/1',
    'Patient',
    'Patient/',
    'Patient/1/2',
    'Patient/1/_history',
    'Patient/a_b',
    'Patient?identifier=1',
    '',
  ])
    t.equal(local(other), undefined, other)
  t.same(conditionalReference('Patient?identifier=a|b'), { type: 'Patient', query: 'identifier=a|b' })
  t.equal(conditionalReference('http://x.example/y?z=1'), undefined)
  t.same(
    referencesIn(
      '{"a":{"reference":"Patient/1"},"b":[{"reference":"Pati\\u0065nt/2"},{"reference":"Patient/1"}]}',
    ),
    ['Patient/1', 'Patient/2'],
  )
})

t.test('tokens: a reference that no parameter covers gets its own', async (t) => {
  const key = { type: 'Patient', id: '1' }
  const rows = (tokens: string[]) => ({ tokens }) as never
  t.same(tokensOf(rows(['Observation.subject|Patient/1']), [key]), ['Observation.subject|Patient/1'])
  t.equal(tokensOf(rows([]), [key]).length, 1)
  const all = createReferrerTokens(await loadDefinitions(undefined))(key)
  t.ok(all.includes('Observation.subject|Patient/1'))
  t.ok(all.includes(tokensOf(rows([]), [key])[0]!))
})

t.test('off: anything may be referred to', async (t) => {
  const { perform } = await openRest(t, { references: 'off' })
  t.equal((await perform(create('Observation', observation('Patient/never')))).status, 201)
})

t.test('checked: it must have existed, deleted is good enough', async (t) => {
  const { perform } = await openRest(t)
  const refused = await refusal(perform(create('Observation', observation('Patient/p'))))
  t.match(
    [refused.status, refused.issues[0]?.code, refused.issues[0]?.expression],
    [422, 'not-found', ['Observation.subject']],
  )
  await perform(update('Patient', 'p', {}))
  t.equal((await perform(update('Observation', 'o', observation('Patient/p')))).status, 201)
  t.equal((await perform(remove('Patient', 'p'))).status, 204)
  t.equal((await perform(update('Observation', 'o', observation(`${base}/Patient/p`)))).status, 200)
  for (const free of ['http://other.example/Patient/never', 'urn:oid:1.2.3'])
    t.equal((await perform(create('Observation', observation(free)))).status, 201, free)
  const conditional = await refusal(perform(create('Observation', observation('Patient?identifier=1'))))
  t.match([conditional.status, conditional.issues[0]?.code], [400, 'not-supported'])
})

t.test('a resource may refer to itself, and two of a transaction to each other', async (t) => {
  for (const references of ['checked', 'enforced'] as const) {
    const { perform } = await openRest(t, { references })
    const put = (id: string, other: string): object => ({
      resource: {
        resourceType: 'Organization',
        id,
        name: id,
        partOf: { reference: `Organization/${other}` },
      },
      request: { method: 'PUT', url: `Organization/${id}` },
    })
    t.equal((await perform(transaction([put('a', 'b'), put('b', 'a')]))).status, 200)
    t.equal((await perform(transaction([put('c', 'c')]))).status, 200)
    const self = { name: 'd', partOf: { reference: 'Organization/d' } }
    t.equal((await perform(update('Organization', 'd', self))).status, 201)
    t.equal((await perform(update('Organization', 'd', self))).status, 200)
  }
})

t.test('enforced: never a reference to what is deleted, whoever comes first', async (t) => {
  const { perform } = await openRest(t, { references: 'enforced' })
  const ways: ((n: number) => Request)[] = [
    (n) => update('Observation', `o${n}`, observation(`Patient/p${n}`)),
    (n) =>
      transaction([
        {
          resource: { resourceType: 'Observation', id: `o${n}`, ...observation(`Patient/p${n}`) },
          request: { method: 'PUT', url: `Observation/o${n}` },
        },
      ]),
    (n) => ({
      interaction: 'patch',
      type: 'Observation',
      id: `o${n}`,
      query: [],
      body: { text: JSON.stringify({ subject: { reference: `Patient/p${n}` } }), patch: 'merge-patch' },
    }),
  ]
  for (let n = 0; n < 24; n++) {
    await perform(update('Patient', `p${n}`, {}))
    if (n % 3 === 2) await perform(update('Observation', `o${n}`, { status: 'final', code: { text: 'x' } }))
    const [written, removed] = await Promise.all([
      statusOf(perform(ways[n % 3]!(n))),
      statusOf(perform(remove('Patient', `p${n}`))),
    ])
    const refers = written < 300
    t.equal(removed, refers ? 409 : 204, `round ${n}: written ${written}, deleted ${removed}`)
    t.equal(await statusOf(perform(read('Patient', `p${n}`))), refers ? 200 : 410)
  }
})

t.test('enforced: what refers goes in the same transaction', async (t) => {
  const { perform } = await openRest(t, { references: 'enforced' })
  await perform(update('Patient', 'p', {}))
  await perform(update('Observation', 'o', observation('Patient/p')))
  const entry = (type: string, id: string) => ({ request: { method: 'DELETE', url: `${type}/${id}` } })
  t.equal((await refusal(perform(transaction([entry('Patient', 'p')])))).status, 409)
  t.equal((await perform(transaction([entry('Patient', 'p'), entry('Observation', 'o')]))).status, 200)
})
