/** Bearer token → who asks: https://www.rfc-editor.org/rfc/rfc6750. Known tokens cost no look at the database. */
import type { Principal } from '../access/principal.ts'
import { parseScopes } from '../access/scope.ts'
import { type LiveToken, type OidcItems, type OidcPayload, tokenName } from '../store/index.ts'
import type { Account } from './accounts.ts'
import type { Clients } from './clients.ts'
import { readJwt, type VerifyJwt } from './jwt.ts'

export type BearerDeps = {
  readonly items: OidcItems
  readonly clients: Clients
  readonly account: (tenant: number, id: string) => Promise<Account | undefined>
  /** Of tokens that are JWTs; undefined where there are none. */
  readonly verify: VerifyJwt
}

export type Bearer = {
  /** Who holds this token now; undefined when it opens nothing. At once when the token is known. */
  principal(tenant: number, token: string): Principal | undefined | Promise<Principal | undefined>
  /** `token <tenant> <what> <whose>` of another process. */
  notice(text: string): void
  /** Notices may have been missed. */
  forgetAll(): void
}

type Known = {
  readonly who: Principal
  readonly tenant: number
  readonly until: number
  readonly grant: string
  readonly session: string
  readonly account: string
  readonly client: string
  readonly name: string
}

/** In ms: changes are told at once, and this is for what a lost connection did not tell. */
const trust = 30_000
const most = 20_000

export const createBearer = (deps: BearerDeps): Bearer => {
  let known = new Map<string, Known>()
  let changes = 0

  const look = async (tenant: number, token: string): Promise<Principal | undefined> => {
    const before = changes
    const live = isJwt(token) ? await readJwt(deps, tenant, token) : await deps.items.token(tenant, token)
    const who = live && (await principalOf(deps, tenant, live, token))
    // What was revoked in the meantime is not to be remembered as good.
    if (who && before === changes) {
      if (known.size >= most) known = new Map()
      known.set(`${tenant} ${token}`, knownOf(tenant, token, live, who))
    }
    return who
  }

  const forget = (matches: (one: Known) => boolean): void => {
    changes++
    for (const [key, one] of known) if (matches(one)) known.delete(key)
  }

  return {
    principal: (tenant, token) => {
      const one = known.get(`${tenant} ${token}`)
      if (one && one.until > Date.now()) return one.who
      return look(tenant, token)
    },
    notice: (text) => {
      const [word, tenant, what, whose] = text.split(' ')
      if (word !== 'token') return
      const own = (one: Known): boolean => one.tenant === Number(tenant)
      if (what === 'grant') forget((one) => own(one) && one.grant === whose)
      else if (what === 'session') forget((one) => own(one) && one.session === whose)
      else if (what === 'account') forget((one) => own(one) && one.account === whose)
      else if (what === 'client') forget((one) => own(one) && one.client === whose)
      else if (what === 'token') forget((one) => own(one) && one.name === whose)
    },
    forgetAll: () => forget(() => true),
  }
}

const isJwt = (token: string): boolean => token.split('.', 3).length === 3

const text = (value: unknown): string => (typeof value === 'string' ? value : '')

const knownOf = (tenant: number, token: string, { payload }: LiveToken, who: Principal): Known => ({
  who,
  tenant,
  until: Math.min(Number(payload.exp) * 1000, Date.now() + trust),
  grant: text(payload.grantId),
  session: text(payload.sessionUid),
  account: text(payload.accountId),
  client: text(payload.clientId),
  name: tokenName(token),
})

const principalOf = (
  deps: BearerDeps,
  tenant: number,
  { model, payload }: LiveToken,
  token: string,
): Promise<Principal | undefined> => {
  const session = tokenName(token).slice(0, 22)
  return model === 'ClientCredentials'
    ? system(deps, tenant, payload, session)
    : person(deps, tenant, payload, session)
}

const system = async ({ clients }: BearerDeps, tenant: number, payload: OidcPayload, session: string) => {
  const client = await clients.info(tenant, text(payload.clientId))
  if (!client) return undefined
  const { id, display, roles } = client
  return { kind: 'system', id, display, roles, scopes: parseScopes(text(payload.scope)), session } as const
}

const person = async (deps: BearerDeps, tenant: number, payload: OidcPayload, session: string) => {
  const [account, client] = await Promise.all([
    deps.account(tenant, text(payload.accountId)),
    deps.clients.info(tenant, text(payload.clientId)),
  ])
  if (!account?.active || !client) return undefined
  const { patient, encounter } = (payload.extra ?? {}) as { patient?: string; encounter?: string }
  return {
    kind: 'person',
    id: account.id,
    display: account.display,
    client: client.id,
    roles: account.roles,
    ...(account.fhirUser === undefined ? {} : { fhirUser: account.fhirUser }),
    ...(patient === undefined ? {} : { patient }),
    ...(encounter === undefined ? {} : { encounter }),
    scopes: parseScopes(text(payload.scope)),
    session,
  } as const
}
