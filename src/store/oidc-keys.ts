/** Keys of the authorization server: what signs tokens, and what signs cookies. */
import type { Database, Transaction } from './database.ts'

/** Times in ms since 1970. A key is published before it signs, and as long as what it signed may be shown. */
export type OidcKey = {
  readonly kid: string
  readonly use: 'sig' | 'cookie'
  readonly alg: string
  /** The private key as JWK, or the secret; sealed by whoever writes it. */
  readonly secret: string
  readonly signsFrom: number
  readonly retiredAt?: number
}

export type OidcKeys = {
  /** Newest first. */
  list(tenant: number): Promise<readonly OidcKey[]>
  /**
   * Gives what `decide` wants written after looking at what is there; one process at a time. All processes are told of
   * a change.
   */
  change(
    tenant: number,
    decide: (keys: readonly OidcKey[]) => Promise<KeyChange>,
  ): Promise<readonly OidcKey[]>
}

export type KeyChange = {
  readonly add: readonly OidcKey[]
  /** kid → time at which it is no longer published. */
  readonly retire: ReadonlyMap<string, number>
  readonly remove: readonly string[]
}

const listText = `
select kid, use, alg, secret, signs_from, retired_at from oidc_key where tenant = $1 order by signs_from desc, kid`

type Row = {
  readonly kid: string
  readonly use: 'sig' | 'cookie'
  readonly alg: string
  readonly secret: string
  readonly signs_from: number
  readonly retired_at: number | null
}

const keyOf = ({ signs_from, retired_at, ...row }: Row): OidcKey => ({
  ...row,
  signsFrom: signs_from,
  ...(retired_at === null ? {} : { retiredAt: retired_at }),
})

const write = async (tx: Transaction, tenant: number, { add, retire, remove }: KeyChange): Promise<void> => {
  for (const { kid, use, alg, secret, signsFrom } of add) {
    await tx.run({
      tenant,
      name: 'oidc_key_add',
      text: `insert into oidc_key (tenant, kid, use, alg, secret, created_at, signs_from)
        values ($1, $2, $3, $4, $5, now(), to_timestamp($6::float8 / 1000))`,
      values: [tenant, kid, use, alg, secret, signsFrom],
    })
  }
  for (const [kid, at] of retire) {
    await tx.run({
      tenant,
      name: 'oidc_key_retire',
      text: 'update oidc_key set retired_at = to_timestamp($3::float8 / 1000) where tenant = $1 and kid = $2',
      values: [tenant, kid, at],
    })
  }
  for (const kid of remove) {
    const text = 'delete from oidc_key where tenant = $1 and kid = $2'
    await tx.run({ tenant, name: 'oidc_key_remove', text, values: [tenant, kid] })
  }
  if (add.length + retire.size + remove.length > 0) {
    await tx.run({
      tenant,
      name: 'oidc_keys_told',
      text: `select oidc_forget($1, 'keys', '')`,
      values: [tenant],
    })
  }
}

export const createOidcKeys = (database: Database): OidcKeys => {
  const list = async (run: Transaction['run'], tenant: number) => {
    const rows = await run<Row>({ tenant, name: 'oidc_keys', text: listText, values: [tenant] })
    return rows.map(keyOf)
  }
  return {
    list: (tenant) => list(database.run, tenant),
    change: (tenant, decide) =>
      database.transact(async (tx) => {
        await tx.run({
          tenant,
          name: 'oidc_keys_lock',
          text: `select pg_advisory_xact_lock(hashtextextended('oidc_key', $1))`,
          values: [tenant],
        })
        await write(tx, tenant, await decide(await list(tx.run, tenant)))
        return await list(tx.run, tenant)
      }),
  }
}
