/** Clients for the cases of smart/: registered dynamically, with what such cases fill in. https://www.rfc-editor.org/rfc/rfc7591 */
import { randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import type { Client } from './client.ts'
import { isMap, type JsonMap } from './json.ts'
import type { Variables } from './template.ts'

/** Variables for the next case: assertions are for one use. */
export type SmartVariables = () => Promise<Variables>

const redirect = 'https://app.example/callback'

/** From appendix B of RFC 7636: no case gets so far that it would have to be a secret. */
const challenge = 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'

const patientScopes = 'openid fhirUser launch launch/patient offline_access patient/*.rs patient/*.read'

const kinds = {
  public: {
    client_name: 'Public app',
    redirect_uris: [redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: patientScopes,
  },
  confidential: {
    client_name: 'Confidential system',
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_basic',
    scope: 'system/Patient.rs system/Observation.rs',
  },
  backend: {
    client_name: 'Backend service',
    redirect_uris: [],
    grant_types: ['client_credentials'],
    response_types: [],
    token_endpoint_auth_method: 'private_key_jwt',
    token_endpoint_auth_signing_alg: 'ES384',
    scope: 'system/Patient.cruds system/Observation.rs',
  },
}

const algorithm = { alg: 'ES384', kid: 'key-1' }

/** Registers the clients. Throws an Error that says what the server answered when it takes them not. */
export const registerClients = async (
  client: Client,
  base: string,
  registration: string,
): Promise<SmartVariables> => {
  const { json: found } = (
    await client.send({
      method: 'GET',
      url: `${base}/.well-known/smart-configuration`,
      headers: { accept: 'application/json' },
    })
  ).received
  const server = isMap(found ?? null) ? (found as JsonMap) : {}
  const register = async (metadata: object): Promise<JsonMap> => {
    const { received } = await client.send({
      method: 'POST',
      url: String(server.registration_endpoint),
      headers: { authorization: `Bearer ${registration}`, 'content-type': 'application/json' },
      bytes: Buffer.from(JSON.stringify(metadata)),
    })
    if (received.status !== 201) throw new Error(`A client could not be registered: ${received.text}`)
    return received.json as JsonMap
  }
  const keys = await generateKeyPair('ES384', { extractable: true })
  const otherKeys = await generateKeyPair('ES384')
  const jwks = { keys: [{ ...(await exportJWK(keys.publicKey)), ...algorithm, use: 'sig' }] }
  const app = await register(kinds.public)
  const confidential = await register(kinds.confidential)
  const backend = await register({ ...kinds.backend, jwks })
  const id = String(backend.client_id)
  const audience = String(server.token_endpoint)
  const sign = (claims: object = {}, life = 240, key = keys.privateKey): Promise<string> =>
    new SignJWT({ iss: id, sub: id, aud: audience, jti: randomUUID(), ...claims })
      .setProtectedHeader({ ...algorithm, typ: 'JWT' })
      .setExpirationTime(Math.floor(Date.now() / 1000) + life)
      .sign(key)
  const secret = `${confidential.client_id}:${confidential.client_secret}`
  const fixed = {
    registration,
    redirect,
    challenge,
    authorize: String(server.authorization_endpoint),
    token: audience,
    introspect: String(server.introspection_endpoint),
    revoke: String(server.revocation_endpoint),
    register: String(server.registration_endpoint),
    public: String(app.client_id),
    backend: id,
    basic: `Basic ${Buffer.from(secret).toString('base64')}`,
    wrongBasic: `Basic ${Buffer.from(`${secret}x`).toString('base64')}`,
  }
  return async () =>
    new Map([
      ...Object.entries(fixed),
      ['assertion', await sign()],
      ['assertion.another', await sign()],
      ['assertion.expired', await sign({}, -600)],
      ['assertion.audience', await sign({ aud: 'https://elsewhere.example/token' })],
      ['assertion.subject', await sign({ sub: 'somebody-else' })],
      ['assertion.issuer', await sign({ iss: 'somebody-else', sub: 'somebody-else' })],
      ['assertion.key', await sign({}, 240, otherKeys.privateKey)],
      ['assertion.nameless', await sign({ jti: undefined })],
    ])
}
