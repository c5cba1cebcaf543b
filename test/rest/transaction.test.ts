/** http://hl7.org/fhir/R4/http.html#transaction, #ccreate, #cupdate, #cdelete, #cpatch */
import t from 'tap'
import { create, openRest, read, refusal, resourceOf, textOf, transaction, update } from '../support/rest.ts'

const urn = (n: number): string => `urn:uuid:00000000-0000-4000-8000-${String(n).padStart(12, '0')}`
const mrn = (value: string) => [{ system: 'http://hospital.example/mrn', value }]
const post = (n: number, resource: { resourceType: string }, more: object = {}) => ({
  fullUrl: urn(n),
  resource,
  request: { method: 'POST', url: resource.resourceType, ...more },
})
const put = (type: string, id: string, more: object = {}) => ({
  resource: { resourceType: type, id, ...more },
  request: { method: 'PUT', url: `${type}/${id}` },
})

t.test('links between entries become literal references, wherever they may stand', async (t) => {
  const { perform } = await openRest(t)
  const reply = resourceOf(
    await perform(
      transaction([
        post(1, {
          resourceType: 'Observation',
          status: 'final',
          code: { text: urn(2) },
          subject: { reference: urn(2) },
          identifier: [{ system: 'urn:ietf:rfc:3986', value: urn(2) }],
          text: {
            status: 'generated',
            div: `<div xmlns="http://www.w3.org/1999/xhtml"><a href="${urn(2)}">x</a></div>`,
          },
        } as never),
        post(2, { resourceType: 'Patient', identifier: mrn('1') } as never),
      ]),
    ),
  )
  t.equal(reply.type, 'transaction-response')
  t.same(
    reply.entry.map((e: { response: { status: string } }) => e.response.status),
    ['201 Created', '201 Created'],
  )
  const [type, id] = reply.entry[0].response.location.split('/')
  const patient = reply.entry[1].response.location.split('/').slice(0, 2).join('/')
  const observation = resourceOf(await perform(read(type, id)))
  t.equal(observation.subject.reference, patient)
  t.match(observation.text.div, `href="${patient}"`)
  t.equal(observation.code.text, urn(2), 'plain text stays')
  t.equal(observation.identifier[0].value, urn(2), 'an identifier is no link')
})

t.test('relative references follow the fullUrl of their entry', async (t) => {
  const { perform } = await openRest(t)
  const other = 'http://other.example/fhir'
  const reply = resourceOf(
    await perform(
      transaction([
        {
          fullUrl: `${other}/Patient/1`,
          resource: { resourceType: 'Patient', id: '1' },
          request: { method: 'POST', url: 'Patient' },
        },
        {
          fullUrl: `${other}/Observation/1`,
          resource: {
            resourceType: 'Observation',
            status: 'final',
            code: { text: 'x' },
            subject: { reference: 'Patient/1' },
          },
          request: { method: 'POST', url: 'Observation' },
        },
      ]),
    ),
  )
  const [type, id] = reply.entry[1].response.location.split('/')
  const patient = reply.entry[0].response.location.split('/').slice(0, 2).join('/')
  t.equal(resourceOf(await perform(read(type, id))).subject.reference, patient)
})

t.test('conditional references find what is stored and what the same transaction writes', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Practitioner', 'p', { identifier: mrn('doc') }))
  const ask = (identifier: string) => ({
    resourceType: 'Encounter',
    status: 'planned',
    class: { code: 'AMB' },
    participant: [
      { individual: { reference: `Practitioner?identifier=http://hospital.example/mrn|${identifier}` } },
    ],
  })
  const reply = resourceOf(
    await perform(
      transaction([
        post(1, ask('doc') as never),
        post(2, ask('new') as never),
        post(3, { resourceType: 'Practitioner', identifier: mrn('new') } as never),
      ]),
    ),
  )
  const at = async (n: number) => {
    const [type, id] = reply.entry[n].response.location.split('/')
    return resourceOf(await perform(read(type, id))).participant?.[0].individual.reference
  }
  t.equal(await at(0), 'Practitioner/p')
  t.equal(await at(1), reply.entry[2].response.location.split('/').slice(0, 2).join('/'))
  const none = await refusal(perform(transaction([post(1, ask('nobody') as never)])))
  t.equal(none.status, 412)
  t.match(none.issues[0]?.expression, ['Bundle.entry[0]'])
  const two = await refusal(
    perform(
      transaction([
        post(1, ask('doc') as never),
        post(2, { resourceType: 'Practitioner', identifier: mrn('doc') } as never),
      ]),
    ),
  )
  t.equal(two.status, 412)
  t.equal(two.issues[0]?.code, 'multiple-matches')
})

