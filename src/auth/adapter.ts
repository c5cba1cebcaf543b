/** Storage as oidc-provider asks for it: https://github.com/panva/node-oidc-provider/blob/main/docs/README.md#adapter */
import { type Adapter, type AdapterPayload, errors } from 'oidc-provider'
import type { OidcItem, OidcItems } from '../store/index.ts'
import type { Clients } from './clients.ts'

export type AdapterDeps = { readonly items: OidcItems; readonly clients: Clients }

/** One for each model of a tenant. */
export const createAdapter = ({ items, clients }: AdapterDeps, tenant: number, model: string): Adapter => {
  if (model === 'Client') return clientAdapter(clients, tenant)
  return {
    upsert: async (id, payload, ttl) => {
      // Somebody who listens may be as quick as the client: only one assertion of a name is ever believed.
      if (model === 'ReplayDetection') return putOnce(items, tenant, id, payload, ttl)
      await items.put(tenant, model, id, payload as Record<string, unknown>, ttl)
    },
    find: async (id) => payloadOf(await items.find(tenant, model, id)),
    findByUid: async (uid) => payloadOf(await items.findByUid(tenant, model, uid)),
    findByUserCode: async () => undefined,
    consume: async (id) => {
      if (await items.consume(tenant, model, id)) return
      const grant = (await items.find(tenant, model, id))?.payload.grantId
      if (typeof grant === 'string') await items.end(tenant, 'grant', grant)
      throw new errors.InvalidGrant('it was used already')
    },
    destroy: (id) => items.remove(tenant, model, id),
    // Called for each model of a grant; the statement ends all at once.
    revokeByGrantId: (grant) => items.end(tenant, 'grant', grant),
  }
}

const putOnce = async (
  items: OidcItems,
  tenant: number,
  id: string,
  payload: AdapterPayload,
  ttl: number | undefined,
): Promise<void> => {
  if (await items.putOnce(tenant, 'ReplayDetection', id, payload as Record<string, unknown>, ttl ?? 3600))
    return
  throw new errors.InvalidClient('the assertion was used already')
}

const payloadOf = (item: OidcItem | undefined): AdapterPayload | undefined =>
  item &&
  ({ ...item.payload, ...(item.consumed === undefined ? {} : { consumed: item.consumed }) } as AdapterPayload)

const unused = async (): Promise<undefined> => undefined

const clientAdapter = (clients: Clients, tenant: number): Adapter => ({
  upsert: (id, payload) => clients.register(tenant, id, payload as Record<string, unknown>),
  find: (id) => clients.metadata(tenant, id) as Promise<AdapterPayload | undefined>,
  destroy: (id) => clients.remove(tenant, id),
  findByUid: unused,
  findByUserCode: unused,
  consume: unused,
  revokeByGrantId: unused,
})
