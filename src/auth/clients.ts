/** Clients as oidc-provider sees them, and as the rest of the house does. RFC 7591 */
import type { Role } from '../access/principal.ts'
import { roles } from '../access/principal.ts'
import { hashSecret, type OidcClients, type OidcItems } from '../store/index.ts'
import { wordsOf } from './scopes.ts'

/** Metadata beside that of RFC 7591. */
export const ownMetadata = ['roles', 'trusted', 'may_introspect'] as const

export type ClientInfo = {
  readonly id: string
  readonly display: string
  readonly scopes: readonly string[]
  readonly roles: readonly Role[]
}

export type Clients = {
  /** For oidc-provider; undefined for unknown and inactive ones. */
  metadata(tenant: number, id: string): Promise<Record<string, unknown> | undefined>
  /** For the rest of the house. */
  info(tenant: number, id: string): Promise<ClientInfo | undefined>
  register(tenant: number, id: string, metadata: Readonly<Record<string, unknown>>): Promise<void>
  /** Its tokens end with it. */
  remove(tenant: number, id: string): Promise<void>
}

export const createClients = (clients: OidcClients, items: OidcItems): Clients => ({
  metadata: async (tenant, id) => {
    const client = await clients.find(tenant, id)
    if (!client?.active) return undefined
    return {
      ...client.metadata,
      client_id: id,
      // Compared as hash: see `provider.ts`.
      ...(client.secretHash === undefined ? {} : { client_secret: client.secretHash }),
    }
  },
  info: async (tenant, id) => {
    const client = await clients.find(tenant, id)
    if (!client?.active) return undefined
    const { client_name: name, scope } = client.metadata
    const display = typeof name === 'string' && name !== '' ? name : id
    return { id, display, scopes: wordsOf(scope), roles: rolesOf(client.metadata.roles) }
  },
  register: async (tenant, id, metadata) => {
    const { client_secret: secret, client_id: _, ...rest } = metadata
    await clients.put(tenant, id, rest, typeof secret === 'string' ? secret : undefined)
  },
  remove: async (tenant, id) => {
    await clients.remove(tenant, id)
    await items.end(tenant, 'client', id)
  },
})

const known: ReadonlySet<string> = new Set(roles)

/** A client of which nothing else is said is an external system; one without any role is held to its scopes only. */
const rolesOf = (value: unknown): readonly Role[] => {
  if (!Array.isArray(value)) return ['external-system']
  return value.filter((role): role is Role => known.has(role as string))
}

/** Whether a secret is the one of this hash. */
export const isSecret = (hash: string | undefined, secret: string): boolean =>
  hash !== undefined && hash === hashSecret(secret)
