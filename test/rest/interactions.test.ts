/** Reads and writes of one resource: http://hl7.org/fhir/R4/http.html#read, #update, #delete, #patch */
import t from 'tap'
import type { PatchFormat, Request } from '../../src/rest/index.ts'
import { create, openRest, read, refusal, resourceOf, textOf, update } from '../support/rest.ts'

const remove = (id: string, more: Partial<Request> = {}): Request => ({
  interaction: 'delete',
  type: 'Patient',
  id,
  query: [],
  ...more,
})
const vread = (versionId: string): Request => ({
  interaction: 'vread',
  type: 'Patient',
  id: 'p',
  versionId,
  query: [],
})
const patch = (format: PatchFormat, body: unknown, more: Partial<Request> = {}): Request => ({
  interaction: 'patch',
  type: 'Patient',
  id: 'p',
  query: [],
  body: { text: typeof body === 'string' ? body : JSON.stringify(body), patch: format },
  ...more,
})

t.test('read: found, never there, deleted, of another type', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { active: true }))
  const reply = await perform(read('Patient', 'p'))
  t.match(reply, { status: 200, versionId: '1', resourceType: 'Patient' })
  t.equal(resourceOf(reply).active, true)
  t.equal((await refusal(perform(read('Patient', 'q')))).status, 404)
  t.equal((await refusal(perform(read('Group', 'p')))).status, 404)
  t.equal((await refusal(perform(read('Nonsense', 'p')))).status, 404)
  t.equal((await refusal(perform(read('Patient', 'a_b')))).status, 404)
  await perform(remove('p'))
  const gone = await refusal(perform(read('Patient', 'p')))
  t.match([gone.status, gone.issues[0]?.code], [410, 'deleted'])
})

t.test('vread: old versions, deletions, versions that never were', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { active: true }))
  await perform(update('Patient', 'p', { active: false }))
  await perform(remove('p'))
  t.equal(resourceOf(await perform(vread('1'))).active, true)
  t.match(await perform(vread('2')), { status: 200, versionId: '2' })
  t.equal((await refusal(perform(vread('3')))).status, 410)
  for (const none of ['4', '0', '01', '-1', 'x', '99999999999', ''])
    t.equal((await refusal(perform(vread(none)))).status, 404, none)
})

t.test('conditional reads', async (t) => {
  const { perform } = await openRest(t)
  const { lastModified = 0 } = await perform(update('Patient', 'p', {}))
  const status = async (more: Partial<Request>): Promise<number> =>
    perform(read('Patient', 'p', more)).then(
      (reply) => reply.status,
      (problem) => problem.status,
    )
  const http = (ms: number): string => new Date(ms).toUTCString()
  t.equal(await status({ ifNoneMatch: 'W/"1"' }), 304)
  t.equal(await status({ ifNoneMatch: '"1"' }), 304)
  t.equal(await status({ ifNoneMatch: '*' }), 304)
  t.equal(await status({ ifNoneMatch: 'W/"7", W/"1"' }), 304)
  t.equal(await status({ ifNoneMatch: 'W/"2"' }), 200)
  t.equal(await status({ ifNoneMatch: '1' }), 400)
  t.equal(await status({ ifModifiedSince: http(lastModified) }), 304)
  t.equal(await status({ ifModifiedSince: http(lastModified - 2000) }), 200)
  t.equal(
    await status({ ifModifiedSince: 'once' }),
    200,
    'RFC 9110: a date that cannot be read is no condition',
  )
  t.equal(await status({ ifNoneMatch: 'W/"2"', ifModifiedSince: http(lastModified) }), 200, 'the tag decides')
  t.equal(await status({ ifMatch: 'W/"1"' }), 200)
  t.equal(await status({ ifMatch: 'W/"2"' }), 412)
  t.equal(await status({ ifNoneExist: 'identifier=1' }), 400)
  const unchanged = await perform(read('Patient', 'p', { ifNoneMatch: 'W/"1"' }))
  t.match(unchanged, { versionId: '1', lastModified })
  t.equal(unchanged.body, undefined)
})

