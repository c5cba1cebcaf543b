import t from 'tap'
import { conflict, Problem, unavailable } from '../../src/base/problem.ts'
import { fakeRest, ok, patient, serverWith } from './fake-rest.ts'

const json = { 'content-type': 'application/fhir+json' }
const fast = fakeRest()
const server = serverWith(fast)
t.teardown(() => server.close())

const interactions: [method: string, url: string, expected: object][] = [
  ['GET', '/fhir/metadata?mode=full', { interaction: 'capabilities', query: [['mode', 'full']] }],
  ['GET', '/fhir/Patient/p1', { interaction: 'read', type: 'Patient', id: 'p1', query: [] }],
  ['HEAD', '/fhir/Patient/p1', { interaction: 'read', type: 'Patient', id: 'p1', query: [] }],
  [
    'GET',
    '/fhir/Patient/p1/_history/2',
    { interaction: 'vread', type: 'Patient', id: 'p1', versionId: '2', query: [] },
  ],
  [
    'GET',
    '/fhir/ValueSet/v1/$expand?filter=a',
    {
      interaction: 'operation',
      operation: 'expand',
      posted: false,
      type: 'ValueSet',
      id: 'v1',
      query: [['filter', 'a']],
    },
  ],
  [
    'GET',
    '/fhir/Patient/p1/_history',
    { interaction: 'history-instance', type: 'Patient', id: 'p1', query: [] },
  ],
  [
    'GET',
    '/fhir/Patient/_history?_count=5',
    { interaction: 'history-type', type: 'Patient', query: [['_count', '5']] },
  ],
  ['GET', '/fhir/_history', { interaction: 'history-system', query: [] }],
  ['GET', '/fhir/Patient', { interaction: 'search-type', type: 'Patient', query: [] }],
  [
    'GET',
    '/fhir/Patient/p1/Observation',
    {
      interaction: 'search-type',
      type: 'Observation',
      compartment: { type: 'Patient', id: 'p1' },
      query: [],
    },
  ],
  [
    'GET',
    '/fhir/Patient/p1/*?_count=1',
    {
      interaction: 'search-system',
      compartment: { type: 'Patient', id: 'p1' },
      query: [['_count', '1']],
    },
  ],
  [
    'GET',
    '/fhir/Patient/?name=a%20b+c&name=',
    {
      interaction: 'search-type',
      type: 'Patient',
      query: [
        ['name', 'a b c'],
        ['name', ''],
      ],
    },
  ],
  ['GET', '/fhir?_id=1', { interaction: 'search-system', query: [['_id', '1']] }],
  [
    'PUT',
    '/fhir/Patient/p1',
    { interaction: 'update', type: 'Patient', id: 'p1', query: [], body: { text: patient } },
  ],
  [
    'PUT',
    '/fhir/Patient?identifier=a%7Cb',
    { interaction: 'update', type: 'Patient', query: [['identifier', 'a|b']], body: { text: patient } },
  ],
  ['POST', '/fhir/Patient', { interaction: 'create', type: 'Patient', query: [], body: { text: patient } }],
  ['POST', '/fhir', { interaction: 'batch', query: [], body: { text: patient } }],
  ['POST', '/fhir/', { interaction: 'batch', query: [], body: { text: patient } }],
  ['DELETE', '/fhir/Patient/p1', { interaction: 'delete', type: 'Patient', id: 'p1', query: [] }],
  [
    'DELETE',
    '/fhir/Patient?active=false',
    { interaction: 'delete', type: 'Patient', query: [['active', 'false']] },
  ],
]

for (const [method, url, expected] of interactions) {
  t.test(`${method} ${url}`, async (t) => {
    fast.seen.length = 0
    const sends = method === 'PUT' || method === 'POST'
    const response = await server.inject({
      method: method as 'GET',
      url,
      ...(sends ? { headers: json, payload: patient } : {}),
    })
    t.equal(response.statusCode, 200, response.body)
    t.strictSame(fast.seen, [expected])
  })
}

