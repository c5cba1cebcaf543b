/** Puts on record what oidc-provider gives and refuses, before anybody is told. */
import type { KoaContextWithOIDC, Provider } from 'oidc-provider'
import type { AuthEvent, Tell } from './event.ts'

type Ctx = KoaContextWithOIDC
type What = Omit<AuthEvent, 'tenant' | 'address'>

/** Keeps something that comes of a request; its answer waits until that cannot be lost any more. */
export type OnRecord = (ctx: Ctx, what: What) => void

/** What oidc-provider tells when it refuses, and how that is recorded. */
const refusals = {
  'grant.error': 'token-refused',
  'revocation.error': 'revocation-refused',
  'introspection.error': 'introspection-refused',
  'registration_create.error': 'registration-refused',
  'userinfo.error': 'userinfo-refused',
  'authorization.error': 'authorization-refused',
} as const

/** What it answers when it cannot be recorded: https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1 */
const unrecorded = {
  error: 'temporarily_unavailable',
  error_description: 'the audit log cannot be written, so nothing is done',
}

/** Must be the first middleware that a provider is given. */
export const onRecord = (provider: Provider, tell: Tell, tenant: number): OnRecord => {
  const waiting = new WeakMap<object, Promise<void>[]>()
  const add: OnRecord = (ctx, what) => {
    const told = tell({ tenant, address: ctx.ip, client: ctx.oidc?.client?.clientId, ...what })
    // Whoever waits sees it fail; nobody may be waiting yet.
    told.catch(() => {})
    const others = waiting.get(ctx)
    if (others) others.push(told)
    else waiting.set(ctx, [told])
  }
  provider.use(async (given: unknown, next: () => Promise<unknown>): Promise<void> => {
    await next()
    const ctx = given as Ctx
    try {
      await Promise.all(waiting.get(ctx) ?? [])
    } catch {
      ctx.remove('location')
      ctx.status = 503
      ctx.body = unrecorded
    }
  })
  listen(provider, add)
  return add
}

const listen = (provider: Provider, add: OnRecord): void => {
  provider.on('grant.success', (ctx) => add(ctx, { kind: 'token-given', ...tokenOf(ctx) }))
  provider.on('registration_create.success', (ctx, { clientId: client }) =>
    add(ctx, { kind: 'registered', client }),
  )
  for (const [name, kind] of Object.entries(refusals)) {
    provider.on(name as 'grant.error', (ctx, { error }) => {
      // It does not know JWTs: they are answered by `structured-tokens.ts`.
      if (error === 'unsupported_token_type') return
      const isDeclined = kind === 'authorization-refused' && error === 'access_denied'
      add(ctx, { kind: isDeclined ? 'declined' : kind, ...tokenOf(ctx), error })
    })
  }
}

const tokenOf = ({ oidc }: Ctx) => {
  const { AccessToken: token, ClientCredentials: system } = oidc?.entities ?? {}
  const scope = token?.scope ?? system?.scope
  const account = token?.accountId ?? oidc?.session?.accountId
  return {
    ...(account === undefined ? {} : { account }),
    ...(scope === undefined ? {} : { scope }),
  }
}
