/**
 * Whatever one hospital asks, the answer is that of a server which never had another. Every request is made twice: where
 * a second hospital has data, and where it has none. First without the wall of the database, then behind it.
 */
import type { FastifyInstance, InjectOptions } from 'fastify'
import t, { type Test } from 'tap'
import { routes } from '../../src/http/routes.ts'
import { loadOperations } from '../../src/rest/index.ts'
import type { Database } from '../../src/store/index.ts'
import type { Statement } from '../../src/store/statement.ts'
import { serverWith } from '../http/fake-rest.ts'
import { openRest } from '../support/rest.ts'
import { openDatabase } from '../support/store.ts'
import { tablesWithTenant, tenantless } from './texts.ts'

const names = new Map([
  ['north', { number: 2, active: true }],
  ['south', { number: 3, active: true }],
])
const tenants = {
  byName: (name: string) => names.get(name),
  byHost: () => undefined,
  learn: async () => {},
}

/** In everything that the second hospital has. */
const secret = 'Xanthippe'
const system = 'http://south.example/cs'

const status = 'active'
const coding = { system, code: 'c1', display: secret }
const people = {
  Patient: {
    identifier: [{ system: 'urn:s', value: '42' }],
    name: [{ family: secret }],
    birthDate: '1970-01-01',
  },
  Practitioner: { name: [{ family: secret }] },
}
const theirs: Readonly<Record<string, object>> = {
  ...people,
  Observation: {
    status: 'final',
    code: { coding: [coding], text: secret },
    subject: { reference: 'Patient/s1' },
    valueString: secret,
    effectiveDateTime: '2020-01-01',
  },
  List: { status: 'current', mode: 'working', title: secret, entry: [{ item: { reference: 'Patient/s1' } }] },
  Binary: { contentType: 'text/plain', data: Buffer.from(secret).toString('base64') },
  CodeSystem: { url: system, status, content: 'complete', concept: [{ code: 'c1', display: secret }] },
  ValueSet: { url: `${system}/vs`, status, compose: { include: [{ system }] } },
  ConceptMap: {
    url: `${system}/map`,
    status,
    group: [
      {
        source: system,
        target: 'urn:t',
        element: [{ code: 'c1', target: [{ code: 't', equivalence: 'equal' }] }],
      },
    ],
  },
  SearchParameter: {
    url: `${system}/sp`,
    name: 'secretive',
    description: secret,
    status,
    code: 'secretive',
    base: ['Patient'],
    type: 'string',
    expression: 'Patient.name.family',
  },
  StructureDefinition: {
    url: `${system}/profile`,
    name: 'Secretive',
    status,
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    derivation: 'constraint',
    differential: {
      element: [
        { id: 'Patient', path: 'Patient' },
        { id: 'Patient.gender', path: 'Patient.gender', min: 1 },
      ],
    },
  },
}
const types = Object.keys(theirs)
const closure = { resourceType: 'Parameters', parameter: [{ name: 'name', valueString: 'between' }] }
const resource = (type: string, id?: string): object => ({
  resourceType: type,
  ...(id === undefined ? {} : { id }),
  ...theirs[type],
})

type Ask = {
  readonly method: string
  readonly url: string
  readonly body?: unknown
  readonly headers?: Record<string, string>
}

