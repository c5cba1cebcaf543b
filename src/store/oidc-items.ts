/** Sessions, grants, codes and tokens of the authorization server, found by hash and ended by what they belong to. */
import { createHash } from 'node:crypto'
import type { Database } from './database.ts'

/** What items belong to; `grant` is an authorization that a person gave to an application. */
export type Belonging = 'grant' | 'session' | 'account' | 'client'

export type OidcPayload = Readonly<Record<string, unknown>>

export type OidcItem = {
  readonly payload: OidcPayload
  /** Seconds since 1970. */
  readonly consumed?: number
}

/** A token that may be used now. */
export type LiveToken = { readonly model: string; readonly payload: OidcPayload }

export type OidcItems = {
  /** Writes or replaces; `ttl` in seconds, none for what does not end by itself. */
  put(tenant: number, model: string, id: string, payload: OidcPayload, ttl?: number): Promise<void>
  /** False when there is one already: for what may be used only once. */
  putOnce(tenant: number, model: string, id: string, payload: OidcPayload, ttl: number): Promise<boolean>
  find(tenant: number, model: string, id: string): Promise<OidcItem | undefined>
  findByUid(tenant: number, model: string, uid: string): Promise<OidcItem | undefined>
  /** False when it was consumed before, by whomever. */
  consume(tenant: number, model: string, id: string): Promise<boolean>
  /** Takes it away; undefined when it is not there or has expired. */
  take(tenant: number, model: string, id: string): Promise<OidcPayload | undefined>
  remove(tenant: number, model: string, id: string): Promise<void>
  /** Tokens that end with their grant are gone when it is. */
  token(tenant: number, value: string): Promise<LiveToken | undefined>
  /** For a token that is not kept here: `ttl` seconds long it opens nothing, on all processes. */
  refuse(tenant: number, value: string, ttl: number): Promise<void>
  isRefused(tenant: number, value: string): Promise<boolean>
  /** The grants of an account by which somebody still holds a token, newest first. */
  grantsOf(tenant: number, account: string): Promise<readonly { id: string; payload: OidcPayload }[]>
  /** Ends everything that belongs to one of these, on all processes. */
  end(tenant: number, what: Belonging, whose: string): Promise<void>
  /** Signs a person off: all sessions and tokens but the refresh tokens that were given for use without the person. */
  signOff(tenant: number, account: string): Promise<void>
  /** Deletes what has expired, of all tenants. */
  sweep(): Promise<void>
}

/** Grants are named in other items; all else is known to whoever holds it only. */
const open = new Set(['Grant', 'GrantContext', 'ReplayDetection'])

const keyOf = (model: string, id: string): string =>
  open.has(model) ? id : createHash('sha256').update(id).digest('base64url')

const columns = 'tenant, model, id, grant_id, session, account, client, uid, expires_at, payload'
const values = "$1, $2, $3, $4, $5, $6, $7, $8, now() + $9::float8 * interval '1 second', $10::jsonb"

const putText = `
insert into oidc_item (${columns}) values (${values})
on conflict (tenant, model, id) do update set grant_id = excluded.grant_id, session = excluded.session,
  account = excluded.account, client = excluded.client, uid = excluded.uid, expires_at = excluded.expires_at,
  payload = excluded.payload`

const putOnceText = `insert into oidc_item (${columns}) values (${values}) on conflict do nothing returning 1`

const live = '(expires_at is null or expires_at > now())'
const found = 'payload, extract(epoch from consumed_at)::float8 as consumed'

const findText = `select ${found} from oidc_item where tenant = $1 and model = $2 and id = $3 and ${live}`
const findByUidText = `select ${found} from oidc_item where tenant = $1 and model = $2 and uid = $3 and ${live}`

const consumeText = `
update oidc_item set consumed_at = now() where tenant = $1 and model = $2 and id = $3 and consumed_at is null
returning 1`

const takeText = `delete from oidc_item where tenant = $1 and model = $2 and id = $3 returning payload, ${live} as live`

const removeText = `
with gone as (delete from oidc_item where tenant = $1 and model = $2 and id = $3 returning model, id)
select oidc_forget($1, 'token', id) from gone where model in ('AccessToken', 'ClientCredentials')`

const refuseText = `
with put as (
  insert into oidc_item (tenant, model, id, expires_at, payload)
  values ($1, 'RefusedToken', $2, now() + $3::float8 * interval '1 second', '{}') on conflict do nothing
)
select oidc_forget($1, 'token', $2)`

const tokenText = `
select t.model, t.payload from oidc_item t
where t.tenant = $1 and t.model in ('AccessToken', 'ClientCredentials') and t.id = $2 and t.expires_at > now()`

const grantsText = `
select g.id, g.payload from oidc_item g
where g.tenant = $1 and g.account = $2 and g.model = 'Grant' and g.expires_at > now() and exists (
  select from oidc_item t where t.tenant = g.tenant and t.grant_id = g.id and t.expires_at > now()
    and t.consumed_at is null and t.model in ('AccessToken', 'RefreshToken'))
order by (g.payload->>'iat')::float8 desc`