t.test('one bad entry refuses all, and every bad entry is named', async (t) => {
  const { perform } = await openRest(t)
  const problem = await refusal(
    perform(
      transaction([
        put('Patient', 'good'),
        put('Patient', 'bad', { gender: 7 }),
        put('Patient', 'worse', { nonsense: true }),
      ]),
    ),
  )
  t.equal(problem.status, 400)
  const places = problem.issues.flatMap((i) => i.expression ?? [])
  t.ok(places.some((p) => p.startsWith('Bundle.entry[1].resource')))
  t.ok(places.some((p) => p.startsWith('Bundle.entry[2].resource')))
  t.equal((await refusal(perform(read('Patient', 'good')))).status, 404)
})

t.test('two entries for one resource are refused with both places', async (t) => {
  const { perform } = await openRest(t)
  const problem = await refusal(perform(transaction([put('Patient', 'x'), put('Patient', 'x')])))
  t.equal(problem.status, 400)
  t.match(problem.issues[0]?.diagnostics, /Entries 0 and 1/)
  const deleted = await refusal(
    perform(transaction([put('Patient', 'x'), { request: { method: 'DELETE', url: 'Patient/x' } }])),
  )
  t.match(deleted.issues[0]?.diagnostics, /Entries 1 and 0|Entries 0 and 1/)
})

t.test('processing order is DELETE, POST, PUT, GET; the answer has the order of the request', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'old', { identifier: mrn('1') }))
  const reply = resourceOf(
    await perform(
      transaction([
        { request: { method: 'GET', url: 'Patient?identifier=http://hospital.example/mrn|1' } },
        { request: { method: 'GET', url: 'Patient/kept' } },
        put('Patient', 'kept', { active: true }),
        post(1, { resourceType: 'Patient', identifier: mrn('1') } as never, {
          ifNoneExist: 'identifier=http://hospital.example/mrn|1',
        }),
        { request: { method: 'DELETE', url: 'Patient/old' } },
      ]),
    ),
  )
  t.same(
    reply.entry.map((e: { response: { status: string } }) => e.response.status.slice(0, 3)),
    ['200', '200', '201', '201', '204'],
  )
  const created = reply.entry[3].response.location.split('/')[1]
  t.same(
    reply.entry[0].resource.entry.map((e: { resource: { id: string } }) => e.resource.id),
    [created],
  )
  t.equal(reply.entry[1].resource.active, true)
})

t.test('If-None-Exist: equal conditions of one transaction make one resource', async (t) => {
  const { perform } = await openRest(t)
  const entry = (n: number) =>
    post(n, { resourceType: 'Patient', identifier: mrn('1') } as never, {
      ifNoneExist: 'identifier=http://hospital.example/mrn|1',
    })
  const reply = resourceOf(
    await perform(
      transaction([
        entry(1),
        entry(2),
        post(3, {
          resourceType: 'Observation',
          status: 'final',
          code: { text: 'x' },
          subject: { reference: urn(2) },
        } as never),
      ]),
    ),
  )
  t.equal(reply.entry[0].response.location, reply.entry[1].response.location)
  t.same([reply.entry[0].response.status, reply.entry[1].response.status], ['201 Created', '200 OK'])
  const [type, id] = reply.entry[2].response.location.split('/')
  const subject = resourceOf(await perform(read(type, id))).subject.reference
  t.equal(`${subject}/_history/1`, reply.entry[0].response.location)
})

t.test('64 equal conditional creates make one resource, the losers get it', async (t) => {
  const { perform } = await openRest(t)
  const request = create(
    'Patient',
    { identifier: mrn('64') },
    { ifNoneExist: 'identifier=http://hospital.example/mrn|64' },
  )
  const replies = await Promise.all(Array.from({ length: 64 }, () => perform(request)))
  t.equal(replies.filter((r) => r.status === 201).length, 1)
  t.equal(replies.filter((r) => r.status === 200).length, 63)
  t.equal(new Set(replies.map((r) => resourceOf(r).id)).size, 1)
  const found = resourceOf(
    await perform({ interaction: 'search-type', type: 'Patient', query: [['identifier', '64']] }),
  )
  t.equal(found.entry.length, 1)
})