t.test('a read carries version, time and place', async (t) => {
  const response = await server.inject({ url: '/fhir/Patient/p1', headers: { host: 'fhir.example:8080' } })
  t.equal(response.body, patient)
  t.match(response.headers, {
    'content-type': 'application/fhir+json; charset=utf-8',
    'content-length': String(patient.length),
    etag: 'W/"3"',
    'last-modified': 'Fri, 02 Jan 2026 03:04:05 GMT',
    'content-location': 'http://fhir.example:8080/fhir/Patient/p1/_history/3',
    vary: 'Accept, Accept-Encoding',
  })
  t.match(response.headers['x-request-id'], /^[0-9a-f]{32}$/)
})

t.test('HEAD is GET without the body', async (t) => {
  const response = await server.inject({ method: 'HEAD', url: '/fhir/Patient/p1' })
  t.equal(response.body, '')
  t.equal(response.headers['content-length'], String(patient.length))
  t.equal(response.headers.etag, 'W/"3"')
})

t.test('a create answers with its absolute location', async (t) => {
  const rest = fakeRest({ ...ok, status: 201, location: 'Patient/p1/_history/1', versionId: '1' })
  const response = await serverWith(rest, { baseUrl: 'https://h.example/fhir' }).inject({
    method: 'POST',
    url: '/fhir/Patient',
    headers: { ...json, prefer: 'return=minimal; handling=lenient', 'if-none-exist': 'identifier=1' },
    payload: patient,
  })
  t.equal(response.statusCode, 201)
  t.equal(response.headers.location, 'https://h.example/fhir/Patient/p1/_history/1')
  t.equal(response.headers['content-location'], 'https://h.example/fhir/Patient/p1/_history/1')
  t.equal(response.headers['preference-applied'], 'return=minimal, handling=lenient')
  t.match(rest.seen[0], { return: 'minimal', lenient: true, ifNoneExist: 'identifier=1' })
})

t.test('conditional headers arrive as they were sent', async (t) => {
  fast.seen.length = 0
  await server.inject({
    method: 'PUT',
    url: '/fhir/Patient/p1',
    headers: { ...json, 'if-match': 'W/"2"', 'if-none-match': '*', 'if-modified-since': 'x' },
    payload: patient,
  })
  t.match(fast.seen[0], { ifMatch: 'W/"2"', ifNoneMatch: '*', ifModifiedSince: 'x' })
})

t.test('204 and 304 have no body', async (t) => {
  for (const status of [204, 304]) {
    const response = await serverWith(fakeRest({ status, versionId: '4', outcome: [] })).inject(
      '/fhir/Patient/p1',
    )
    t.equal(response.statusCode, status)
    t.equal(response.body, '')
    t.equal(response.headers.etag, 'W/"4"')
    t.equal(response.headers['content-type'], undefined)
  }
})

t.test('findings become an OperationOutcome', async (t) => {
  const outcome = [{ severity: 'information', code: 'informational', diagnostics: 'Deleted.' }] as const
  const response = await serverWith(fakeRest({ status: 200, outcome })).inject({
    method: 'DELETE',
    url: '/fhir/Patient/p1',
  })
  t.strictSame(response.json(), { resourceType: 'OperationOutcome', issue: outcome })
})

t.test('a form search joins URL and body', async (t) => {
  fast.seen.length = 0
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' }
  await server.inject({
    method: 'POST',
    url: '/fhir/Patient/_search?active=true',
    headers,
    payload: 'name=M%C3%BCller&_format=json',
  })
  await server.inject({ method: 'POST', url: '/fhir/_search', headers, payload: '_id=1' })
  t.strictSame(fast.seen, [
    {
      interaction: 'search-type',
      type: 'Patient',
      query: [
        ['active', 'true'],
        ['name', 'Müller'],
      ],
    },
    { interaction: 'search-system', query: [['_id', '1']] },
  ])
})

