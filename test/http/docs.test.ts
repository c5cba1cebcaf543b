import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { createOpenApi, loadOperations } from '../../src/rest/index.ts'
import { createSearch } from '../../src/search/index.ts'
import { fakeRest, serverWith } from './fake-rest.ts'

const definitions = await loadDefinitions(undefined)
const parts = {
  definitions,
  search: createSearch(definitions),
  operations: await loadOperations(),
  version: '1.2.3',
}
const server = serverWith(fakeRest(), { openApi: createOpenApi(parts) })

t.test('programs get the document, with the base that they called', async (t) => {
  const { headers, payload } = await server.inject({
    url: '/openapi.json',
    headers: { host: 'localhost:81' },
  })
  t.match(headers['content-type'], /openapi\+json/)
  t.match(JSON.parse(payload), { openapi: '3.1.0', servers: [{ url: 'http://localhost:81/fhir' }] })
})

t.test('people get pages without script', async (t) => {
  const all = await server.inject({ url: '/docs' })
  t.equal(all.statusCode, 200)
  t.match(all.headers['content-security-policy'], /default-src 'none'/)
  t.match(all.payload, '<a href="/docs/Patient">Patient</a>')
  const one = await server.inject({ url: '/docs/Patient' })
  t.match(one.payload, '/Patient/{id}/_history')
  t.match(one.payload, 'birthdate')
  t.notMatch(one.payload, '<script')
  t.match((await server.inject({ url: '/docs/System' })).payload, '/metadata')
  t.equal((await server.inject({ url: '/docs/Nothing' })).statusCode, 404)
})
