/** oidc-provider as SMART App Launch wants it: http://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
import {
  type ClientAuthMethod,
  type Configuration,
  errors,
  interactionPolicy,
  type KoaContextWithOIDC,
  Provider,
} from 'oidc-provider'
import { parseScope } from '../access/scope.ts'
import type { Log } from '../base/log.ts'
import type { OidcItems } from '../store/index.ts'
import type { Account, Accounts } from './accounts.ts'
import { createAdapter } from './adapter.ts'
import { type Clients, isSecret, ownMetadata } from './clients.ts'
import { pagePolicy } from './consent/frame.ts'
import type { Tell } from './event.ts'
import { fetchKeys } from './fetch-keys.ts'
import { createVerifyJwt } from './jwt.ts'
import type { KeySet } from './keys.ts'
import type { Launches } from './launch.ts'
import { onRecord } from './on-record.ts'
import { nameRefreshingClient } from './refreshing-client.ts'
import { isLaunchScope, launchScopes, refusedScope, wordsOf } from './scopes.ts'
import { answerStructured, mayIntrospect } from './structured-tokens.ts'

export type ProviderDeps = {
  readonly items: OidcItems
  readonly clients: Clients
  readonly launches: Launches
  readonly accounts: Accounts
  readonly log: Log
  /** Whether access tokens say themselves what they open, or are only names of it. */
  readonly tokens: 'opaque' | 'jwt'
  readonly record: Tell
  /** Shows a refusal to a person: there is no application to tell it to. */
  readonly errorPage: (identity: Identity, text: string, languages: string | undefined) => string
}

/** Whose authorization server it is, and what it is for. URLs without trailing slash. */
export type Identity = { readonly tenant: number; readonly issuer: string; readonly base: string }

/** Seconds. A token of a system ends soon, as it needs nobody to get the next one. */
const lives = {
  access: 3600,
  system: 300,
  code: 60,
  idToken: 3600,
  interaction: 1800,
  session: 12 * 3600,
  online: 12 * 3600,
  offline: 90 * 86_400,
}

export const authMethods: readonly ClientAuthMethod[] = [
  'client_secret_basic',
  'client_secret_post',
  'private_key_jwt',
  'none',
]
export const assertionAlgorithms = ['RS384', 'ES384', 'RS256', 'ES256'] as const

export const createProvider = (deps: ProviderDeps, identity: Identity, keys: KeySet): Provider => {
  const provider = new Provider(identity.issuer, configuration(deps, identity, keys))
  provider.proxy = true
  judgeClients(provider)
  const record = onRecord(provider, deps.record, identity.tenant)
  provider.use(nameRefreshingClient(deps, identity.tenant))
  provider.use(askAgain)
  provider.use(tellLaunch(deps, identity.tenant))
  const verify = createVerifyJwt(async () => keys.jwks)
  provider.use(answerStructured({ ...deps, verify, record }, identity))
  provider.on('server_error', (_ctx, error) =>
    deps.log.error({ err: { name: error.name, stack: error.stack } }, 'the authorization server failed'),
  )
  return provider
}

/** Scopes over resources are many: registrations are judged by their grammar. Secrets are compared as hashes. */
const judgeClients = (provider: Provider): void => {
  const client = provider.Client as unknown as {
    prototype: { clientSecret?: string; compareClientSecret(secret: string): boolean }
    Schema: { prototype: { scope?: string; scopes(): void } }
  }
  client.Schema.prototype.scopes = function scopes() {
    const wrong = wordsOf(this.scope).find((text) => !isLaunchScope(text) && !parseScope(text))
    if (wrong !== undefined) throw new errors.InvalidClientMetadata(`the scope ${wrong} is not known here`)
  }
  client.prototype.compareClientSecret = function compare(secret) {
    return isSecret(this.clientSecret, secret)
  }
}

type Ctx = KoaContextWithOIDC

type Next = () => Promise<unknown>

/** OpenID Connect gives a token for use without the person only after asking: here everybody is asked anyway. */
const askAgain = async (ctx: { path: string; query: NodeJS.Dict<string | string[]> }, next: Next) => {
  const { scope, prompt } = ctx.query
  const isMeant = ctx.path === '/authorize' && prompt === undefined
  if (isMeant && wordsOf(scope).includes('offline_access')) ctx.query = { ...ctx.query, prompt: 'consent' }
  await next()
}

/** The launch context beside the token, and all scopes that were given. */
const tellLaunch =
  ({ launches }: ProviderDeps, tenant: number) =>
  async (given: unknown, next: Next): Promise<void> => {
    await next()
    const ctx = given as Ctx
    const body = ctx.body as Record<string, unknown> | undefined
    const { AccessToken: token, AuthorizationCode: code, RefreshToken: refresh } = ctx.oidc?.entities ?? {}
    if (ctx.path !== '/token' || body?.access_token === undefined || token?.grantId === undefined) return
    const launch = wordsOf(ctx.oidc.params?.scope ?? refresh?.scope ?? code?.scope).filter(isLaunchScope)
    const context = await launches.of(tenant, token.grantId)
    ctx.body = { ...body, scope: [...launch, ...wordsOf(body.scope)].join(' '), ...context }
  }

