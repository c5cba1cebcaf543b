/** Access tokens that are JWTs (https://www.rfc-editor.org/rfc/rfc9068): signed by us, and not revoked. */
import { createLocalJWKSet, decodeProtectedHeader, type JWK, jwtVerify } from 'jose'
import type { LiveToken, OidcItems } from '../store/index.ts'

/** The payload of a token that a tenant signed; undefined for all else. */
export type VerifyJwt = (
  tenant: number,
  token: string,
) => Promise<Readonly<Record<string, unknown>> | undefined>

/** `keys` of a tenant, public or private. */
export const createVerifyJwt =
  (keys: (tenant: number) => Promise<readonly JWK[]>): VerifyJwt =>
  async (tenant, token) => {
    try {
      if (decodeProtectedHeader(token).typ !== 'at+jwt') return undefined
      const set = createLocalJWKSet({ keys: (await keys(tenant)).map(publicPart) })
      const { payload } = await jwtVerify(token, set, {
        algorithms: ['RS256', 'RS384', 'ES384'],
        typ: 'at+jwt',
      })
      return payload
    } catch {
      return undefined
    }
  }

const publicPart = ({ kty, kid, alg, use, n, e, crv, x, y }: JWK): JWK =>
  JSON.parse(JSON.stringify({ kty, kid, alg, use, n, e, crv, x, y })) as JWK

/** A token of a person ends with the authorization, or with the session where it was given for that only; a system's when it is revoked. */
export const readJwt = async (
  { items, verify }: { readonly items: OidcItems; readonly verify: VerifyJwt },
  tenant: number,
  token: string,
): Promise<LiveToken | undefined> => {
  const claims = await verify(tenant, token)
  if (!claims || claims.tenant !== tenant) return undefined
  const { grant, sub, client_id: client, scope, exp, session, online } = claims
  if (typeof grant !== 'string') {
    if (await items.isRefused(tenant, token)) return undefined
    return { model: 'ClientCredentials', payload: { clientId: client, scope, exp } }
  }
  const [given, signedIn] = await Promise.all([
    items.find(tenant, 'Grant', grant),
    online === true ? items.findByUid(tenant, 'Session', String(session)) : true,
  ])
  if (!given || !signedIn) return undefined
  const own = { accountId: sub, clientId: client, scope, exp, extra: claims }
  return { model: 'AccessToken', payload: { ...own, grantId: grant, sessionUid: session } }
}
