/** Systems without a person: http://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { UnsecuredJWT } from 'jose'
import t from 'tap'
import { assertionClaims, assertionForm, type House, openHouse, type Signer, signer } from './harness.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const scope = 'system/Observation.rs system/Patient.r'

const backend = (keys: Record<string, unknown>, alg = 'ES384') => ({
  client_name: 'Registry',
  grant_types: ['client_credentials'],
  redirect_uris: [],
  response_types: [],
  token_endpoint_auth_method: 'private_key_jwt',
  token_endpoint_auth_signing_alg: alg,
  scope,
  ...keys,
})

const ask = async (house: House, key: Signer, more: Record<string, unknown> = {}, wanted = scope) =>
  house.post('/auth/token', assertionForm(await key.sign(assertionClaims(house, 'registry', more)), wanted))

for (const alg of ['ES384', 'RS384']) {
  t.test(`a signed assertion (${alg}) gives a token for what is registered`, async (t) => {
    const house = await openHouse(t)
    const key = await signer(alg)
    await house.client('registry', backend({ jwks: { keys: [key.jwk] } }, alg))
    const reply = await ask(house, key)
    t.match(reply, { status: 200, body: { token_type: 'Bearer', expires_in: 300, scope } })
    t.equal((await house.fhir(reply.body.access_token as string)).status, 200)
    t.match(house.who(), { kind: 'system', id: 'registry', display: 'Registry', roles: ['external-system'] })
    t.equal(reply.body.refresh_token, undefined)
  })
}

t.test('assertions that are refused', async (t) => {
  const house = await openHouse(t)
  const key = await signer()
  await house.client('registry', backend({ jwks: { keys: [key.jwk] } }))
  const now = Math.floor(Date.now() / 1000)
  const refused = { status: 401, body: { error: 'invalid_client' } }

  const assertion = await key.sign(assertionClaims(house, 'registry'))
  t.match(await house.post('/auth/token', assertionForm(assertion, scope)), { status: 200 })
  t.match(await house.post('/auth/token', assertionForm(assertion, scope)), refused, 'replayed')
  const twice = await key.sign(assertionClaims(house, 'registry'))
  const both = await Promise.all([1, 2, 3].map(() => house.post('/auth/token', assertionForm(twice, scope))))
  t.equal(both.filter(({ status }) => status === 200).length, 1, 'replayed at the same time')

  t.match(await ask(house, key, { exp: now - 60 }), refused, 'expired')
  t.match(await ask(house, key, { aud: 'https://elsewhere.example/token' }), refused, 'for another server')
  t.match(await ask(house, key, { iss: 'other' }), refused, 'iss is not sub')
  t.match(await ask(house, key, { jti: undefined }), refused, 'without jti')
  t.match(await ask(house, await signer('ES384', 'unknown')), refused, 'unknown kid')
  t.match(await ask(house, await signer('ES384', 'key-1')), refused, 'another key under the same kid')
  const unsigned = new UnsecuredJWT(assertionClaims(house, 'registry')).encode()
  t.match(await house.post('/auth/token', assertionForm(unsigned, scope)), refused, 'alg none')
  t.match(
    await house.post('/auth/token', { grant_type: 'client_credentials', client_id: 'registry', scope }),
    refused,
    'no assertion',
  )
})

t.test('scopes that are refused', async (t) => {
  const house = await openHouse(t)
  const key = await signer()
  await house.client('registry', {
    ...backend({ jwks: { keys: [key.jwk] } }),
    scope: `${scope} patient/*.rs`,
  })
  const refused = { status: 400, body: { error: 'invalid_scope' } }
  t.match(await ask(house, key, {}, 'system/Condition.rs'), refused, 'not registered')
  t.match(await ask(house, key, {}, 'system/Observation.cruds'), refused, 'more than registered')
  t.match(await ask(house, key, {}, 'patient/*.rs'), refused, 'of a patient')
  t.match(await ask(house, key, {}, 'nonsense'), refused, 'unknown')
  t.match(
    await ask(house, key, {}, 'system/Observation.rs?category=laboratory'),
    { status: 200, body: { scope: 'system/Observation.rs?category=laboratory' } },
    'narrower than registered',
  )
})

t.test('keys are fetched from where the client keeps them', async (t) => {
  const house = await openHouse(t)
  const key = await signer()
  let asked = 0
  const server = createServer((request, response) => {
    asked++
    if (request.url === '/moved') response.writeHead(302, { location: '/keys' }).end()
    else if (request.url === '/large') response.end(`{"keys":[],"x":"${'x'.repeat(400_000)}"}`)
    else response.setHeader('content-type', 'application/json').end(JSON.stringify({ keys: [key.jwk] }))
  })
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', () => done()))
  t.teardown(() => server.close())
  const at = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const use = (uri: string) => house.client('registry', backend({ jwks_uri: uri }))

  await use(`${at}/keys`)
  t.match(await ask(house, key), { status: 200 })
  await use(`${at}/moved`)
  t.equal((await ask(house, key)).status >= 400, true, 'redirects are not followed')
  await use(`${at}/large`)
  t.equal((await ask(house, key)).status >= 400, true, 'a large answer is not read')
  const before = asked
  await use('http://192.0.2.1/keys')
  t.equal((await ask(house, key)).status >= 400, true, 'not without https')
  t.equal(asked, before)
})

t.test('a secret that both know', async (t) => {
  const house = await openHouse(t)
  const secret = 'a-long-secret-that-both-know'
  const metadata = { ...backend({}), token_endpoint_auth_method: 'client_secret_basic' }
  await house.client('hub', { ...metadata, token_endpoint_auth_signing_alg: undefined }, secret)
  const basic = (text: string) => ({
    authorization: `Basic ${Buffer.from(`hub:${text}`).toString('base64')}`,
  })
  const form = { grant_type: 'client_credentials', scope }
  t.match(await house.post('/auth/token', form, basic(secret)), { status: 200 })
  t.match(await house.post('/auth/token', form, basic('wrong')), { status: 401 })
  const { createHash } = await import('node:crypto')
  const hash = createHash('sha256').update(secret).digest('base64url')
  t.match(await house.post('/auth/token', form, basic(hash)), { status: 401 }, 'the hash is not the secret')
})
