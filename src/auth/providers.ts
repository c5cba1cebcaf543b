/** The authorization servers of this process: one for each tenant and name that it is called by, made when first used. */
import type { JWK } from 'jose'
import type Provider from 'oidc-provider'
import { currentKeys, type KeyDeps } from './keys.ts'
import { createProvider, type Identity, type ProviderDeps } from './provider.ts'

export type Providers = {
  of(identity: Identity): Promise<Provider>
  /** Private keys of a tenant, as long as what they signed may be shown. */
  keys(tenant: number): Promise<readonly JWK[]>
  /** The keys of a tenant have changed; of all without one. */
  forget(tenant?: number): void
}

/** A host name comes from the client where no BASE_URL is set: it must not fill the memory. */
const most = 16

/** In ms: keys become ready to sign, and old ones go, without anybody telling. */
const life = 600_000

type Made<T> = { readonly tenant: number; readonly until: number; readonly value: Promise<T> }

export const createProviders = (deps: ProviderDeps & KeyDeps): Providers => {
  const providers = new Map<string, Made<Provider>>()
  const keySets = new Map<string, Made<Awaited<ReturnType<typeof currentKeys>>>>()

  const remember = <T>(kept: Map<string, Made<T>>, key: string, tenant: number, make: () => Promise<T>) => {
    const one = kept.get(key)
    if (one && one.until > Date.now()) return one.value
    if (kept.size >= most) kept.clear()
    const value = make()
    kept.set(key, { tenant, until: Date.now() + life, value })
    value.catch(() => kept.delete(key))
    return value
  }

  const keysOf = (tenant: number) =>
    remember(keySets, String(tenant), tenant, () => currentKeys(deps, tenant, Date.now()))

  return {
    of: (identity) =>
      remember(providers, `${identity.tenant} ${identity.issuer}`, identity.tenant, async () =>
        createProvider(deps, identity, await keysOf(identity.tenant)),
      ),
    keys: async (tenant) => (await keysOf(tenant)).jwks,
    forget: (tenant) => {
      for (const kept of [providers, keySets])
        for (const [key, one] of kept) if (tenant === undefined || one.tenant === tenant) kept.delete(key)
    },
  }
}
