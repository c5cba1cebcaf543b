/** A system with a key of its own, written with the jose library: http://hl7.org/fhir/smart-app-launch/STU2.2/backend-services.html */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import t from 'tap'
import { startHouse } from './house.ts'

t.setTimeout(120_000)

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

for (const algorithm of ['RS384', 'ES384']) {
  t.test(`a backend service that signs with ${algorithm}`, { timeout: 110_000 }, async (t) => {
    const house = await startHouse(t)
    const patient = await house.create({ resourceType: 'Patient', active: true })
    const { publicKey, privateKey } = await generateKeyPair(algorithm, { extractable: true })
    const jwk = { ...(await exportJWK(publicKey)), kid: 'key-1', alg: algorithm, use: 'sig' }
    const { client_id: id } = await house.register({
      client_name: 'Registry',
      grant_types: ['client_credentials'],
      response_types: [],
      redirect_uris: [],
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: algorithm,
      jwks: { keys: [jwk] },
      scope: 'system/Patient.rs system/Observation.crus',
    })
    const discovered = await fetch(`${house.base}/.well-known/smart-configuration`)
    const { token_endpoint: endpoint } = (await discovered.json()) as { token_endpoint: string }
    const assertion = (claims: object = {}) =>
      new SignJWT({ iss: id, sub: id, aud: endpoint, jti: randomUUID(), ...claims })
        .setProtectedHeader({ alg: algorithm, kid: 'key-1', typ: 'JWT' })
        .setExpirationTime('4m')
        .sign(privateKey)
    const ask = async (scope: string, client_assertion: string) => {
      const form = {
        grant_type: 'client_credentials',
        client_assertion_type: assertionType,
        scope,
        client_assertion,
      }
      const response = await fetch(endpoint, { method: 'POST', body: new URLSearchParams(form) })
      return { status: response.status, body: (await response.json()) as Record<string, string> }
    }

    const given = await ask('system/Patient.rs', await assertion())
    t.match(given, { status: 200, body: { token_type: /^bearer$/i, scope: 'system/Patient.rs' } })
    t.ok(Number(given.body.expires_in) <= 300, 'it ends within five minutes')
    const token = given.body.access_token!
    t.equal((await house.fhir('GET', `Patient/${patient.id}`, { token })).status, 200)
    t.match(await house.fhir('GET', 'Patient', { token }), { status: 200, body: { type: 'searchset' } })
    for (const [method, path, body] of [
      ['GET', 'Observation', undefined],
      ['POST', 'Patient', { resourceType: 'Patient', active: true }],
      ['PUT', `Patient/${patient.id}`, { resourceType: 'Patient', id: patient.id }],
      ['DELETE', `Patient/${patient.id}`, undefined],
    ] as const) {
      const { status } = await house.fhir(method, path, { token, ...(body ? { body } : {}) })
      t.equal(status, 403, `${method} ${path} is not in its scope`)
    }
    t.match(
      await house.fhir('GET', `Patient/${patient.id}`, { token }),
      { status: 200, body: { active: true, meta: { versionId: '1' } } },
      'nothing was changed',
    )

    const once = await assertion()
    t.equal((await ask('system/Patient.r', once)).status, 200)
    const refused = { status: 401, body: { error: 'invalid_client' } }
    t.match(await ask('system/Patient.r', once), refused, 'an assertion works once')
    t.match(await ask('system/Patient.r', await assertion({ aud: 'https://other.example/token' })), refused)
    t.match(await ask('system/Patient.r', await assertion({ sub: 'other' })), refused)
    const wrongScope = { status: 400, body: { error: 'invalid_scope' } }
    t.match(await ask('system/Patient.cruds', await assertion()), wrongScope, 'more than registered')
    t.match(await ask('user/Patient.r', await assertion()), wrongScope, 'there is no user')
  })
}