t.test('patch formats', async (t) => {
  const formats = {
    'application/json-patch+json': 'json-patch',
    'application/merge-patch+json': 'merge-patch',
    'application/fhir+json': 'fhirpath-patch',
  }
  for (const [type, patch] of Object.entries(formats)) {
    fast.seen.length = 0
    await server.inject({
      method: 'PATCH',
      url: '/fhir/Patient/p1',
      headers: { 'content-type': type },
      payload: '[]',
    })
    t.strictSame(fast.seen, [
      { interaction: 'patch', type: 'Patient', id: 'p1', query: [], body: { text: '[]', patch } },
    ])
  }
})

const refusals: [
  status: number,
  says: RegExp,
  request: {
    method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
    url: string
    headers?: Record<string, string>
    payload?: string | Buffer
  },
][] = [
  [404, /Patiens is not a resource type.*Did you mean Patient\?/, { url: '/fhir/Patiens/1' }],
  [404, /patient is not a resource type.*Did you mean Patient\?/, { url: '/fhir/patient' }],
  [404, /nothing at this path/, { url: '/fhir/Patient/1/2/3/4/5' }],
  [404, /nothing at this path/, { url: '/elsewhere' }],
  [
    405,
    /DELETE is not possible here. Use one of GET, HEAD, OPTIONS/,
    { method: 'DELETE', url: '/fhir/metadata' },
  ],
  [
    405,
    /POST is not possible here/,
    { method: 'POST', url: '/fhir/Patient/p1', headers: json, payload: '{}' },
  ],
  [400, /%/, { url: '/fhir/Patient?name=%E0%A4%A' }],
  [400, /malformed/, { url: '/fhir/Patient/%E0%A4%A' }],
  [400, /_pretty/, { url: '/fhir/Patient?_pretty=maybe' }],
  [400, /needs a body/, { method: 'POST', url: '/fhir/Patient', headers: json }],
  [
    400,
    /UTF-8/,
    { method: 'POST', url: '/fhir/Patient', headers: json, payload: Buffer.from([0x7b, 0xff, 0x7d]) },
  ],
  [406, /NDJSON/, { url: '/fhir/Patient/p1?_format=ndjson' }],
  [
    406,
    /version 4.0 only/,
    { url: '/fhir/Patient/p1', headers: { accept: 'application/fhir+json; fhirVersion=3.0' } },
  ],
  [413, /larger/, { method: 'POST', url: '/fhir/Patient', headers: json, payload: 'x'.repeat(50_001) }],
  [415, /has no Content-Type/, { method: 'POST', url: '/fhir/Patient', payload: Buffer.from('{}') }],
  [
    415,
    /at the base only/,
    {
      method: 'POST',
      url: '/fhir/Patient',
      headers: { 'content-type': 'application/fhir+ndjson' },
      payload: '{}',
    },
  ],
  [
    415,
    /UTF-8/,
    {
      method: 'POST',
      url: '/fhir/Patient',
      headers: { 'content-type': 'application/fhir+json; charset=latin1' },
      payload: '{}',
    },
  ],
  [
    415,
    /version 4.0 only/,
    {
      method: 'POST',
      url: '/fhir/Patient',
      headers: { 'content-type': 'application/fhir+json; fhirVersion=5.0' },
      payload: '{}',
    },
  ],
  [
    415,
    /json-patch/,
    { method: 'PATCH', url: '/fhir/Patient/p1', headers: { 'content-type': 'text/plain' }, payload: '{}' },
  ],
  [
    415,
    /malformed/,
    { method: 'POST', url: '/fhir/Patient', headers: { 'content-type': 'nonsense' }, payload: '{}' },
  ],
  [415, /form-urlencoded/, { method: 'POST', url: '/fhir/Patient/_search', headers: json, payload: '{}' }],
]

