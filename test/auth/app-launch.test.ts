/** SMART App Launch with a real HTTP client: http://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
import { createLocalJWKSet, jwtVerify } from 'jose'
import t from 'tap'
import { authorize, authorizeUrl, openHouse, person, publicApp, redirect, verifier, walk } from './harness.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const scope = 'openid fhirUser launch/patient offline_access patient/Observation.rs patient/Patient.r'

t.test('a standalone launch ends with a token for the own patient', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const { tokens, reply } = await authorize(house, 'app', scope)
  t.equal(reply.status, 200, reply.text)
  t.match(tokens, { token_type: 'Bearer', patient: 'p1', expires_in: 3600 })
  t.strictSame(tokens.scope.split(' ').sort(), scope.split(' ').sort())
  t.equal(reply.headers.get('cache-control'), 'no-store')
  const keys = (await (await fetch(`${house.origin}/auth/jwks`)).json()) as Parameters<
    typeof createLocalJWKSet
  >[0]
  const { payload } = await jwtVerify(tokens.id_token!, createLocalJWKSet(keys), { audience: 'app' })
  t.equal(payload.fhirUser, `${house.base}/Patient/p1`)
  t.equal(payload.iss, `${house.origin}/auth`)
  t.equal((await house.fhir(tokens.access_token)).status, 200)
  t.match(house.who(), {
    kind: 'person',
    client: 'app',
    patient: 'p1',
    fhirUser: 'Patient/p1',
    scopes: [{ type: 'Observation' }, { type: 'Patient' }],
  })
  t.match(house.events, [{ kind: 'agreed', client: 'app', patient: 'p1' }])
})

t.test('an app may send its request by POST', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const { challenge } = verifier()
  const url = authorizeUrl(house, 'app', scope, { code_challenge: challenge, code_challenge_method: 'S256' })
  const [path = '', form = ''] = url.split('?')
  const post = (body: string, type: string) =>
    fetch(house.origin + path, {
      method: 'POST',
      body,
      headers: { 'content-type': type },
      redirect: 'manual',
    })
  const sent = await post(form, 'application/x-www-form-urlencoded')
  t.equal(sent.status, 303)
  const query = await walk(house, sent.headers.get('location') ?? '')
  t.match(query.get('code'), /^.+$/)
  t.equal(query.get('state'), 'state-1')
  t.equal((await post('{}', 'application/json')).status, 415)
})

t.test('what the person takes away is not given', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const { tokens } = await authorize(
    house,
    'app',
    scope,
    {},
    { scopes: ['launch/patient', 'patient/Patient.r'] },
  )
  t.strictSame(tokens.scope.split(' ').sort(), ['launch/patient', 'openid', 'patient/Patient.r'])
  t.equal(tokens.refresh_token, undefined)
})

t.test('staff choose a patient and a visit; whom they may not see is not to be had', async (t) => {
  const house = await openHouse(t)
  const wanted = 'launch/patient launch/encounter patient/*.rs'
  await house.client('app', publicApp(wanted))
  house.person = person({ roles: ['doctor'], links: ['Practitioner/d1'], fhirUser: 'Practitioner/d1' })
  const { tokens } = await authorize(house, 'app', wanted, {}, { pick: 'Ada' })
  t.match(tokens, { patient: 'p1', encounter: 'e1' })
  t.match(await house.fhir(tokens.access_token), { status: 200 })
  t.match(house.who(), { patient: 'p1', encounter: 'e1' })
})

t.test('an EHR launch hands its context over, once', async (t) => {
  const house = await openHouse(t)
  const wanted = 'launch openid fhirUser patient/Observation.rs'
  await house.client('app', publicApp(wanted))
  await house.client('ehr', publicApp('user/*.cruds'))
  house.person = person({ roles: ['doctor'], links: ['Practitioner/d1'], fhirUser: 'Practitioner/d1' })
  const ehr = await authorize(house, 'ehr', 'user/*.cruds')
  const context = {
    patient: 'p2',
    encounter: 'e9',
    fhirContext: [{ reference: 'ImagingStudy/i1' }],
    need_patient_banner: false,
    smart_style_url: 'https://example.org/style.json',
    intent: 'reconcile-medications',
  }
  const opened = await fetch(`${house.origin}/auth/launch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ehr.tokens.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify(context),
  })
  t.equal(opened.status, 201)
  const { launch } = (await opened.json()) as { launch: string }
  const { tokens } = await authorize(house, 'app', wanted, { launch })
  t.match(tokens, context)
  const again = await walk(house, authorizeUrl(house, 'app', wanted, { launch, ...pkce() }))
  t.equal(again.get('error'), 'invalid_request')
  const without = await walk(house, authorizeUrl(house, 'app', wanted, pkce()))
  t.equal(without.get('error'), 'invalid_request')
  const bad = await fetch(`${house.origin}/auth/launch`, {
    method: 'POST',
    headers: { authorization: `Bearer ${ehr.tokens.access_token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ patient: 'p 2' }),
  })
  t.equal(bad.status, 400)
  t.equal((await fetch(`${house.origin}/auth/launch`, { method: 'POST', body: '{}' })).status, 401)
})

const pkce = () => ({ code_challenge: verifier().challenge, code_challenge_method: 'S256' })

t.test('requests that are refused', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const error = async (asked: string, more: Record<string, string>) =>
    (await walk(house, authorizeUrl(house, 'app', asked, { ...pkce(), ...more }))).get('error')
  t.equal(await error(scope, { aud: 'https://elsewhere.example/fhir' }), 'invalid_request', 'wrong aud')
  t.equal(await error('patient/Condition.rs', {}), 'invalid_scope', 'not registered')
  t.equal(await error('patient/Nothing.rs', {}), 'invalid_scope', 'unknown')
  t.equal(await error('patient/Observation.cruds', {}), 'invalid_scope', 'more than registered')
  t.equal(await error('system/*.rs', {}), 'invalid_scope', 'for systems')
  t.equal(await error(scope, { code_challenge_method: 'plain' }), 'invalid_request', 'plain')
  const none = await walk(house, authorizeUrl(house, 'app', scope))
  t.equal(none.get('error'), 'invalid_request', 'no PKCE')
  t.equal(none.get('state'), 'state-1')
  const { aud: _, ...rest } = { ...pkce(), aud: '' }
  t.equal(await error(scope, { ...rest, aud: '' }), 'invalid_request', 'without aud')
  t.equal(await error(scope, { response_type: 'token' }), 'unsupported_response_type', 'implicit')
  const elsewhere = await fetch(
    house.origin + authorizeUrl(house, 'app', scope, { ...pkce(), redirect_uri: 'https://evil.example/' }),
    { redirect: 'manual', headers: { accept: 'text/html' } },
  )
  t.equal(elsewhere.status, 400, 'a foreign redirect_uri is not gone to')
  t.match(elsewhere.headers.get('content-security-policy'), /default-src 'none'/)
  const denied = await walk(house, authorizeUrl(house, 'app', scope, pkce()), { deny: true })
  t.equal(denied.get('error'), 'access_denied')
})

t.test('codes are for one use, one app, one address and one verifier', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  await house.client('other', publicApp(scope))
  house.person = person()
  const first = await authorize(house, 'app', scope)
  const form = {
    grant_type: 'authorization_code',
    code: first.code,
    redirect_uri: redirect,
    client_id: 'app',
    code_verifier: first.verifier,
  }
  t.equal((await house.fhir(first.tokens.access_token)).status, 200)
  t.match(await house.post('/auth/token', form), { status: 400, body: { error: 'invalid_grant' } })
  t.equal(
    (await house.fhir(first.tokens.access_token)).status,
    401,
    'a code that is used again ends the tokens',
  )

  const pair = verifier()
  const challenge = { code_challenge: pair.challenge, code_challenge_method: 'S256' }
  const query = await walk(house, authorizeUrl(house, 'app', scope, challenge))
  const fresh = { ...form, code: query.get('code')!, code_verifier: pair.verifier }
  const refused = { status: 400, body: { error: 'invalid_grant' } }
  t.match(await house.post('/auth/token', { ...fresh, code_verifier: verifier().verifier }), refused)
  t.match(await house.post('/auth/token', { ...fresh, client_id: 'other' }), refused)
  t.match(await house.post('/auth/token', { ...fresh, redirect_uri: `${redirect}/x` }), refused)
  t.match(await house.post('/auth/token', fresh), { status: 200 })
})

t.test('of two who use a code at once only one gets tokens, and those end', async (t) => {
  const house = await openHouse(t)
  await house.client('app', publicApp(scope))
  house.person = person()
  const pair = verifier()
  const challenge = { code_challenge: pair.challenge, code_challenge_method: 'S256' }
  const query = await walk(house, authorizeUrl(house, 'app', scope, challenge))
  const form = {
    grant_type: 'authorization_code',
    code: query.get('code')!,
    redirect_uri: redirect,
    client_id: 'app',
    code_verifier: pair.verifier,
  }
  const replies = await Promise.all([1, 2, 3].map(() => house.post('/auth/token', form)))
  t.ok(replies.filter(({ status }) => status === 200).length <= 1)
})