const configuration = (deps: ProviderDeps, identity: Identity, keys: KeySet): Configuration => ({
  adapter: (model: string) => createAdapter(deps, identity.tenant, model),
  jwks: { keys: keys.jwks as never },
  cookies: {
    keys: [...keys.cookies],
    names: { session: 'auth_session', interaction: 'auth_interaction', resume: 'auth_resume' },
    long: { httpOnly: true, sameSite: 'lax', path: new URL(identity.issuer).pathname },
    short: { httpOnly: true, sameSite: 'lax' },
  },
  routes: {
    authorization: '/authorize',
    token: '/token',
    introspection: '/introspect',
    revocation: '/revoke',
    registration: '/register',
    jwks: '/jwks',
    userinfo: '/userinfo',
    end_session: '/end-session',
  },
  scopes: [...launchScopes],
  claims: { openid: ['sub'], profile: ['name'], fhirUser: ['fhirUser'] },
  conformIdTokenClaims: false,
  responseTypes: ['code'],
  pkce: { required: () => true },
  clientAuthMethods: [...authMethods],
  enabledJWA: {
    clientAuthSigningAlgValues: [...assertionAlgorithms],
    idTokenSigningAlgValues: ['RS256', 'RS384', 'ES384'],
  },
  extraParams: {
    aud: (ctx, value) => checkAudience(ctx.oidc.params?.scope, value, identity.base),
    launch: (ctx, value) => checkLaunch(deps, identity.tenant, ctx, value),
  },
  extraClientMetadata: { properties: [...ownMetadata] },
  features: features(deps, identity),
  extraTokenClaims: async (_ctx, token) => tokenClaims(deps, identity.tenant, token as never),
  expiresWithSession: async (_ctx, source) => !source.scopes.has('offline_access'),
  issueRefreshToken: async (_ctx, client, source) =>
    client.grantTypeAllowed('refresh_token') &&
    (source.scopes.has('offline_access') || source.scopes.has('online_access')),
  rotateRefreshToken: () => true,
  ttl: {
    AccessToken: lives.access,
    ClientCredentials: lives.system,
    AuthorizationCode: lives.code,
    IdToken: lives.idToken,
    Interaction: lives.interaction,
    Session: lives.session,
    Grant: lives.offline,
    RefreshToken: (_ctx, token) => (token.scopes.has('offline_access') ? lives.offline : lives.online),
  },
  findAccount: async (_ctx, id) => findAccount(await deps.accounts.find(identity.tenant, id), identity.base),
  loadExistingGrant: (ctx) => existingGrant(deps, identity, ctx),
  interactions: {
    policy: policy(deps, identity.tenant),
    url: (_ctx, interaction) => `${new URL(identity.issuer).pathname}/interaction/${interaction.uid}`,
  },
  clientBasedCORS: (_ctx, origin, client) =>
    (client.redirectUris ?? []).some((uri) => URL.parse(uri)?.origin === origin),
  fetch: fetchKeys,
  fetchResponseBodyLimits: { jwks_uri: 256 * 1024 },
  allowOmittingSingleRegisteredRedirectUri: false,
  renderError: async (ctx, { error, error_description: description }) => {
    ctx.type = 'html'
    ctx.set('content-security-policy', pagePolicy(false))
    ctx.body = deps.errorPage(identity, `${error}: ${description ?? ''}`, ctx.get('accept-language'))
  },
})

const features = (deps: ProviderDeps, identity: Identity): NonNullable<Configuration['features']> => ({
  devInteractions: { enabled: false },
  dPoP: { enabled: false },
  pushedAuthorizationRequests: { enabled: false },
  clientCredentials: { enabled: true },
  userinfo: { enabled: true },
  rpInitiatedLogout: { enabled: false },
  introspection: {
    enabled: true,
    allowedPolicy: async (_ctx, client, token) => mayIntrospect(client, token.clientId),
  },
  revocation: {
    enabled: true,
    allowedPolicy: async (_ctx, client, token) => token.clientId === client.clientId,
  },
  registration: {
    enabled: true,
    initialAccessToken: true,
    // It would be for changing the registration, which the hospital does.
    issueRegistrationAccessToken: false,
    policies: {
      // What decides about trust is not for the one who asks for it.
      guarded: (_ctx, metadata) => {
        for (const name of ownMetadata) delete metadata[name]
      },
    },
  },
  registrationManagement: { enabled: false },
  resourceIndicators: {
    enabled: true,
    defaultResource: async (_ctx, _client, oneOf) => oneOf?.[0] ?? identity.base,
    useGrantedResource: async () => true,
    getResourceServerInfo: async (ctx, resource) => {
      if (resource.replace(/\/$/, '') !== identity.base)
        throw new errors.InvalidTarget(`this server gives tokens for ${identity.base} only`)
      return {
        scope: resourceScopes(ctx as Ctx).join(' '),
        audience: identity.base,
        accessTokenFormat: deps.tokens,
        ...(deps.tokens === 'jwt' ? { jwt: { sign: { alg: 'RS256' as const } } } : {}),
      }
    },
  },
})

