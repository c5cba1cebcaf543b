/** Tokens for who is at the console of the server: scripts, the conformance runner, the loader of demo data. */
import { randomBytes } from 'node:crypto'
import type { OidcClients, OidcItems } from '../store/index.ts'
import { refusedScope, wordsOf } from './scopes.ts'

export type ConsoleDeps = { readonly items: OidcItems; readonly clients: OidcClients }

export const consoleClient = 'console'

/** Everything that a system can do; who holds the data folder or the database can do it anyway. */
const registered = 'system/*.cruds'

/**
 * A bearer token with scopes that begin with `system/`, for so many seconds. Throws an Error with a sentence for scopes
 * that cannot be given.
 */
export const consoleToken = async (
  { items, clients }: ConsoleDeps,
  tenant: number,
  scope: string,
  seconds: number,
): Promise<string> => {
  const words = wordsOf(scope)
  const refusal = refusedScope(words, [registered], true)
  if (refusal !== undefined || words.length === 0)
    throw new Error(refusal ?? 'Say with --scope what the token is to be for, such as system/*.cruds.')
  await clients.put(tenant, consoleClient, {
    client_name: 'Console',
    roles: [],
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'none',
    scope: registered,
  })
  const token = randomBytes(32).toString('base64url')
  const at = Math.floor(Date.now() / 1000)
  const payload = {
    kind: 'ClientCredentials',
    clientId: consoleClient,
    scope: words.join(' '),
    iat: at,
    exp: at + seconds,
  }
  await items.put(tenant, 'ClientCredentials', token, payload, seconds)
  return token
}

/** A token with which clients may register themselves as long as it holds: https://www.rfc-editor.org/rfc/rfc7591#section-3 */
export const registrationToken = async (
  { items }: ConsoleDeps,
  tenant: number,
  seconds: number,
): Promise<string> => {
  const token = randomBytes(32).toString('base64url')
  const at = Math.floor(Date.now() / 1000)
  const payload = { kind: 'InitialAccessToken', policies: ['guarded'], iat: at, exp: at + seconds }
  await items.put(tenant, 'InitialAccessToken', token, payload, seconds)
  return token
}
