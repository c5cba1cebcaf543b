/** Asking about and revoking access tokens that are JWTs: https://www.rfc-editor.org/rfc/rfc7662, https://www.rfc-editor.org/rfc/rfc7009 */
import type { KoaContextWithOIDC } from 'oidc-provider'
import type { LiveToken, OidcItems } from '../store/index.ts'
import type { Accounts } from './accounts.ts'
import { readJwt, type VerifyJwt } from './jwt.ts'
import { contextOf } from './launch.ts'
import type { OnRecord } from './on-record.ts'
import { wordsOf } from './scopes.ts'

type Ctx = KoaContextWithOIDC
type Client = NonNullable<Ctx['oidc']['client']>
type Answer = Record<string, unknown>

type Deps = {
  readonly items: OidcItems
  readonly accounts: Accounts
  readonly verify: VerifyJwt
  readonly record: OnRecord
}

type Whose = { readonly tenant: number; readonly issuer: string; readonly base: string }

/** A client may ask about its own tokens; about others only who is there for that, such as a resource server. */
export const mayIntrospect = (client: Client, owner: unknown): boolean =>
  owner === client.clientId || (client.clientAuthMethod !== 'none' && client.may_introspect === true)

/** Middleware of oidc-provider, which knows who asks when it comes to what it cannot answer: that is answered here. */
export const answerStructured =
  (deps: Deps, whose: Whose) =>
  async (given: unknown, next: () => Promise<unknown>): Promise<void> => {
    await next()
    const ctx = given as Ctx
    const isIntrospection = ctx.path === '/introspect'
    if (!isIntrospection && ctx.path !== '/revoke') return
    const { client, params } = ctx.oidc ?? {}
    const { error, active } = (ctx.body ?? {}) as { error?: unknown; active?: unknown }
    if (!client) return
    const { AccessToken: access, RefreshToken: refresh, ClientCredentials: system } = ctx.oidc.entities
    let found: Found | undefined = access ?? refresh ?? system
    if (error === 'unsupported_token_type') {
      const token = String(params?.token)
      const live = await readJwt(deps, whose.tenant, token)
      found = live?.payload as Found | undefined
      ctx.status = 200
      if (isIntrospection) ctx.body = live ? await tell(deps, whose, client, live) : { active: false }
      else Object.assign(ctx, { type: 'text', body: '' })
      const isOwn = found?.clientId === client.clientId
      if (!isIntrospection && live && isOwn) await end(deps, whose.tenant, live, token)
    }
    if (isIntrospection && active === true) await tellMore(deps, whose, ctx, ctx.body as Answer)
    if (found && ctx.status === 200) putOnRecord(deps.record, ctx, client, found, isIntrospection)
  }

type Found = { readonly clientId?: string | undefined; readonly accountId?: string | undefined }

/** A token of another client is answered as if there were none: only the record says that there was. */
const putOnRecord = (
  record: OnRecord,
  ctx: Ctx,
  client: Client,
  { clientId: owner, accountId: account }: Found,
  isIntrospection: boolean,
): void => {
  const refused = { error: 'access_denied', ...(owner === undefined ? {} : { owner }) }
  if (isIntrospection) {
    if (!mayIntrospect(client, owner)) record(ctx, { kind: 'introspection-refused', ...refused })
  } else if (owner !== client.clientId) record(ctx, { kind: 'revocation-refused', ...refused })
  else record(ctx, { kind: 'token-revoked', ...(account === undefined ? {} : { account }) })
}

const tell = async (deps: Deps, { tenant, issuer, base }: Whose, client: Client, { payload }: LiveToken) => {
  if (!mayIntrospect(client, payload.clientId)) return { active: false }
  const { clientId, accountId, grantId, exp, scope, extra } = payload as {
    clientId: string
    accountId?: string
    grantId?: string
    exp: number
    scope: string
    extra?: Answer
  }
  const answer: Answer = {
    ...contextOf(extra ?? {}),
    active: true,
    client_id: clientId,
    ...(accountId === undefined ? {} : { sub: accountId }),
    iss: issuer,
    aud: base,
    exp,
    token_type: 'Bearer',
    scope,
  }
  if (grantId !== undefined) {
    const grant = (await deps.items.find(tenant, 'Grant', grantId))?.payload
    await addPerson(deps, { tenant, base }, answer, (grant?.openid as { scope?: string } | undefined)?.scope)
  }
  return answer
}

/** http://hl7.org/fhir/smart-app-launch/STU2.2/token-introspection.html: the scopes as the app was told them, and who. */
const tellMore = async (deps: Deps, whose: Whose, ctx: Ctx, answer: Answer): Promise<void> => {
  const { AccessToken: token, Grant: grant } = ctx.oidc.entities
  if (token && grant) await addPerson(deps, whose, answer, grant.getOIDCScope())
}

const addPerson = async (
  { accounts }: Deps,
  { tenant, base }: Pick<Whose, 'tenant' | 'base'>,
  answer: Answer,
  launch: string | undefined,
): Promise<void> => {
  const words = wordsOf(launch)
  answer.scope = [...words, ...wordsOf(answer.scope).filter((text) => !words.includes(text))].join(' ')
  if (!words.includes('fhirUser') || typeof answer.sub !== 'string') return
  const fhirUser = (await accounts.find(tenant, answer.sub))?.fhirUser
  if (fhirUser !== undefined) answer.fhirUser = `${base}/${fhirUser}`
}

/** As with other tokens, the authorization ends with a token of a person. */
const end = async ({ items }: Deps, tenant: number, { payload }: LiveToken, token: string): Promise<void> => {
  const { grantId, exp } = payload
  if (typeof grantId === 'string') return items.end(tenant, 'grant', grantId)
  await items.refuse(tenant, token, Math.max(1, Math.ceil(Number(exp) - Date.now() / 1000)))
}