/** What may be put into a token: when somebody asks, what it asks for; later, what was given. */
const resourceScopes = (ctx: Ctx): readonly string[] => {
  const { oidc } = ctx
  const { AuthorizationCode: code, RefreshToken: refresh } = oidc.entities
  if (code || refresh) return wordsOf(refresh?.scope ?? code?.scope).filter((text) => !isLaunchScope(text))
  const asked = wordsOf(oidc.params?.scope)
  const isSystem = oidc.params?.grant_type === 'client_credentials'
  const refusal = refusedScope(asked, wordsOf(oidc.client?.scope), isSystem)
  if (refusal !== undefined) throw new errors.InvalidScope(refusal, asked.join(' '))
  if (asked.length === 0) throw new errors.InvalidScope('Say in scope what the token is to be for.', '')
  return asked.filter((text) => !isLaunchScope(text))
}

/** Without `aud` an app could be talked into sending a token for this server to another one. */
const checkAudience = (scope: unknown, value: string | undefined, base: string): void => {
  const isForData = wordsOf(scope).some((text) => !isLaunchScope(text))
  if (value === undefined ? !isForData : value.replace(/\/$/, '') === base) return
  throw new errors.InvalidRequest(`aud must be the FHIR base that the token is for: ${base}`)
}

const checkLaunch = async (
  { launches }: ProviderDeps,
  tenant: number,
  ctx: Ctx,
  handle: string | undefined,
): Promise<void> => {
  const wanted = wordsOf(ctx.oidc.params?.scope).includes('launch')
  if (handle === undefined) {
    if (wanted)
      throw new errors.InvalidRequest('the scope launch needs the parameter launch that the EHR gave')
    return
  }
  if (!wanted) throw new errors.InvalidRequest('the parameter launch needs the scope launch')
  // Afterwards it has been used up by this very request.
  if (ctx.oidc.route === 'authorization' && (await launches.look(tenant, handle)) === undefined)
    throw new errors.InvalidRequest('this launch has ended or was used: start the app from the EHR again')
}

type AnyToken = { kind: string; grantId?: string; sessionUid?: string; expiresWithSession?: boolean }

/** `grant`, `session` and `online` let a JWT end with what it belongs to. */
const tokenClaims = async ({ launches, tokens }: ProviderDeps, tenant: number, token: AnyToken) => {
  const own = tokens === 'jwt' ? { tenant } : {}
  if (token.kind !== 'AccessToken' || token.grantId === undefined) return own
  const context = await launches.of(tenant, token.grantId)
  if (tokens === 'opaque') return context as Record<string, unknown>
  const { grantId: grant, sessionUid: session, expiresWithSession: online } = token
  return { ...context, ...own, grant, session, online: online === true }
}

const findAccount = (account: Account | undefined, base: string) => {
  if (!account?.active) return undefined
  const { id, display, fhirUser } = account
  return {
    accountId: id,
    claims: async () => ({
      sub: id,
      name: display,
      ...(fhirUser === undefined ? {} : { fhirUser: `${base}/${fhirUser}` }),
    }),
  }
}

/** Each authorization is for one launch: what was agreed to for another patient says nothing about this one. */
const existingGrant = async ({ launches }: ProviderDeps, { tenant, base }: Identity, ctx: Ctx) => {
  const { oidc } = ctx
  const agreed = oidc.result?.consent?.grantId
  if (agreed !== undefined) return oidc.provider.Grant.find(agreed)
  const { client, session } = oidc
  if (client?.trusted !== true || session?.accountId === undefined) return undefined
  // Applications of the house itself: no one is asked whether the portal may show what the portal is for.
  const asked = wordsOf(oidc.params?.scope)
  if (asked.some((text) => text.startsWith('launch'))) return undefined
  const grant = new oidc.provider.Grant({ accountId: session.accountId, clientId: client.clientId })
  grant.addOIDCScope(asked.filter(isLaunchScope).join(' '))
  grant.addResourceScope(base, asked.filter((text) => !isLaunchScope(text)).join(' '))
  const id = await grant.save()
  await launches.keep(tenant, id, {}, lives.offline)
  return grant
}

/** Who is signed in is known by the pages of people: the session here follows theirs. */
const policy = ({ accounts }: ProviderDeps, tenant: number): interactionPolicy.Prompt[] => {
  const prompts = interactionPolicy.base()
  const { Check } = interactionPolicy
  prompts.get('login')?.checks.add(
    new Check('signed_out', 'sign-in is required', 'login_required', async ({ oidc, req }) => {
      const { session } = oidc
      if (session?.accountId === undefined || oidc.result?.login) return Check.NO_NEED_TO_PROMPT
      const signed = await accounts.signedIn(tenant, req.headers.cookie)
      if (signed?.account.id === session.accountId) return Check.NO_NEED_TO_PROMPT
      // Another person at the same browser begins anew.
      Object.assign(session, { accountId: undefined, loginTs: undefined, authorizations: undefined })
      return Check.REQUEST_PROMPT
    }),
    0,
  )
  return prompts
}
