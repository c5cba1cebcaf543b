/** Applications and systems that may ask for tokens: https://www.rfc-editor.org/rfc/rfc7591 */
import { createHash } from 'node:crypto'
import type { Database } from './database.ts'

/** Metadata as in RFC 7591, with `scope` holding FHIR scopes too; the secret is kept as hash only. */
export type OidcClient = {
  readonly id: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly secretHash?: string
  readonly active: boolean
}

export type OidcClients = {
  find(tenant: number, id: string): Promise<OidcClient | undefined>
  /** So many by id, those after one. */
  list(tenant: number, after: string, most: number): Promise<readonly OidcClient[]>
  /** Without a secret the one that it has stays. */
  put(tenant: number, id: string, metadata: OidcClient['metadata'], secret?: string): Promise<void>
  /** False when there is no such client. Its tokens are not ended by this. */
  activate(tenant: number, id: string, active: boolean): Promise<boolean>
  /** Its tokens are not ended by this. */
  remove(tenant: number, id: string): Promise<void>
}

/** Secrets of clients are made by the server and long, so a quick hash keeps them. */
export const hashSecret = (secret: string): string => createHash('sha256').update(secret).digest('base64url')

const columns = 'id, metadata, secret_hash, active'

const putText = `
insert into oidc_client (tenant, id, metadata, secret_hash) values ($1, $2, $3::jsonb, $4)
on conflict (tenant, id) do update set metadata = excluded.metadata,
  secret_hash = coalesce(excluded.secret_hash, oidc_client.secret_hash)`

type Row = {
  readonly id: string
  readonly metadata: OidcClient['metadata']
  readonly secret_hash: string | null
  readonly active: boolean
}

const clientOf = ({ id, metadata, secret_hash, active }: Row): OidcClient => ({
  id,
  metadata,
  active,
  ...(secret_hash === null ? {} : { secretHash: secret_hash }),
})

export const createOidcClients = (database: Database): OidcClients => ({
  find: async (tenant, id) => {
    const [row] = await database.read<Row>({
      tenant,
      name: 'oidc_client',
      text: `select ${columns} from oidc_client where tenant = $1 and id = $2`,
      values: [tenant, id],
    })
    return row && clientOf(row)
  },
  list: async (tenant, after, most) => {
    const text = `select ${columns} from oidc_client where tenant = $1 and id > $2 order by id limit $3`
    const rows = await database.read<Row>({
      tenant,
      name: 'oidc_clients',
      text,
      values: [tenant, after, most],
    })
    return rows.map(clientOf)
  },
  activate: async (tenant, id, active) => {
    const text = 'update oidc_client set active = $3 where tenant = $1 and id = $2 returning id'
    const values = [tenant, id, active]
    return (await database.run({ tenant, name: 'oidc_client_activate', text, values })).length > 0
  },
  put: async (tenant, id, metadata, secret) => {
    const values = [tenant, id, JSON.stringify(metadata), secret === undefined ? null : hashSecret(secret)]
    await database.run({ tenant, name: 'oidc_client_put', text: putText, values })
  },
  remove: async (tenant, id) => {
    const text = 'delete from oidc_client where tenant = $1 and id = $2'
    await database.run({ tenant, name: 'oidc_client_remove', text, values: [tenant, id] })
  },
})
