/** Second factors: TOTP, passkeys, and the recovery codes for when they are lost. */
import { tokenHash } from './account-links.ts'
import type { Transaction } from './database.ts'

export type Factor = {
  readonly id: string
  readonly kind: 'totp' | 'passkey'
  readonly label: string
  /** Of TOTP: sealed. */
  readonly secret: string | null
  /** Of a passkey, in COSE. */
  readonly publicKey: Buffer | null
  /** The last time step of TOTP that was used, the signature counter of a passkey. */
  readonly counter: number
  readonly transports: readonly string[]
  /** Whether the person has shown that it works. */
  readonly confirmed: boolean
}

const columns = `id, kind, label, secret, public_key as "publicKey", counter::float8 as counter, transports, confirmed`

export const factorsOf = (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
): Promise<Factor[]> =>
  run<Factor>({
    name: 'factor_list',
    text: `select ${columns} from account_factor where tenant = $1 and account = $2::uuid order by created_at, id`,
    tenant,
    values: [tenant, account],
  })

/** A factor under the same id is replaced, so that an enrolment can be begun again. */
export const keepFactor = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
  factor: Factor,
  at: number,
): Promise<void> => {
  const { id, kind, label, secret, publicKey, counter, transports, confirmed } = factor
  await run({
    name: 'factor_keep',
    text: `insert into account_factor
  (tenant, account, id, kind, label, secret, public_key, counter, transports, confirmed, created_at)
values ($1, $2::uuid, $3, $4, $5, $6, $7, $8, $9::text[], $10, $11)
on conflict (tenant, account, id) do update set label = excluded.label, secret = excluded.secret,
  public_key = excluded.public_key, counter = excluded.counter, confirmed = excluded.confirmed
where not account_factor.confirmed`,
    tenant,
    values: [
      tenant,
      account,
      id,
      kind,
      label,
      secret,
      publicKey,
      counter,
      transports,
      confirmed,
      new Date(at),
    ],
  })
}

/** Moves the counter forward and confirms the factor. False when the counter is not beyond the last one: a replay. */
export const advanceFactor = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
  id: string,
  counter: number,
  at: number,
): Promise<boolean> => {
  const text = `update account_factor set counter = $4, confirmed = true, used_at = $5
where tenant = $1 and account = $2::uuid and id = $3 and (counter < $4 or (kind = 'passkey' and counter = 0 and $4 = 0))
returning id`
  const values = [tenant, account, id, counter, new Date(at)]
  return (await run({ name: 'factor_advance', text, tenant, values })).length > 0
}

export const removeFactor = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
  id: string,
): Promise<void> => {
  const text = `delete from account_factor where tenant = $1 and account = $2::uuid and id = $3`
  await run({ name: 'factor_remove', text, tenant, values: [tenant, account, id] })
}

/** Staff that lost everything starts again: the next sign-in enrols. */
export const removeFactors = async (tx: Transaction, tenant: number, account: string): Promise<void> => {
  const where = 'where tenant = $1 and account = $2::uuid'
  const values = [tenant, account]
  await tx.run({
    name: 'factors_remove',
    text: `delete from account_factor ${where}`,
    tenant,
    values,
  })
  await tx.run({
    name: 'recovery_remove',
    text: `delete from account_recovery ${where}`,
    tenant,
    values,
  })
}

/** Replaces all recovery codes of the account. */
export const keepRecoveryCodes = async (
  tx: Transaction,
  tenant: number,
  account: string,
  codes: readonly string[],
): Promise<void> => {
  const removal = 'delete from account_recovery where tenant = $1 and account = $2::uuid'
  await tx.run({ name: 'recovery_clear', text: removal, tenant, values: [tenant, account] })
  const text = `insert into account_recovery (tenant, account, hash) select $1, $2::uuid, unnest($3::bytea[])`
  await tx.run({
    name: 'recovery_keep',
    text,
    tenant,
    values: [tenant, account, codes.map(tokenHash)],
  })
}

/** False when there is no such code, or it was used. */
export const takeRecoveryCode = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
  code: string,
): Promise<boolean> => {
  const text = `delete from account_recovery where tenant = $1 and account = $2::uuid and hash = $3 returning 1`
  const rows = await run({
    name: 'recovery_take',
    text,
    tenant,
    values: [tenant, account, tokenHash(code)],
  })
  return rows.length > 0
}

export const countRecoveryCodes = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  account: string,
): Promise<number> => {
  const text = `select count(*)::int as n from account_recovery where tenant = $1 and account = $2::uuid`
  const [row] = await run<{ n: number }>({
    name: 'recovery_count',
    text,
    tenant,
    values: [tenant, account],
  })
  return row?.n ?? 0
}