t.test('_summary and _elements of a read', async (t) => {
  const { perform } = await openRest(t)
  const div = '<div xmlns="http://www.w3.org/1999/xhtml">x</div>'
  const text = { status: 'generated', div }
  const photo = [{ title: 'x' }]
  await perform(update('Patient', 'p', { text, active: true, photo }))
  const keys = async (name: string, value: string): Promise<string[]> =>
    Object.keys(resourceOf(await perform(read('Patient', 'p', { query: [[name, value]] }))))
  t.same(await keys('_summary', 'true'), ['resourceType', 'id', 'meta', 'active'])
  t.same(await keys('_summary', 'text'), ['resourceType', 'id', 'meta', 'text'])
  t.same(await keys('_summary', 'data'), ['resourceType', 'id', 'meta', 'active', 'photo'])
  t.same(await keys('_summary', 'false'), ['resourceType', 'id', 'meta', 'text', 'active', 'photo'])
  t.same(await keys('_elements', 'photo'), ['resourceType', 'id', 'meta', 'photo'])
  const { meta } = resourceOf(await perform(read('Patient', 'p', { query: [['_elements', 'photo']] })))
  t.equal(meta.tag[0].code, 'SUBSETTED')
  for (const query of [
    ['_summary', 'count'],
    ['_summary', 'x'],
    ['_elements', 'nonsense'],
    ['x', '1'],
  ] as const)
    t.equal((await refusal(perform(read('Patient', 'p', { query: [query] })))).status, 400, query.join('='))
})

t.test('create: what comes back, and what the client wants of it', async (t) => {
  const { perform } = await openRest(t)
  const reply = await perform(create('Patient', { id: 'mine', active: true }))
  t.equal(reply.status, 201)
  const { id } = resourceOf(reply)
  t.not(id, 'mine', 'a create makes the id')
  t.equal(reply.location, `Patient/${id}/_history/1`)
  t.equal(textOf(await perform(read('Patient', id))), textOf(reply))
  const minimal = await perform(create('Patient', {}, { return: 'minimal' }))
  t.match([minimal.body, minimal.versionId], [undefined, '1'])
  const outcome = await perform(create('Patient', {}, { return: 'OperationOutcome' }))
  t.match(outcome.outcome, [{ severity: 'information' }])
  t.equal((await refusal(perform(create('Patient', {}, { ifMatch: 'W/"1"' })))).status, 400)
  t.equal((await refusal(perform(create('Patient', {}, { query: [['x', '1']] })))).status, 400)
  t.equal((await refusal(perform({ interaction: 'create', type: 'Patient', query: [] }))).status, 400)
  t.equal((await refusal(perform({ ...create('Patient', {}), type: 'Group' }))).status, 400)
})

t.test('update: made, replaced, brought back; versions go on', async (t) => {
  const { perform } = await openRest(t)
  t.match(await perform(update('Patient', 'p', {})), { status: 201, versionId: '1' })
  t.match(await perform(update('Patient', 'p', { active: true })), { status: 200, versionId: '2' })
  await perform(remove('p'))
  t.match(await perform(update('Patient', 'p', {})), { status: 201, versionId: '4' })
  const other = { body: { text: '{"resourceType":"Patient","id":"q"}' } }
  for (const more of [other, { body: { text: '{"resourceType":"Patient"}' } }]) {
    const problem = await refusal(perform(update('Patient', 'p', {}, more)))
    t.match([problem.status, problem.issues[0]?.expression], [400, ['Patient.id']])
  }
  t.equal((await refusal(perform(update('Patient', 'a_b', {})))).status, 400)
})

t.test('update over a version, or only where nothing is', async (t) => {
  const { perform } = await openRest(t)
  const status = async (more: Partial<Request>): Promise<number> =>
    perform(update('Patient', 'p', {}, more)).then(
      (reply) => reply.status,
      (problem) => problem.status,
    )
  t.equal(await status({ ifMatch: 'W/"1"' }), 412, 'nothing is there')
  t.equal(await status({ ifNoneMatch: '*' }), 201)
  t.equal(await status({ ifNoneMatch: '*' }), 412)
  t.equal(await status({ ifMatch: 'W/"1"' }), 200)
  t.equal(await status({ ifMatch: 'W/"1"' }), 412)
  t.equal(await status({ ifMatch: '"2"' }), 200)
  for (const wrong of ['2', '*', 'W/"1", W/"3"', '']) t.equal(await status({ ifMatch: wrong }), 400, wrong)
  t.equal(await status({ ifMatch: 'W/"abc"' }), 412)
  t.equal(await status({ ifNoneMatch: 'W/"3"' }), 400)
  t.equal(await status({ ifNoneExist: 'identifier=1' }), 400)
  t.equal(resourceOf(await perform(read('Patient', 'p'))).meta.versionId, '3')
})

