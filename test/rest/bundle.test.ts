/** Batches, and what batches and transactions make of their entries: http://hl7.org/fhir/R4/http.html#transaction */
import t from 'tap'
import { base, batch, openRest, read, refusal, resourceOf, transaction, update } from '../support/rest.ts'

type Outcome = { issue: { code: string; diagnostics: string; expression?: string[] }[] }
type Answer = {
  resource?: { resourceType: string; id: string; entry?: unknown[]; active?: boolean }
  response: { status: string; location?: string; etag?: string; lastModified?: string; outcome?: Outcome }
}

const entry = (method: string, url: string, resource?: object, more: object = {}): object => ({
  ...(resource ? { resource } : {}),
  request: { method, url, ...more },
})
const patient = { resourceType: 'Patient' }
const put = (id: string, more: object = {}): object =>
  entry('PUT', `Patient/${id}`, { ...patient, id, ...more })

t.test('an entry that fails leaves the others, and the answer keeps the order', async (t) => {
  const { perform } = await openRest(t)
  const reply = resourceOf(
    await perform(
      batch([
        entry('GET', 'Patient/a'),
        put('a', { active: true }),
        put('b', { gender: 7 }),
        entry('POST', 'Nonsense', patient),
        entry('DELETE', 'Patient/none'),
        { resource: patient },
        entry('GET', 'Patient/none'),
        entry('POST', 'Patient', patient),
      ]),
    ),
  )
  t.equal(reply.type, 'batch-response')
  const answers = reply.entry as Answer[]
  t.same(
    answers.map(({ response }) => response.status.slice(0, 3)),
    ['200', '201', '400', '404', '204', '400', '404', '201'],
  )
  t.equal(answers[0]?.resource?.active, true, 'reads come last')
  t.match(answers[1]?.response, { location: 'Patient/a/_history/1', etag: 'W/"1"' })
  t.ok(answers[1]?.response.lastModified)
  const outcome = answers[2]?.response.outcome
  t.match(outcome?.issue[0]?.expression, ['Bundle.entry[2].resource.gender'])
  t.match(answers[5]?.response.outcome?.issue[0]?.diagnostics, /no request/)
})

t.test('Prefer passes on to the entries; without it writes answer without resources', async (t) => {
  const { perform } = await openRest(t)
  for (const make of [batch, transaction]) {
    const answer = async (more: object): Promise<Answer> =>
      resourceOf(await perform(make([put('p')], more))).entry[0]
    const plain = await answer({})
    t.match([plain.resource, plain.response.outcome], [undefined, undefined])
    t.equal((await answer({ return: 'minimal' })).resource, undefined)
    t.equal((await answer({ return: 'representation' })).resource?.id, 'p')
    const told = await answer({ return: 'OperationOutcome' })
    t.equal(told.resource, undefined)
    t.match(told.response.outcome?.issue[0], { severity: 'information' } as never)
    const search = [entry('GET', 'Patient?nonsense=1')]
    const lenient = resourceOf(await perform(make(search, { lenient: true }))).entry[0] as Answer
    t.equal(lenient.response.status, '200 OK')
    t.ok(lenient.resource?.entry, 'the answer says what was left out')
  }
})

t.test('reads of every kind', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { active: true }))
  for (const make of [batch, transaction]) {
    const reply = resourceOf(
      await perform(
        make([
          entry('GET', 'Patient/p'),
          entry('GET', `${base}/Patient/p`),
          entry('GET', '/Patient/p/_history/1'),
          entry('GET', 'Patient/p/_history'),
          entry('GET', 'Patient/_history?_count=1'),
          entry('GET', '_history'),
          entry('GET', 'Patient?_id=p'),
          entry('POST', 'Patient/_search?_id=p'),
          entry('GET', 'metadata'),
          entry('HEAD', 'Patient/p'),
          entry('GET', 'Patient/p', undefined, { ifNoneMatch: 'W/"1"' }),
          entry('GET', 'Patient/p?_elements=gender'),
        ]),
      ),
    )
    const answers = reply.entry as Answer[]
    t.same(
      answers.map(
        ({ response, resource }) => `${response.status.slice(0, 3)} ${resource?.resourceType ?? ''}`,
      ),
      [
        '200 Patient',
        '200 Patient',
        '200 Patient',
        '200 Bundle',
        '200 Bundle',
        '200 Bundle',
        '200 Bundle',
        '200 Bundle',
        '200 CapabilityStatement',
        '200 ',
        '304 ',
        '200 Patient',
      ],
    )
    t.equal(answers[11]?.resource?.active, undefined)
  }
})

