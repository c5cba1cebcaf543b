/** The life of tokens: refreshed, revoked, asked about, ended with what they belong to. */
import t from 'tap'
import { authorize, type House, openHouse, person, publicApp } from './harness.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const scope = 'openid launch/patient offline_access patient/Observation.rs patient/Patient.r'

const opened = async (t: Parameters<typeof openHouse>[0], settings = {}, wanted = scope) => {
  const house = await openHouse(t, settings)
  await house.client('app', publicApp(wanted))
  house.person = person()
  const { tokens } = await authorize(house, 'app', wanted)
  return { house, tokens }
}

const refresh = (house: House, token: string | undefined, more: Record<string, string> = {}) =>
  house.post('/auth/token', {
    grant_type: 'refresh_token',
    refresh_token: token ?? '',
    client_id: 'app',
    ...more,
  })

t.test('a refreshed token says the same, and each refresh token is for one use', async (t) => {
  const { house, tokens } = await opened(t)
  const second = await refresh(house, tokens.refresh_token)
  t.match(second, { status: 200, body: { patient: 'p1' } })
  t.strictSame(String(second.body.scope).split(' ').sort(), scope.split(' ').sort())
  t.not(second.body.refresh_token, tokens.refresh_token)
  t.equal((await house.fhir(second.body.access_token as string)).status, 200)

  t.match(await refresh(house, tokens.refresh_token), { status: 400, body: { error: 'invalid_grant' } })
  t.match(await refresh(house, second.body.refresh_token as string), { status: 400 }, 'the family ends')
  t.equal((await house.fhir(second.body.access_token as string)).status, 401)
  t.equal((await house.fhir(tokens.access_token)).status, 401)
})

t.test('a refresh may ask for less and not for more', async (t) => {
  const { house, tokens } = await opened(t)
  t.match(await refresh(house, tokens.refresh_token, { scope: 'patient/Condition.rs' }), {
    status: 400,
    body: { error: 'invalid_scope' },
  })
  const less = await refresh(house, tokens.refresh_token, { scope: 'patient/Patient.r' })
  t.match(less, { status: 200, body: { scope: 'patient/Patient.r' } })
})

t.test('the server keeps no token, only hashes', async (t) => {
  const { house, tokens } = await opened(t)
  const rows = await house.database.run<{ all: string }>({
    name: 'test_all',
    tenant: 1,
    text: 'select string_agg(i::text, chr(10)) as all from oidc_item i where tenant = $1',
    values: [1],
  })
  t.notOk(rows[0]!.all.includes(tokens.access_token))
  t.notOk(rows[0]!.all.includes(tokens.refresh_token!))
})

for (const kind of ['opaque', 'jwt'] as const) {
  t.test(`${kind} tokens end at once with the authorization, the account and the client`, async (t) => {
    const { house, tokens } = await opened(t, { tokens: kind })
    t.equal(tokens.access_token.split('.').length, kind === 'jwt' ? 3 : 1)
    t.equal((await house.fhir(tokens.access_token)).status, 200)
    t.match(house.who(), { patient: 'p1', client: 'app' })
    await house.auth.endTokens(1, house.person!.id)
    await told()
    t.equal((await house.fhir(tokens.access_token)).status, 401)
    t.equal((await refresh(house, tokens.refresh_token)).status, 400)

    const next = await authorize(house, 'app', scope)
    t.equal((await house.fhir(next.tokens.access_token)).status, 200)
    house.person = person({ id: house.person!.id, active: false })
    house.auth.again()
    t.equal((await house.fhir(next.tokens.access_token)).status, 401, 'of an account that is not active')
  })
}

/** Notices come by another connection. */
const told = () => new Promise((done) => setTimeout(done, 100))

t.test('signing off ends what was given for the session only', async (t) => {
  const both = `${scope} online_access`
  const house = await openHouse(t)
  await house.client('app', publicApp(both))
  await house.client('online', publicApp(both.replace('offline_access ', '')))
  house.person = person()
  const offline = await authorize(house, 'app', scope)
  const online = await authorize(house, 'online', both.replace('offline_access ', ''))
  t.type(online.tokens.refresh_token, 'string')
  await house.items.signOff(1, house.person!.id)
  await told()
  t.equal((await house.fhir(offline.tokens.access_token)).status, 200)
  t.equal((await house.fhir(online.tokens.access_token)).status, 401)
  t.equal((await refresh(house, online.tokens.refresh_token, { client_id: 'online' })).status, 400)
  t.equal((await refresh(house, offline.tokens.refresh_token)).status, 200)
})