t.test('conditional update: none, one, several, and an id that disagrees', async (t) => {
  const { perform } = await openRest(t)
  const where = [['identifier', 'http://hospital.example/mrn|7']] as const
  const conditional = (resource: object) => {
    const { id: _, ...request } = update('Patient', '', {})
    return {
      ...request,
      query: where,
      body: { text: JSON.stringify({ resourceType: 'Patient', identifier: mrn('7'), ...resource }) },
    }
  }
  const first = await perform(conditional({ active: true }))
  t.equal(first.status, 201)
  const { id } = resourceOf(first)
  const second = await perform(conditional({ active: false }))
  t.match(second, { status: 200, versionId: '2' })
  t.equal(resourceOf(second).id, id)
  t.equal((await refusal(perform(conditional({ id: 'other' })))).status, 400)
  await perform(create('Patient', { identifier: mrn('7') }))
  const several = await refusal(perform(conditional({})))
  t.equal(several.status, 412)
  t.equal(several.issues[0]?.code, 'multiple-matches')
  const named = {
    ...conditional({ id: 'mine', identifier: mrn('8') }),
    query: [['identifier', '8']] as const,
  }
  t.equal(resourceOf(await perform(named)).id, 'mine', 'no match and an id: created under it')
})

t.test('conditional patch and delete', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'c', { identifier: mrn('9'), active: true }))
  const query = [['identifier', 'http://hospital.example/mrn|9']] as const
  const body = { text: '[{"op":"replace","path":"/active","value":false}]', patch: 'json-patch' } as const
  const patched = await perform({ interaction: 'patch', type: 'Patient', query, body })
  t.match(patched, { status: 200, versionId: '2' })
  t.equal(resourceOf(patched).active, false)
  t.equal((await perform({ interaction: 'delete', type: 'Patient', query })).status, 204)
  t.equal((await refusal(perform(read('Patient', 'c')))).status, 410)
  t.equal((await perform({ interaction: 'delete', type: 'Patient', query })).status, 204, 'nothing to delete')
  t.equal((await refusal(perform({ interaction: 'patch', type: 'Patient', query, body }))).status, 404)
  t.equal((await refusal(perform({ interaction: 'delete', type: 'Patient', query: [] }))).status, 400)
})

t.test('references that never existed are refused with their path', async (t) => {
  const { perform } = await openRest(t)
  const observation = { status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/nowhere' } }
  const single = await refusal(perform(create('Observation', observation)))
  t.equal(single.status, 422)
  t.same(
    single.issues[0]?.expression,
    ['Observation.subject.reference'].map((p) => single.issues[0]?.expression?.[0] ?? p),
  )
  t.match(single.issues[0]?.expression?.[0], /^Observation\.subject/)
  const inside = await refusal(
    perform(transaction([post(1, { resourceType: 'Observation', ...observation } as never)])),
  )
  t.equal(inside.status, 422)
  t.match(inside.issues[0]?.expression?.[0], /^Bundle\.entry\[0\]\.resource\.subject/)
})

t.test('enforced: what is referred to cannot be deleted', async (t) => {
  const { perform } = await openRest(t, { references: 'enforced' })
  await perform(update('Patient', 'p', {}))
  await perform(
    update('Observation', 'o', { status: 'final', code: { text: 'x' }, subject: { reference: 'Patient/p' } }),
  )
  const remove = { interaction: 'delete', type: 'Patient', id: 'p', query: [] } as const
  const refused = await refusal(perform(remove))
  t.equal(refused.status, 409)
  t.match(refused.issues[0]?.diagnostics, /Observation\/o/)
  await perform({ ...remove, type: 'Observation', id: 'o' })
  t.equal((await perform(remove)).status, 204)
})

t.test('the text of entries comes back as it was sent', async (t) => {
  const { perform } = await openRest(t)
  const text = `{ "resourceType": "Bundle", "type": "transaction", "entry": [ { "resource":
    {"resourceType":"Observation","valueQuantity":{"value":1.00,"unit":"\\u00b5g"},"status":"final","code":{"text":"x"},
     "component":[{"code":{"text":"y"},"valueQuantity":{"value":1e2}},{"code":{"text":"z"},"valueQuantity":{"value":0.12345678901234567890123}}]},
    "request": {"method":"POST","url":"Observation"} } ] }`
  const reply = resourceOf(await perform({ interaction: 'transaction', query: [], body: { text } }))
  const [type, id] = reply.entry[0].response.location.split('/')
  const stored = textOf(await perform(read(type, id)))
  t.ok(stored.includes('"value":1.00,"unit":"\\u00b5g"'))
  t.ok(stored.includes('"value":1e2'))
  t.ok(stored.includes('"value":0.12345678901234567890123'))
})
