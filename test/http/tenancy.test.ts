import type { IncomingMessage } from 'node:http'
import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import { baseUrlOf, createAddressing, type TenancyOptions } from '../../src/http/tenancy.ts'
import { fakeRest, ok, serverWith } from './fake-rest.ts'

const north = { number: 2, active: true }
const south = { number: 3, active: true }
const closed = { number: 4, active: false }
const names = new Map(Object.entries({ default: { number: 1, active: true }, north, south, closed }))
const hosts = new Map(Object.entries({ 'south.example': south, 'closed.example': closed }))

const directory = {
  byName: (name: string) => names.get(name),
  byHost: (host: string) => hosts.get(host),
  learn: async () => {},
}

const requestTo = (url: string, headers: Record<string, string> = {}): IncomingMessage =>
  ({
    url,
    headers: { host: 'h.example', ...headers },
    socket: { localPort: 80 },
  }) as unknown as IncomingMessage

const at = (url: string, headers: Record<string, string> = {}, changes: Partial<TenancyOptions> = {}) => {
  const addressing = createAddressing({ tenants: directory, tenancy: 'path', trustProxy: false, ...changes })
  const request = requestTo(url, headers)
  return { url: addressing.route(request), ...addressing.find(request) }
}

t.test('without a name it is the default tenant', async (t) => {
  t.match(at('/fhir/Patient?x=1'), { url: '/fhir/Patient?x=1', tenant: 1, base: 'http://h.example/fhir' })
  t.match(at('/fhir', {}, { baseUrl: 'https://f.example/a/fhir' }), {
    root: 'https://f.example/a',
    base: 'https://f.example/a/fhir',
  })
})

t.test('by path', async (t) => {
  t.match(at('/t/north/fhir/Patient?x=1'), {
    url: '/fhir/Patient?x=1',
    tenant: 2,
    root: 'http://h.example/t/north',
    base: 'http://h.example/t/north/fhir',
  })
  t.match(at('/t/north'), { url: '/', tenant: 2 })
  t.match(at('/t/north?x'), { url: '/?x', tenant: 2 })
  t.match(at('/t/north/fhir', {}, { baseUrl: 'https://f.example/a/fhir' }), {
    base: 'https://f.example/a/t/north/fhir',
  })
})

t.test('who is not there, not active, or is the default one by another address', async (t) => {
  for (const name of ['nobody', 'closed', 'default', '', 'NORTH', 'n%6frth', '..'])
    t.equal(at(`/t/${name}/fhir`).tenant, undefined, name)
  t.equal(at('/t/north/t/south/fhir').url, '/t/south/fhir', 'once only')
})

t.test('what operators look at is not a tenant’s', async (t) => {
  t.match(at('/t/north/health/live'), { url: '/t/north/health/live', tenant: 1 })
  t.match(at('/t/north/metrics'), { url: '/t/north/metrics', tenant: 1 })
})

t.test('by host', async (t) => {
  t.match(at('/fhir', { host: 'South.example:8080' }), {
    tenant: 3,
    base: 'http://South.example:8080/fhir',
    hosted: true,
  })
  t.match(at('/fhir', { host: 'south.example' }, { baseUrl: 'https://f.example/a/fhir' }), {
    base: 'https://south.example/a/fhir',
  })
  t.equal(at('/fhir', { host: 'closed.example' }).tenant, undefined)
  t.equal(at('/t/north/fhir', { host: 'south.example' }).tenant, undefined, 'a hospital’s name is its own')
  t.match(at('/fhir', { 'x-forwarded-host': 'south.example' }), { tenant: 1 }, 'nobody said that is true')
  t.match(at('/fhir', { 'x-forwarded-host': 'south.example' }, { trustProxy: true }), { tenant: 3 })
})

t.test('by host only', async (t) => {
  const byHost = { tenancy: 'host' as const, baseUrl: 'https://f.example/fhir' }
  t.equal(at('/t/north/fhir', { host: 'f.example' }, byHost).tenant, undefined)
  t.equal(at('/fhir', { host: 'other.example' }, byHost).tenant, undefined)
  t.equal(at('/fhir', { host: 'f.example' }, byHost).tenant, 1)
  t.equal(at('/fhir', { host: 'localhost:80' }, { tenancy: 'host' }).tenant, 1)
  t.equal(at('/fhir', { host: 'f.example' }, { tenancy: 'host' }).tenant, undefined)
})

t.test('the database is asked once for all who ask for what is not known', async (t) => {
  let asked = 0
  const tenants = {
    ...directory,
    learn: async () => {
      asked++
    },
  }
  const addressing = createAddressing({ tenants, tenancy: 'path', trustProxy: false })
  const refused = Array.from({ length: 3 }, async () => {
    const request = requestTo('/t/nobody/fhir')
    addressing.route(request)
    await t.rejects(addressing.ask(request), Problem)
  })
  await Promise.all(refused)
  t.equal(asked, 1)
})

t.test('requests arrive with their tenant; nothing of others is answered', async (t) => {
  const rest = fakeRest(ok)
  const server = serverWith(rest, { tenants: directory })
  const read = (url: string) => server.inject({ url, headers: { host: 'h.example' } })
  t.equal((await read('/t/north/fhir/Patient/p1')).statusCode, 200)
  t.match(rest.contexts[0], { tenant: 2, base: 'http://h.example/t/north/fhir' })
  t.match(rest.seen[0], { type: 'Patient', id: 'p1' })
  const [unknown, inactive] = await Promise.all([
    read('/t/nobody/fhir/metadata'),
    read('/t/closed/fhir/metadata'),
  ])
  t.equal(unknown.statusCode, 404)
  t.equal(unknown.body, inactive.body, 'the same for one that is not active')
  t.equal(rest.seen.length, 1)
})

t.test('where a tenant is that is not asked for', async (t) => {
  const base = 'https://f.example/a/fhir'
  const one = { number: 2, name: 'north', hosts: ['n.example'] }
  t.equal(baseUrlOf(base, 'path', { ...one, number: 1 }), base)
  t.equal(baseUrlOf(base, 'path', one), 'https://f.example/a/t/north/fhir')
  t.equal(baseUrlOf(base, 'host', one), 'https://n.example/a/fhir')
  t.equal(baseUrlOf(base, 'host', { ...one, hosts: [] }), 'https://f.example/a/t/north/fhir')
})