t.test('entries that are refused, alone in a batch and all together in a transaction', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { identifier: [{ value: 'p' }] }))
  const cases: readonly (readonly [object, number, string])[] = [
    [entry('GET', 'Nonsense/1'), 404, 'an unknown type'],
    [entry('DELETE', 'Nonsense/1'), 404, 'a deletion of an unknown type'],
    [entry('DELETE', 'Patient/a_b'), 404, 'an id that cannot be'],
    [entry('PUT', 'Patient/p?x=1', { ...patient, id: 'p' }), 400, 'a parameter that means nothing'],
    [entry('POST', 'Patient?x=1', patient), 400, 'a parameter of a create'],
    [entry('DELETE', 'Patient/p?x=1'), 400, 'a parameter of a deletion'],
    [entry('DELETE', 'Patient'), 400, 'a deletion of nothing in particular'],
    [entry('PUT', 'Patient', patient), 400, 'an update of nothing in particular'],
    [entry('PUT', 'Patient/p', patient), 400, 'no id in the body'],
    [entry('PUT', 'Patient/p', { ...patient, id: 'q' }), 400, 'another id in the body'],
    [entry('PUT', 'Patient/p'), 400, 'no resource'],
    [entry('GET', 'Patient/p', patient), 400, 'a resource to read with'],
    [entry('POST', 'Patient/_search?_id=p', patient), 400, 'a resource to search with'],
    [entry('POST', 'Patient/p', { ...patient, id: 'p' }), 400, 'a create under an id'],
    [entry('PUT', 'Patient/p/_history/1', { ...patient, id: 'p' }), 400, 'an update of a version'],
    [entry('POST', 'Patient/p/$nothing', patient), 404, 'an operation that is not offered'],
    [entry('GET', 'Patient/p/_history/1/2'), 400, 'no path'],
    [entry('GET', 'http://other.example/fhir/Patient/p'), 400, 'another server'],
    [entry('GET', 'Patient/%'), 400, 'a broken escape'],
    [entry('POST', 'Patient', patient, { ifMatch: 'W/"1"' }), 400, 'If-Match of a create'],
    [entry('PUT', 'Patient/p', { ...patient, id: 'p' }, { ifMatch: 'W/"9"' }), 412, 'another version'],
    [entry('PUT', 'Patient/p', { ...patient, id: 'p' }, { ifNoneMatch: '*' }), 412, 'only if absent'],
    [entry('PUT', 'Patient/p', { ...patient, id: 'p' }, { ifNoneExist: '_id=p' }), 400, 'If-None-Exist'],
    [entry('DELETE', 'Patient/p', undefined, { ifMatch: 'W/"9"' }), 412, 'deleting another version'],
    [entry('POST', 'Patient', patient, { ifNoneExist: '_count=1' }), 400, 'no condition'],
    [entry('POST', 'Patient', patient, { ifNoneExist: 'nonsense=1' }), 400, 'a condition unknown'],
    [entry('PUT', 'Patient?identifier=none', { ...patient, id: 'p' }), 409, 'an id that is taken'],
    [entry('PATCH', 'Patient/p', { resourceType: 'Basic', code: { text: 'x' } }), 400, 'no patch'],
    [entry('PATCH', 'Patient/none', { resourceType: 'Parameters' }), 404, 'nothing to patch'],
    [{ resource: patient }, 400, 'no request'],
  ]
  for (const [bad, status, name] of cases) {
    const [first, second] = resourceOf(await perform(batch([bad, entry('GET', 'Patient/p')])))
      .entry as Answer[]
    t.equal(first?.response.status, String(status), `batch: ${name}`)
    t.ok(
      first?.response.outcome?.issue.every(({ expression }) =>
        expression?.[0]?.startsWith('Bundle.entry[0]'),
      ),
    )
    t.equal(second?.response.status, '200 OK')
    const problem = await refusal(perform(transaction([put('other'), bad])))
    t.equal(problem.status, status, `transaction: ${name}`)
    t.ok(problem.issues.some(({ expression }) => expression?.[0]?.startsWith('Bundle.entry[1]')))
  }
  t.equal((await refusal(perform(read('Patient', 'other')))).status, 404)
  t.equal(resourceOf(await perform(read('Patient', 'p'))).meta.versionId, '1')
})

t.test('conditions may contain question marks and a type in front', async (t) => {
  const { perform } = await openRest(t)
  const value = 'http://h.example/m?x|1'
  const resource = { ...patient, identifier: [{ system: 'http://h.example/m?x', value: '1' }] }
  const statuses: string[] = []
  for (const condition of [`identifier=${value}`, `Patient?identifier=${value}`, `?identifier=${value}`]) {
    const request = batch([entry('POST', 'Patient', resource, { ifNoneExist: condition })])
    statuses.push(resourceOf(await perform(request)).entry[0].response.status)
  }
  t.same(statuses, ['201 Created', '200 OK', '200 OK'])
})

t.test('patches in a Bundle: a Binary or Parameters', async (t) => {
  const { perform } = await openRest(t)
  const binary = (contentType: string, value: unknown): object => ({
    resourceType: 'Binary',
    contentType,
    data: Buffer.from(JSON.stringify(value)).toString('base64'),
  })
  for (const make of [batch, transaction]) {
    await perform(update('Patient', 'p', { identifier: [{ value: 'p' }], active: true }))
    const jsonPatch = binary('application/json-patch+json', [{ op: 'remove', path: '/active' }])
    await perform(make([entry('PATCH', 'Patient/p', jsonPatch)]))
    t.equal(resourceOf(await perform(read('Patient', 'p'))).active, undefined)
    const merge = binary('application/merge-patch+json', { active: false })
    await perform(make([entry('PATCH', 'Patient?identifier=p', merge)]))
    t.equal(resourceOf(await perform(read('Patient', 'p'))).active, false)
  }
})

t.test('Bundles that are none to perform', async (t) => {
  const { perform } = await openRest(t, { maxEntries: 3 })
  const post = (text: string) => refusal(perform({ interaction: 'batch', query: [], body: { text } }))
  t.match(await post('{"resourceType":"Patient"}'), { status: 400 })
  t.match(await post('{"resourceType":"Bundle","type":"collection"}'), { status: 400 })
  t.match(await post('{"resourceType":"Bundle"}'), { status: 400 })
  t.match(await post('{"resourceType":"Bundle","type":"batch","entry":{}}'), { status: 400 })
  t.match(await post('{"resourceType":"Bundle","type":"batch","nonsense":1}'), { status: 400 })
  t.match(await refusal(perform({ interaction: 'batch', query: [] })), { status: 400 })
  t.match(await refusal(perform(batch([1, 2, 3, 4].map(() => entry('GET', 'Patient/p'))))), { status: 413 })
  t.same(resourceOf(await perform(batch([]))).entry, undefined)
})
