import t from 'tap'
import { createOidcClients, createOidcItems, hashSecret } from '../../../src/store/index.ts'
import { type Browser, enrol, type Opened, openPeople } from '../../support/people.ts'

// Passwords are slow on purpose: on a busy machine they add up.
t.setTimeout(120_000)

const administrator = async (opened: Opened, roles = ['hospital-administrator']): Promise<Browser> => {
  await opened.account('admin@example.org', roles)
  const browser = opened.browser()
  await enrol(opened, browser, 'admin@example.org')
  await browser.get('/auth/clients')
  return browser
}

const app = {
  kind: 'secret',
  name: 'Growth chart',
  scope: 'openid fhirUser launch/patient patient/Observation.rs',
  redirects: 'https://app.example/callback\nhttp://localhost:3000/',
}

const system = {
  kind: 'system',
  name: 'Registry',
  scope: 'system/Observation.rs',
  keys: '{"keys":[{"kty":"EC","crv":"P-384","x":"x","y":"y"}]}',
  role: 'external-system',
}

const codesIn = (text: string): string[] =>
  [...text.matchAll(/<code>([^<]+)<\/code>/g)].map(([, one]) => one!)

t.test('an administrator registers an application, changes, renews and ends it', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const clients = createOidcClients(opened.database)
  const items = createOidcItems(opened.database)
  const made = await admin.post('/auth/clients/register', app)
  t.equal(made.status, 200, made.text)
  t.equal(made.headers.get('cache-control'), 'no-store')
  const [id = '', secret = ''] = codesIn(made.text)
  const stored = await clients.find(1, id)
  t.match(stored, {
    secretHash: hashSecret(secret),
    active: true,
    metadata: {
      client_name: 'Growth chart',
      token_endpoint_auth_method: 'client_secret_basic',
      redirect_uris: ['https://app.example/callback', 'http://localhost:3000/'],
      grant_types: ['authorization_code', 'refresh_token'],
    },
  })
  t.match((await admin.get('/auth/clients')).text, 'Growth chart')
  const page = await admin.get(`/auth/clients/${id}`)
  t.match(page.text, 'http://localhost:3000/')
  t.notMatch(page.text, secret, 'shown once')

  const token = () => items.put(1, 'AccessToken', 'token', { clientId: id, grantId: 'g', exp: 9e9 }, 60)
  await token()
  const path = `/auth/clients/${id}`
  t.equal(
    (await admin.post(`${path}/change`, { ...app, scope: 'launch/patient patient/Patient.r' })).status,
    303,
  )
  t.match((await clients.find(1, id))?.metadata, { scope: 'launch/patient patient/Patient.r' })
  t.equal(await items.token(1, 'token'), undefined, 'its tokens end')

  const renewed = codesIn((await admin.post(`${path}/secret`, {})).text)
  t.equal(renewed[0], id)
  t.equal((await clients.find(1, id))?.secretHash, hashSecret(renewed[1] ?? ''))
  t.not(renewed[1], secret)

  await token()
  t.equal((await admin.post(`${path}/deactivate`, {})).status, 303)
  t.equal((await clients.find(1, id))?.active, false)
  t.equal(await items.token(1, 'token'), undefined)
  t.equal((await admin.post(`${path}/activate`, {})).status, 303)
  t.equal((await clients.find(1, id))?.active, true)
  t.same(
    opened.events.filter(({ client }) => client === id).map(({ kind }) => kind),
    [
      'client-registered',
      'client-changed',
      'client-secret-renewed',
      'client-deactivated',
      'client-activated',
    ],
  )
})

t.test('a system has keys and a role, and no address to return to', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const made = await admin.post('/auth/clients/register', system)
  t.equal(made.status, 200)
  const [id = '', ...more] = codesIn(made.text)
  t.same(more, [], 'nothing secret')
  t.match((await createOidcClients(opened.database).find(1, id))?.metadata, {
    grant_types: ['client_credentials'],
    redirect_uris: [],
    roles: ['external-system'],
    jwks: { keys: [{ kty: 'EC' }] },
  })
  t.equal((await admin.post(`/auth/clients/${id}/secret`, {})).status, 404)
})

t.test('what cannot be registered', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const refused = async (fields: Record<string, string>, text: RegExp) => {
    const said = await admin.post('/auth/clients/register', fields)
    t.equal(said.status, 422, JSON.stringify(fields))
    t.match(said.text, text)
  }
  await refused({ ...app, name: ' ' }, /Enter a name/)
  for (const scope of ['', 'patient/Nothing.rs', 'openid system/*.rs', 'admin'])
    await refused({ ...app, scope }, /Enter scopes that there are/)
  await refused({ ...system, scope: 'patient/*.rs' }, /Enter scopes that there are/)
  for (const redirects of [
    '',
    'http://app.example/',
    'https://app.example/#x',
    'https://*.example/',
    'javascript:alert(1)',
    'data:text/html,x',
    'https://app.example/ nonsense',
  ])
    await refused({ ...app, redirects }, /Enter at least one address/)
  for (const keys of [
    '',
    '{}',
    '{"keys":[]}',
    '{"keys":[{"kty":"EC","d":"private"}]}',
    '{"keys":[{"kty":"oct","k":"x"}]}',
  ])
    await refused({ ...system, keys }, /JWKS with public keys only/)
  await refused({ ...system, keys: '', keysUrl: 'http://app.example/jwks' }, /JWKS with public keys only/)
  await refused({ ...system, role: 'doctor' }, /Choose at least one role/)
  t.equal((await admin.post('/auth/clients/register', { ...app, kind: 'other' })).status, 422)
  t.same(await createOidcClients(opened.database).list(1, '', 10), [])
  t.equal((await admin.get('/auth/clients/nothing')).status, 404)
  t.equal((await admin.post('/auth/clients/nothing/deactivate', {})).status, 404)
  t.equal((await admin.post('/auth/clients/nothing/change', app)).status, 404)
})

t.test('nobody else sees or does it', async (t) => {
  const opened = await openPeople(t)
  t.match(await opened.browser().get('/auth/clients'), { status: 303, location: /sign-in/ })
  const doctor = await administrator(opened, ['doctor'])
  for (const path of ['clients', 'clients/register', 'clients/x'])
    t.equal((await doctor.get(`/auth/${path}`)).status, 403, path)
  await doctor.get('/auth/account')
  t.equal((await doctor.post('/auth/clients/register', app)).status, 403)
  t.same(await createOidcClients(opened.database).list(1, '', 10), [])
})
