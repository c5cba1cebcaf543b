/** Every answer of every route tells browsers what they must not do with it. */
import t from 'tap'
import { routes } from '../../src/http/routes.ts'
import { fakeRest, serverWith } from './fake-rest.ts'

const expected = {
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'content-security-policy': /frame-ancestors 'none'/,
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': /no-store|max-age/,
}

const filled = (path: string): string =>
  path
    .replace(':type', 'Patient')
    .replace(':id', 'p1')
    .replace(':versionId', '1')
    .replace(':within', 'Observation')
    .replace(':operation', 'everything')
    .replace(/:\w+|\*/g, 'x')

t.test('all routes, whether they answer or refuse', async (t) => {
  const server = serverWith(fakeRest(), { corsOrigins: ['https://app.example'] })
  t.teardown(() => server.close())
  const registered: [string, string][] = []
  await server.ready()
  for (const [method, path] of routes) registered.push([method, `/fhir${filled(path)}`])
  for (const path of [
    '/',
    '/health/live',
    '/health/ready',
    '/metrics',
    '/docs',
    '/docs/Patient',
    '/openapi.json',
    '/nothing',
    '/auth',
    '/%ff',
    '/fhir/Patient/%zz',
    `/fhir/${'x'.repeat(3000)}`,
  ])
    for (const method of ['GET', 'OPTIONS', 'DELETE', 'TRACE']) registered.push([method, path])
  for (const [method, url] of registered) {
    const answer = await server.inject({
      method: method as 'GET',
      url,
      headers: { origin: 'https://app.example', 'content-type': 'application/fhir+json' },
      ...(method === 'POST' || method === 'PUT' ? { payload: '{}' } : {}),
    })
    t.match(answer.headers, expected, `${method} ${url.slice(0, 60)} ${answer.statusCode}`)
    t.notOk(answer.headers['strict-transport-security'])
    t.notOk(answer.headers['x-powered-by'] ?? answer.headers.server)
  }
})

t.test('a server that is reached by HTTPS says that it always will be', async (t) => {
  const server = serverWith(fakeRest(), { baseUrl: 'https://fhir.example/fhir' })
  t.teardown(() => server.close())
  for (const url of ['/fhir/Patient/1', '/nothing'])
    t.match((await server.inject({ url })).headers, { 'strict-transport-security': /^max-age=31536000/ })
})