t.test('without update-as-create', async (t) => {
  const { perform } = await openRest(t, { updateAsCreate: false })
  t.equal((await refusal(perform(update('Patient', 'p', {})))).status, 405)
  const conditional = (resource: object): Request => ({
    interaction: 'update',
    type: 'Patient',
    query: [['identifier', '1']],
    body: { text: JSON.stringify({ resourceType: 'Patient', identifier: [{ value: '1' }], ...resource }) },
  })
  t.equal((await refusal(perform(conditional({ id: 'mine' })))).status, 405, 'an id chosen by the client')
  t.equal((await perform(conditional({}))).status, 201)
  t.equal((await perform(conditional({}))).status, 200)
})

t.test('delete: once, again, over a version', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', {}))
  t.equal((await refusal(perform(remove('p', { ifMatch: 'W/"7"' })))).status, 412)
  t.match(await perform(remove('p', { ifMatch: 'W/"1"' })), { status: 204, versionId: '2' })
  const again = await perform(remove('p'))
  t.match([again.status, again.versionId], [204, undefined])
  t.equal((await perform(remove('never'))).status, 204)
  t.equal((await refusal(perform(remove('p', { ifMatch: 'W/"2"' })))).status, 412)
  t.equal((await refusal(perform(remove('p', { query: [['x', '1']] })))).status, 400)
})

t.test('the three patches', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { active: true, gender: 'male' }))
  const jsonPatch = await perform(patch('json-patch', [{ op: 'replace', path: '/active', value: false }]))
  t.match([jsonPatch.status, jsonPatch.versionId, resourceOf(jsonPatch).active], [200, '2', false])
  const merge = resourceOf(await perform(patch('merge-patch', { gender: null, birthDate: '2000-01-01' })))
  t.match([merge.gender, merge.birthDate, merge.meta.versionId], [undefined, '2000-01-01', '3'])
  const part = (name: string, value: object) => ({ name, ...value })
  const parameters = {
    resourceType: 'Parameters',
    parameter: [
      {
        name: 'operation',
        part: [
          part('type', { valueCode: 'replace' }),
          part('path', { valueString: 'Patient.birthDate' }),
          part('value', { valueDate: '2001-01-01' }),
        ],
      },
    ],
  }
  t.equal(resourceOf(await perform(patch('fhirpath-patch', parameters))).birthDate, '2001-01-01')
})

t.test('patches that are refused change nothing', async (t) => {
  const { perform } = await openRest(t)
  await perform(update('Patient', 'p', { active: true }))
  const status = async (request: Request): Promise<number> => (await refusal(perform(request))).status
  t.equal(await status(patch('json-patch', [{ op: 'replace', path: '/id', value: 'q' }])), 422)
  t.equal(await status(patch('json-patch', [{ op: 'replace', path: '/resourceType', value: 'Group' }])), 422)
  t.equal(await status(patch('merge-patch', { gender: 7 })), 400, 'the result is no Patient')
  t.equal(await status(patch('json-patch', '{')), 400)
  t.ok(
    [409, 422].includes(await status(patch('json-patch', [{ op: 'test', path: '/active', value: false }]))),
  )
  t.equal(await status(patch('merge-patch', {}, { ifMatch: 'W/"7"' })), 412)
  t.equal(await status(patch('merge-patch', {}, { ifNoneMatch: '*' })), 400)
  t.equal(await status(patch('merge-patch', {}, { id: 'never' })), 404)
  t.equal(await status({ interaction: 'patch', type: 'Patient', id: 'p', query: [] }), 400)
  t.equal(
    await status(patch('merge-patch', { managingOrganization: { reference: 'Organization/never' } })),
    422,
  )
  t.equal(resourceOf(await perform(read('Patient', 'p'))).meta.versionId, '1')
  await perform(remove('p'))
  t.equal(await status(patch('merge-patch', {})), 410)
})