const send = (server: FastifyInstance, tenant: string, { method, url, body, headers }: Ask) =>
  server.inject({
    method: method as InjectOptions['method'] & string,
    url: `/t/${tenant}/fhir${url}`,
    headers: {
      host: 'h.example',
      ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
  })

const put = (type: string, id: string, body: object): Ask => ({ method: 'PUT', url: `/${type}/${id}`, body })

/** Both hospitals know the same ids; what the first has itself refers to the second only by an address outside. */
const fillSouth = async (t: Test, server: FastifyInstance): Promise<void> => {
  for (const type of types)
    for (const id of ['s1', 's2']) {
      const answer = await send(server, 'south', put(type, id, resource(type, id)))
      t.equal(answer.statusCode, 201, `${type}/${id} ${answer.body.slice(0, 300)}`)
      if (['CodeSystem', 'ValueSet', 'ConceptMap', 'SearchParameter', 'StructureDefinition'].includes(type))
        break
    }
  await send(server, 'south', put('Patient', 's1', { ...resource('Patient', 's1'), active: true }))
  await send(server, 'south', put('Patient', 'gone', resource('Patient', 'gone')))
  await send(server, 'south', { method: 'DELETE', url: '/Patient/gone' })
  t.equal((await send(server, 'south', { method: 'POST', url: '/$closure', body: closure })).statusCode, 200)
}

const fillNorth = async (t: Test, server: FastifyInstance): Promise<void> => {
  const subject = { reference: 'http://h.example/t/south/fhir/Patient/s1' }
  const mine = { resourceType: 'Observation', id: 'n1', status: 'final', code: { text: 'n' }, subject }
  t.equal((await send(server, 'north', put('Observation', 'n1', mine))).statusCode, 201)
  const patient = { resourceType: 'Patient', id: 'n1', name: [{ family: 'North' }] }
  t.equal((await send(server, 'north', put('Patient', 'n1', patient))).statusCode, 201)
}

const queries: Readonly<Record<string, readonly string[]>> = {
  Patient: [
    ...[
      '',
      '_id=s1',
      '_id=s1,n1',
      `name=${secret}`,
      'identifier=urn:s|42',
      'birthdate=1970',
      '_lastUpdated=gt2000',
    ],
    ...[
      'secretive=X',
      `name:contains=anthip`,
      '_summary=count',
      '_total=accurate',
      '_total=estimate',
      '_count=1',
    ],
    ...[
      '_revinclude=Observation:subject',
      '_revinclude=List:item',
      '_has:Observation:subject:code=c1',
      '_sort=name',
    ],
    ...[
      '_has:List:item:_id=s1',
      `_filter=name%20co%20"${secret.slice(0, 4)}"`,
      `_text=${secret}`,
      `_content=${secret}`,
    ],
    '_profile=http://south.example/cs/profile',
  ],
  Observation: [
    ...[
      '',
      '_include=Observation:subject',
      '_include=*',
      'subject=Patient/s1',
      'patient=s1',
      'patient.name=Xanthippe',
    ],
    ...[
      'subject:missing=false',
      `code=${system}|c1`,
      `code:in=${system}/vs`,
      'code:text=Xant',
      'date=2020',
      'combo-code=c1',
    ],
    'subject=http://h.example/t/south/fhir/Patient/s1',
    '_include:iterate=Observation:subject&_include=Observation:has-member',
  ],
  List: ['', 'item=Patient/s1', 'title=Xan', '_include=List:item'],
  ValueSet: ['', `url=${system}/vs`],
  CodeSystem: ['', `system=${system}`, 'code=c1'],
  SearchParameter: ['', 'code=secretive'],
  StructureDefinition: ['', `url=${system}/profile`],
}

const searches = (): Ask[] => [
  ...Object.entries(queries).flatMap(([type, all]) =>
    all.map((query): Ask => ({ method: 'GET', url: `/${type}?${query}` })),
  ),
  ...['_id=s1', '_type=Patient,List', '_type=Patient&_id=s1', '_lastUpdated=gt2000'].map(
    (query): Ask => ({ method: 'GET', url: `?${query}` }),
  ),
]

const conditional = '/Patient?identifier=urn:s|42'
const written = { resourceType: 'Patient', name: [{ family: 'N' }] }

const conditions = (): Ask[] => [
  { method: 'POST', url: '/Patient', body: written, headers: { 'if-none-exist': 'identifier=urn:s|42' } },
  { method: 'PUT', url: conditional, body: written },
  { method: 'PATCH', url: conditional, body: [{ op: 'add', path: '/active', value: true }] },
  { method: 'DELETE', url: conditional },
  { method: 'PUT', url: '/Patient/s2', body: { ...written, id: 's2' }, headers: { 'if-match': 'W/"1"' } },
  { method: 'DELETE', url: '/Patient/s2', headers: { 'if-match': 'W/"1"' } },
  { method: 'GET', url: '/Patient/s1', headers: { 'if-none-match': 'W/"2"' } },
  { method: 'POST', url: '/Observation', body: resource('Observation') },
  {
    method: 'PUT',
    url: '/Patient/s9',
    body: { ...written, id: 's9', meta: { profile: [`${system}/profile`] } },
  },
]

const entry = (method: string, url: string, body?: object) => ({
  request: { method, url },
  ...(body === undefined ? {} : { resource: body }),
})

const bundles = (): Ask[] =>
  ['batch', 'transaction'].flatMap((type): Ask[] => {
    const bundle = (...entries: object[]): Ask => ({
      method: 'POST',
      url: '',
      body: { resourceType: 'Bundle', type, entry: entries },
    })
    return [
      bundle(
        entry('GET', 'Patient/s1'),
        entry('GET', 'Patient?name=Xanthippe'),
        entry('GET', 'Patient/gone'),
      ),
      bundle(entry('GET', 'http://h.example/t/south/fhir/Patient/s1')),
      bundle(entry('POST', 'Observation', resource('Observation'))),
      bundle(
        entry('POST', 'Observation', {
          ...resource('Observation'),
          subject: { reference: 'Patient?identifier=urn:s|42' },
        }),
      ),
      bundle(entry('DELETE', 'Patient/s1'), entry('DELETE', conditional.slice(1))),
      bundle(entry('PATCH', 'Patient/s1', { resourceType: 'Parameters' })),
    ]
  })

const parameters = (parameter: readonly object[]) => ({ resourceType: 'Parameters', parameter })

const terms = (): Ask[] => [
  { method: 'GET', url: `/ValueSet/$expand?url=${system}/vs` },
  { method: 'GET', url: '/ValueSet/s1/$expand' },
  { method: 'GET', url: `/ValueSet/$validate-code?url=${system}/vs&system=${system}&code=c1` },
  { method: 'GET', url: `/CodeSystem/$validate-code?url=${system}&code=c1` },
  { method: 'GET', url: `/CodeSystem/$lookup?system=${system}&code=c1` },
  { method: 'GET', url: `/CodeSystem/$subsumes?system=${system}&codeA=c1&codeB=c1` },
  { method: 'GET', url: `/ConceptMap/$translate?url=${system}/map&system=${system}&code=c1` },
  { method: 'GET', url: '/ConceptMap/s1/$translate?code=c1' },
  {
    method: 'POST',
    url: '/$closure',
    body: parameters([
      { name: 'name', valueString: 'between' },
      { name: 'version', valueString: '0' },
    ]),
  },
  { method: 'POST', url: '/Patient/$validate', body: resource('Patient') },
  { method: 'POST', url: `/Patient/$validate?profile=${system}/profile`, body: resource('Patient') },
  { method: 'POST', url: '/Observation/$validate', body: resource('Observation') },
]

/** Every path and method of the API, at the ids of the second hospital. */
const everyRoute = async (): Promise<Ask[]> => {
  const codes = (await loadOperations()).map(({ code }) => code)
  const asks: Ask[] = []
  for (const [method, path] of routes)
    for (const type of path.includes(':type') ? types : [''])
      for (const id of path.includes(':id') ? ['s1', 'gone', 'nobody'] : [''])
        for (const code of path.includes(':operation') ? codes : [''])
          asks.push(filled(method, path, { type, id, code }))
  return asks
}

type Holes = { readonly type: string; readonly id: string; readonly code: string }

const filled = (method: string, path: string, { type, id, code }: Holes): Ask => {
  const url = path
    .replace(':type', type)
    .replace(':id', id)
    .replace(':versionId', '1')
    .replace(':within', 'Observation')
    .replace(':operation', code)
  if (method === 'GET' || method === 'DELETE') return { method, url }
  if (url.endsWith('_search'))
    return { method, url, body: '_id=s1', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
  if (method === 'PATCH') return { method, url, body: [{ op: 'replace', path: '/language', value: 'de' }] }
  if (code !== '') return { method, url, body: parameters([]) }
  if (type === '') return { method, url, body: { resourceType: 'Bundle', type: 'batch' } }
  return { method, url, body: resource(type, id === '' ? undefined : id) }
}

/** What differs between any two servers: ids that were made, times, traces. */
const normal = (text: string): string =>
  text
    .replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, 'UUID')
    .replaceAll(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replaceAll(/[0-9a-f]{32}/g, 'TRACE')
    .replaceAll(/_cursor=[\w-]+/g, 'CURSOR')

const shape = ({ statusCode, headers, body }: Awaited<ReturnType<typeof send>>) => {
  const {
    date: _date,
    'x-request-id': _id,
    'last-modified': _time,
    'content-length': _length,
    ...rest
  } = headers
  return normal(JSON.stringify({ statusCode, rest, body }))
}

/** Statements for one tenant as they are sent, to be looked at. */
const noting = (database: Database, texts: Set<string>): Database => {
  const note = (statement: Statement): Statement => {
    if (typeof statement.tenant === 'number') texts.add(statement.text)
    return statement
  }
  return {
    ...database,
    read: (statement) => database.read(note(statement)),
    run: (statement) => database.run(note(statement)),
    query: (statement, until) => database.query(note(statement), until),
    transact: (work) =>
      database.transact((tx) => work({ ...tx, run: (statement) => tx.run(note(statement)) })),
  }
}

const cursorsOf = async (server: FastifyInstance): Promise<Ask[]> => {
  const asks: Ask[] = []
  for (const url of [
    '/Patient?_count=1',
    '/Patient?_count=1&_sort=-_lastUpdated',
    '/_history?_count=1',
    '/List?_count=1&_sort=title',
  ]) {
    const { body } = await send(server, 'south', { method: 'GET', url })
    const next = /t\/south\/fhir([^"]+_cursor=[^"]+)"/.exec(body)?.[1]
    if (next) asks.push({ method: 'GET', url: next.replaceAll('&amp;', '&') })
  }
  return asks
}

// On a busy machine they add up.
t.setTimeout(480_000)

for (const security of ['owner', 'roles'] as const)
  t.test(
    security === 'owner' ? 'by the statements alone' : 'behind the wall',
    { timeout: 240_000 },
    async (t) => {
      const texts = new Set<string>()
      const open = async (): Promise<FastifyInstance> => {
        const database = noting(await openDatabase(t, security), texts)
        const { rest } = await openRest(t, { on: database })
        return serverWith(rest, { tenants })
      }
      const [shared, alone] = [await open(), await open()]
      await fillSouth(t, shared)
      for (const server of [shared, alone]) await fillNorth(t, server)
      const cursors = await cursorsOf(shared)
      t.ok(cursors.length >= 3, 'positions of the second hospital are tried')
      for (const ask of [...searches().slice(0, 7), ...terms().slice(0, 6)])
        t.match(
          (await send(shared, 'south', ask)).body,
          /Xanthippe|"result" ?: ?true|subsumes|equivalent/,
          `is found by whose it is: ${ask.url}`,
        )
      const asks = [
        ...searches(),
        ...cursors,
        ...terms(),
        ...conditions(),
        ...bundles(),
        ...(await everyRoute()),
      ]
      let leaks = 0
      for (const ask of asks) {
        const [mine, wanted] = [await send(shared, 'north', ask), await send(alone, 'north', ask)]
        if (shape(mine) === shape(wanted)) continue
        leaks++
        t.equal(shape(mine), shape(wanted), `${ask.method} ${ask.url}`)
      }
      t.equal(leaks, 0, `${asks.length} requests, ${leaks} leaks`)
      const south = await send(shared, 'south', { method: 'GET', url: '/Patient/s1' })
      t.match(south.body, secret, 'and nothing of the second hospital has changed')
      t.match(south.headers, { etag: 'W/"2"' })
      const tables = await tablesWithTenant(await openDatabase(t, 'owner'))
      for (const text of texts) t.same(tenantless(text, tables), [], 'every table is asked for its tenant')
      t.ok(texts.size > 50, `${texts.size} texts`)
    },
  )