const endText = (column: string): string => `
with gone as (delete from oidc_item where tenant = $1 and ${column} = $2)
select oidc_forget($1, $3, $2)`

const signOffText = `
with gone as (
  delete from oidc_item where tenant = $1 and account = $2 and model not in ('Grant', 'GrantContext')
    and not (model in ('AccessToken', 'RefreshToken') and (payload->>'expiresWithSession') is distinct from 'true')
)
select oidc_forget($1, 'account', $2)`

const sweepText = `
delete from oidc_item where ctid = any(array(
  select ctid from oidc_item where expires_at < now() - interval '1 hour' limit 5000))`

const endTexts: Readonly<Record<Belonging, string>> = {
  grant: endText('grant_id'),
  session: endText('session'),
  account: endText('account'),
  client: endText('client'),
}

const textOf = (value: unknown): string | null => (typeof value === 'string' ? value : null)

type Row = { readonly payload: OidcPayload; readonly consumed: number | null }

const itemOf = (row: Row | undefined): OidcItem | undefined =>
  row && { payload: row.payload, ...(row.consumed === null ? {} : { consumed: row.consumed }) }

const rowOf = (tenant: number, model: string, id: string, payload: OidcPayload, ttl?: number) => {
  // What opens the door does not lie beside the lock.
  const { jti: _, ...kept } = payload
  return [
    tenant,
    model,
    keyOf(model, id),
    model === 'Grant' || model === 'GrantContext' ? id : textOf(payload.grantId),
    model === 'Session' ? textOf(payload.uid) : textOf(payload.sessionUid),
    textOf(payload.accountId),
    textOf(payload.clientId),
    textOf(payload.uid),
    ttl ?? null,
    JSON.stringify(kept),
  ]
}

/** `told` hears of this process's own revocations at once; of all, the listening connection does. */
export const createOidcItems = (
  database: Database,
  told: (notice: string) => void = () => {},
): OidcItems => ({
  put: async (tenant, model, id, payload, ttl) => {
    await database.run({
      tenant,
      name: 'oidc_put',
      text: putText,
      values: rowOf(tenant, model, id, payload, ttl),
    })
  },
  putOnce: async (tenant, model, id, payload, ttl) => {
    const values = rowOf(tenant, model, id, payload, ttl)
    return (await database.run({ tenant, name: 'oidc_put_once', text: putOnceText, values })).length > 0
  },
  find: async (tenant, model, id) => {
    const values = [tenant, model, keyOf(model, id)]
    const [row] = await database.read<Row>({ tenant, name: 'oidc_find', text: findText, values })
    return itemOf(row && { ...row, payload: { ...row.payload, jti: id } })
  },
  findByUid: async (tenant, model, uid) => {
    const values = [tenant, model, uid]
    const [row] = await database.read<Row>({ tenant, name: 'oidc_find_by_uid', text: findByUidText, values })
    return itemOf(row)
  },
  consume: async (tenant, model, id) => {
    const values = [tenant, model, keyOf(model, id)]
    return (await database.run({ tenant, name: 'oidc_consume', text: consumeText, values })).length > 0
  },
  take: async (tenant, model, id) => {
    const values = [tenant, model, keyOf(model, id)]
    const [row] = await database.run<{ payload: OidcPayload; live: boolean }>({
      tenant,
      name: 'oidc_take',
      text: takeText,
      values,
    })
    return row?.live ? row.payload : undefined
  },
  remove: async (tenant, model, id) => {
    await database.run({
      tenant,
      name: 'oidc_remove',
      text: removeText,
      values: [tenant, model, keyOf(model, id)],
    })
    told(`token ${tenant} token ${keyOf(model, id)}`)
  },
  token: async (tenant, value) => {
    const values = [tenant, keyOf('AccessToken', value)]
    const [row] = await database.read<LiveToken>({ tenant, name: 'oidc_token', text: tokenText, values })
    return row
  },
  refuse: async (tenant, value, ttl) => {
    const name = keyOf('AccessToken', value)
    await database.run({ tenant, name: 'oidc_refuse', text: refuseText, values: [tenant, name, ttl] })
    told(`token ${tenant} token ${name}`)
  },
  isRefused: async (tenant, value) => {
    const values = [tenant, 'RefusedToken', keyOf('AccessToken', value)]
    return (await database.read({ tenant, name: 'oidc_find', text: findText, values })).length > 0
  },
  grantsOf: async (tenant, account) =>
    await database.read({ tenant, name: 'oidc_grants', text: grantsText, values: [tenant, account] }),
  end: async (tenant, what, whose) => {
    await database.run({
      tenant,
      name: `oidc_end_${what}`,
      text: endTexts[what],
      values: [tenant, whose, what],
    })
    told(`token ${tenant} ${what} ${whose}`)
  },
  signOff: async (tenant, account) => {
    await database.run({ tenant, name: 'oidc_sign_off', text: signOffText, values: [tenant, account] })
    told(`token ${tenant} account ${account}`)
  },
  sweep: async () => {
    await database.run({ tenant: '*', name: 'oidc_sweep', text: sweepText, values: [] })
  },
})

/** The name under which a token is known to `notice`s about it. */
export const tokenName = (value: string): string => keyOf('AccessToken', value)