t.test('what has expired is swept away, and opens nothing before', async (t) => {
  const house = await openHouse(t)
  await house.items.put(
    1,
    'ClientCredentials',
    'old',
    { clientId: 'app', scope: 'system/*.rs', exp: 1 },
    -7200,
  )
  t.equal((await house.fhir('old')).status, 401)
  const count = async () =>
    (
      await house.database.run({
        name: 'test_n',
        tenant: 1,
        text: 'select id from oidc_item where tenant = $1',
        values: [1],
      })
    ).length
  t.equal(await count(), 1)
  await house.items.sweep()
  t.equal(await count(), 0)
})

for (const kind of ['opaque', 'jwt'] as const) {
  t.test(`a client revokes its ${kind} token`, async (t) => {
    const { house, tokens } = await opened(t, { tokens: kind })
    await house.client('other', publicApp(scope))
    t.equal((await house.fhir(tokens.access_token)).status, 200)
    await house.post('/auth/revoke', { token: tokens.access_token, client_id: 'other' })
    t.equal((await house.fhir(tokens.access_token)).status, 200, 'not somebody else')
    t.match(await house.post('/auth/revoke', { token: tokens.access_token, client_id: 'app' }), {
      status: 200,
      text: '',
    })
    await told()
    t.equal((await house.fhir(tokens.access_token)).status, 401)
    t.equal(
      (await house.post('/auth/revoke', { token: tokens.refresh_token!, client_id: 'app' })).status,
      200,
    )
    t.equal((await refresh(house, tokens.refresh_token)).status, 400)
    const ended = house.events.filter(({ kind }) => /^revocation|revoked/.test(kind))
    t.match(ended, [
      { kind: 'revocation-refused', client: 'other', owner: 'app', address: '127.0.0.1' },
      { kind: 'token-revoked', client: 'app', account: house.person!.id, address: '127.0.0.1' },
    ])
    t.equal(ended.length, 2, 'what had ended with the other one was not there any more')
  })

  t.test(`a system revokes its ${kind} token, and it is told so`, async (t) => {
    const house = await openHouse(t, { tokens: kind })
    const secret = 'the-secret-of-the-registry'
    const metadata = { grant_types: ['client_credentials'], redirect_uris: [], response_types: [] }
    const auth = { token_endpoint_auth_method: 'client_secret_basic', scope: 'system/*.rs' }
    await house.client('registry', { ...metadata, ...auth }, secret)
    const as = { authorization: `Basic ${Buffer.from(`registry:${secret}`).toString('base64')}` }
    const form = { grant_type: 'client_credentials', scope: 'system/Patient.rs' }
    const token = (await house.post('/auth/token', form, as)).body.access_token as string
    t.equal((await house.fhir(token)).status, 200)
    t.match((await house.post('/auth/introspect', { token }, as)).body, {
      active: true,
      client_id: 'registry',
      scope: 'system/Patient.rs',
    })
    t.equal((await house.post('/auth/revoke', { token }, as)).status, 200)
    await told()
    t.equal((await house.fhir(token)).status, 401)
    t.strictSame((await house.post('/auth/introspect', { token }, as)).body, { active: false })
    t.match(
      house.events.map(({ kind, client }) => ({ kind, client })),
      [
        { kind: 'token-given', client: 'registry' },
        { kind: 'token-revoked', client: 'registry' },
      ],
    )
  })

  t.test(`introspection tells about ${kind} tokens to who may know`, async (t) => {
    const wanted = `${scope} fhirUser`
    const { house, tokens } = await opened(t, { tokens: kind }, wanted)
    const secret = 'the-secret-of-the-resource-server'
    const metadata = {
      ...publicApp('system/*.rs'),
      token_endpoint_auth_method: 'client_secret_basic',
      may_introspect: true,
    }
    await house.client('gateway', metadata, secret)
    await house.client('curious', { ...metadata, may_introspect: false }, secret)
    const as = (id: string) => ({
      authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`,
    })
    const ask = (id: string, token = tokens.access_token) => house.post('/auth/introspect', { token }, as(id))
    const told = await ask('gateway')
    t.match(told, {
      status: 200,
      body: {
        active: true,
        client_id: 'app',
        patient: 'p1',
        sub: house.person!.id,
        token_type: 'Bearer',
        iss: `${house.origin}/auth`,
        aud: house.base,
        exp: Number,
        fhirUser: `${house.base}/Patient/p1`,
      },
    })
    t.strictSame(
      String(told.body.scope).split(' ').sort(),
      tokens.scope.split(' ').sort(),
      'as the app was told',
    )
    t.strictSame((await ask('curious')).body, { active: false })
    t.strictSame((await ask('gateway', 'nonsense')).body, { active: false })
    t.strictSame((await ask('gateway', 'eyJhbGciOiJub25lIn0.e30.')).body, { active: false })
    t.equal((await house.post('/auth/introspect', { token: tokens.access_token })).status, 400)
    t.match(
      house.events.filter(({ kind }) => kind === 'introspection-refused'),
      [{ client: 'curious', owner: 'app', error: 'access_denied' }, { error: 'invalid_request' }],
    )
    await house.auth.endTokens(1, house.person!.id)
    t.strictSame((await ask('gateway')).body, { active: false }, 'of an authorization that has ended')
  })
}

t.test('what is no token', async (t) => {
  const house = await openHouse(t)
  const none = await house.fhir(undefined)
  t.match(none, { status: 401, body: { resourceType: 'OperationOutcome', issue: [{ code: 'login' }] } })
  t.equal(none.headers.get('www-authenticate'), 'Bearer')
  const wrong = await house.fhir('nonsense')
  t.equal(wrong.status, 401)
  t.equal(wrong.headers.get('www-authenticate'), 'Bearer error="invalid_token"')
  t.equal((await house.fhir('a.b.c')).status, 401)
  const basic = await fetch(`${house.base}/Patient/p1`, { headers: { authorization: 'Basic YTpi' } })
  t.equal(basic.status, 401)
  t.equal((await fetch(`${house.base}/metadata`)).status, 200, 'what the server can do is for all')
})

t.test('what cannot be put on record is not done', async (t) => {
  const { house, tokens } = await opened(t)
  house.isRecordFull = true
  t.match(await refresh(house, tokens.refresh_token), {
    status: 503,
    body: { error: 'temporarily_unavailable', access_token: undefined },
  })
  t.match(await house.post('/auth/revoke', { token: 'x', client_id: 'app' }), { status: 200 }, 'nothing was')
})

t.test('refusals are on record', async (t) => {
  const { house } = await opened(t)
  await house.post('/auth/token', { grant_type: 'client_credentials', client_id: 'nobody' })
  await house.post('/auth/register', {})
  await fetch(`${house.origin}/auth/userinfo`, { headers: { authorization: 'Bearer nonsense' } })
  await fetch(`${house.origin}/auth/authorize?client_id=nobody&response_type=code`)
  await authorize(house, 'app', scope, {}, { deny: true }).catch(() => {})
  const told = house.events.filter(({ error }) => error !== undefined)
  t.strictSame(
    told.map(({ kind, error }) => [kind, error]),
    [
      ['token-refused', 'invalid_client'],
      ['registration-refused', 'invalid_request'],
      ['userinfo-refused', 'invalid_token'],
      ['authorization-refused', 'invalid_client'],
      ['declined', 'access_denied'],
    ],
  )
  t.match(told.at(-1), { client: 'app', account: house.person!.id })
})

t.test('applications register themselves with a token for that', async (t) => {
  const house = await openHouse(t)
  const { registrationToken } = await import('../../src/auth/console.ts')
  const { createOidcClients } = await import('../../src/store/index.ts')
  const token = await registrationToken(
    { items: house.items, clients: createOidcClients(house.database) },
    1,
    600,
  )
  const register = async (body: object, bearer?: string) => {
    const response = await fetch(`${house.origin}/auth/register`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
      },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: (await response.json()) as Record<string, unknown> }
  }
  t.equal((await register(publicApp(scope))).status, 401, 'without a token')
  t.equal((await register(publicApp(scope), 'nonsense')).status, 401)
  const made = await register({ ...publicApp(scope), trusted: true }, token)
  t.match(
    made,
    { status: 201, body: { scope, token_endpoint_auth_method: 'none' } },
    JSON.stringify(made.body),
  )
  t.equal(made.body.trusted, undefined, 'nobody makes itself trusted')
  t.match(await register({ ...publicApp('patient/Nothing.rs') }, token), { status: 400 })
  house.person = person()
  const { reply } = await authorize(house, made.body.client_id as string, scope)
  t.equal(reply.status, 200, reply.text)

  const secret = await register(
    { ...publicApp(scope), token_endpoint_auth_method: 'client_secret_post' },
    token,
  )
  t.type(secret.body.client_secret, 'string')
  const form = { client_id: String(secret.body.client_id), token: 'x' }
  t.equal((await house.post('/auth/revoke', form)).status, 401)
  const known = { ...form, client_secret: String(secret.body.client_secret) }
  t.equal((await house.post('/auth/revoke', known)).status, 200)
})
