/** What a person sees of applications, what discovery tells, and what pages may ask from elsewhere. */
import t from 'tap'
import { formToken } from '../../src/auth/pages/form-token.ts'
import { authorize, authorizeUrl, openHouse, person, publicApp, verifier, walk } from './harness.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const scope = 'openid launch/patient patient/Observation.rs?category=laboratory patient/*.read'

const pkce = () => ({ code_challenge: verifier().challenge, code_challenge_method: 'S256' })

t.test('a person sees the applications and takes a permission away', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const cookie = 'lamplight-session-1=the-cookie'
  const page = async () => (await fetch(`${house.origin}/auth/apps`, { headers: { cookie } })).text()
  t.match(await page(), /No application may use your data/)
  const { tokens } = await authorize(house, 'app', scope)
  const text = await page()
  t.match(text, /<h2>Growth chart<\/h2>/)
  t.match(text, /Measurements and results of this patient: read, search \(only where category = laboratory\)/)
  const grant = /name="grant" value="([^"]+)"/.exec(text)![1]!
  const form = { grant, form: formToken('the-cookie') }

  t.equal((await house.post('/auth/apps', { grant, form: 'made up' }, { cookie })).status, 200)
  t.equal((await house.fhir(tokens.access_token)).status, 200, 'not by a form from elsewhere')
  const owner = house.person!
  house.person = person()
  await house.post('/auth/apps', form, { cookie })
  t.equal((await house.fhir(tokens.access_token)).status, 200, 'not by another person')
  house.person = owner
  await house.post('/auth/apps', form, { cookie })
  t.equal((await house.fhir(tokens.access_token)).status, 401)
  t.match(await page(), /No application may use your data/)
  t.match(house.events.at(-1), { kind: 'revoked', client: 'app' })
})

t.test('nobody signed in is sent to sign in, and comes back', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  const apps = await fetch(`${house.origin}/auth/apps`, { redirect: 'manual' })
  t.equal(apps.status, 303)
  t.equal(apps.headers.get('location'), '/auth/sign-in?next=%2Fauth%2Fapps')
  const query = await walk(house, authorizeUrl(house, 'app', scope, pkce()))
  t.equal(query.get('error'), 'page', 'the page to sign in is not part of this')
  const silent = await walk(house, authorizeUrl(house, 'app', scope, { ...pkce(), prompt: 'none' }))
  t.equal(silent.get('error'), 'login_required')
})

t.test('a launch is for the person who opened it', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp('launch patient/*.rs'))
  const { createLaunches } = await import('../../src/auth/launch.ts')
  house.person = person()
  const launch = await createLaunches(house.items).open(1, { patient: 'p1', account: person().id })
  const query = await walk(house, authorizeUrl(house, 'app', 'launch patient/*.rs', { ...pkce(), launch }))
  t.match(query.get('text'), /another person/)
})

t.test('the pages have a strict policy and another language', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person({ language: 'de' })
  const answer = await fetch(`${house.origin}/auth/apps`)
  t.match(answer.headers.get('content-security-policy'), /default-src 'none'; style-src 'self'/)
  t.match(answer.headers.get('cache-control'), 'no-store')
  t.match(await answer.text(), /<html lang="de">[\s\S]*Keine Anwendung darf Ihre Daten verwenden/)
})

t.test('discovery', async (t) => {
  const house = await openHouse(t)
  const read = async (path: string) => {
    const response = await fetch(house.origin + path)
    return { headers: response.headers, body: (await response.json()) as Record<string, unknown> }
  }
  const smart = await read('/fhir/.well-known/smart-configuration')
  t.equal(smart.headers.get('access-control-allow-origin'), '*')
  t.match(smart.headers.get('content-type'), /^application\/json/)
  t.match(smart.body, {
    issuer: `${house.origin}/auth`,
    authorization_endpoint: `${house.origin}/auth/authorize`,
    token_endpoint: `${house.origin}/auth/token`,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['authorization_code', 'refresh_token', 'client_credentials'],
  })
  for (const path of [
    '/auth/.well-known/openid-configuration',
    '/.well-known/openid-configuration/auth',
    '/.well-known/oauth-authorization-server/auth',
  ]) {
    const { body } = await read(path)
    t.equal(body.issuer, smart.body.issuer, path)
    for (const name of ['authorization', 'token', 'introspection', 'revocation', 'registration', 'userinfo'])
      t.equal(body[`${name}_endpoint`], smart.body[`${name}_endpoint`], `${path} ${name}`)
    t.equal(body.jwks_uri, smart.body.jwks_uri)
  }
})

t.test('a page of the application may call the token endpoint, others may not read the answer', async (t) => {
  const house = await openHouse(t)
  await house.client('app', { ...publicApp(scope), redirect_uris: ['http://127.0.0.1:1/callback'] })
  const form = {
    grant_type: 'authorization_code',
    client_id: 'app',
    code: 'x',
    redirect_uri: 'http://127.0.0.1:1/callback',
    code_verifier: 'x'.repeat(43),
  }
  const own = await house.post('/auth/token', form, { origin: 'http://127.0.0.1:1' })
  t.equal(own.headers.get('access-control-allow-origin'), 'http://127.0.0.1:1')
  const other = await house.post('/auth/token', form, { origin: 'https://evil.example' })
  t.equal(other.headers.get('access-control-allow-origin'), null)
})