for (const [status, says, request] of refusals) {
  t.test(`${status} ${request.method ?? 'GET'} ${request.url}`, async (t) => {
    fast.seen.length = 0
    const response = await server.inject(request)
    t.equal(response.statusCode, status)
    t.match(response.headers['content-type'], 'application/fhir+json')
    t.equal(response.json().resourceType, 'OperationOutcome')
    t.match(response.json().issue[0].diagnostics, says)
    t.strictSame(fast.seen, [], 'nothing was performed')
  })
}

t.test('a wrong method is told which are right', async (t) => {
  const response = await server.inject({ method: 'DELETE', url: '/fhir/_history' })
  t.equal(response.headers.allow, 'GET, HEAD, OPTIONS')
  const options = await server.inject({ method: 'OPTIONS', url: '/fhir/Patient/1' })
  t.equal(options.statusCode, 204)
  t.equal(options.headers.allow, 'GET, HEAD, PUT, PATCH, DELETE, OPTIONS')
})

t.test('a refusal of the house keeps status, issues and Retry-After', async (t) => {
  const refuse = (problem: unknown) =>
    serverWith(
      fakeRest(() => {
        throw problem
      }),
    ).inject('/fhir/Patient/p1')
  const lost = await refuse(unavailable('The database does not answer.', 5))
  t.equal(lost.statusCode, 503)
  t.equal(lost.headers['retry-after'], '5')
  t.equal(
    (await refuse(conflict('Somebody was faster.', 'Patient'))).json().issue[0].expression[0],
    'Patient',
  )
  const several = await refuse(
    new Problem(422, [
      { severity: 'error', code: 'value', diagnostics: 'a' },
      { severity: 'warning', code: 'value', diagnostics: 'b' },
    ]),
  )
  t.equal(several.json().issue.length, 2)
})

t.test('a bug is a 500 with the trace and nothing else', async (t) => {
  const response = await serverWith(
    fakeRest(() => {
      throw new Error('secret of Mrs Miller')
    }),
  ).inject('/fhir/Patient/p1')
  t.equal(response.statusCode, 500)
  t.notMatch(response.body, /Miller/)
  t.match(response.body, new RegExp(String(response.headers['x-request-id'])))
})

t.test('_pretty keeps numbers as they were written', async (t) => {
  const rest = fakeRest({ status: 200, body: ['{"a":[1.00,{}],', '"b":"x\\"{"}'] })
  const response = await serverWith(rest).inject('/fhir/Patient/p1?_pretty=true')
  t.equal(response.body, '{\n  "a": [\n    1.00,\n    {}\n  ],\n  "b": "x\\"{"\n}\n')
})

t.test('CORS', async (t) => {
  const open = serverWith(fakeRest(), { corsOrigins: ['https://app.example'] })
  const headers = { origin: 'https://app.example', 'access-control-request-method': 'PUT' }
  const preflight = await open.inject({ method: 'OPTIONS', url: '/fhir/Patient/1', headers })
  t.equal(preflight.statusCode, 204)
  t.equal(preflight.headers['access-control-allow-origin'], 'https://app.example')
  t.match(preflight.headers['access-control-allow-methods'], /PUT/)
  const read = await open.inject({ url: '/fhir/Patient/1', headers: { origin: 'https://app.example' } })
  t.match(read.headers['access-control-expose-headers'], /ETag/)
  t.match(read.headers.vary, /Accept/)
  const other = await open.inject({ url: '/fhir/Patient/1', headers: { origin: 'https://evil.example' } })
  t.not(other.headers['access-control-allow-origin'], 'https://evil.example')
})

t.test('the trace of the caller is continued', async (t) => {
  const trace = '4bf92f3577b34da6a3ce929d0e0e4736'
  const response = await server.inject({
    url: '/fhir/Patient/1',
    headers: { traceparent: `00-${trace}-00f067aa0ba902b7-01`, 'x-request-id': 'abc' },
  })
  t.equal(response.headers['x-request-id'], trace)
  t.equal(response.headers['x-correlation-id'], 'abc')
})
