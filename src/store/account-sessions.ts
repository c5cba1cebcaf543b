/** Sessions of browsers with the server's own pages; a cookie holds the token, the table its hash. */
import { tokenHash } from './account-links.ts'
import type { Transaction } from './database.ts'

/** `password`: a second factor is still to be shown; `enrol`: still to be set up; `full`: signed in. */
export type Stage = 'password' | 'enrol' | 'full'

export type Session = {
  readonly account: string
  readonly stage: Stage
  /** https://www.rfc-editor.org/rfc/rfc8176 */
  readonly methods: readonly string[]
  /** What a passkey is asked to sign. */
  readonly challenge: string | null
  /** When the last step of the sign-in was done, in ms since 1970. */
  readonly at: number
}

type Runner = Pick<Transaction, 'run'>

export const openSession = async (
  { run }: Runner,
  tenant: number,
  token: string,
  session: Session,
  expires: number,
): Promise<void> => {
  const { account, stage, methods, challenge, at } = session
  await run({
    name: 'session_open',
    text: `insert into account_session (tenant, hash, account, stage, methods, challenge, at, expires_at)
values ($1, $2, $3::uuid, $4, $5::text[], $6, $7, $8)`,
    tenant,
    values: [tenant, tokenHash(token), account, stage, methods, challenge, new Date(at), new Date(expires)],
  })
}

/** Undefined when it ended or the account is not active: deactivation needs nothing else to hold. */
export const findSession = async (
  { run }: Runner,
  tenant: number,
  token: string,
  at: number,
): Promise<Session | undefined> => {
  const text = `select s.account, s.stage, s.methods, s.challenge, s.at
from account_session s join account a on a.tenant = s.tenant and a.id = s.account
where s.tenant = $1 and s.hash = $2 and s.expires_at > $3 and a.state = 'active'`
  const values = [tenant, tokenHash(token), new Date(at)]
  const [row] = await run<Session>({ name: 'session_find', text, tenant, values })
  return row
}

export const setChallenge = async (
  { run }: Runner,
  tenant: number,
  token: string,
  challenge: string | null,
): Promise<void> => {
  const text = 'update account_session set challenge = $3 where tenant = $1 and hash = $2'
  await run({
    name: 'session_challenge',
    text,
    tenant,
    values: [tenant, tokenHash(token), challenge],
  })
}

export const endSession = async ({ run }: Runner, tenant: number, token: string): Promise<void> => {
  const text = 'delete from account_session where tenant = $1 and hash = $2'
  await run({ name: 'session_end', text, tenant, values: [tenant, tokenHash(token)] })
}

export const endSessions = async ({ run }: Runner, tenant: number, account: string): Promise<void> => {
  const text = 'delete from account_session where tenant = $1 and account = $2::uuid'
  await run({ name: 'session_end_all', text, tenant, values: [tenant, account] })
}

/** Sessions and links whose time is over. */
export const removeExpired = async ({ run }: Runner, at: number): Promise<void> => {
  for (const table of ['account_session', 'account_link']) {
    const text = `delete from ${table} where expires_at < $1`
    await run({ name: `${table}_expired`, tenant: '*', text, values: [new Date(at)] })
  }
}
