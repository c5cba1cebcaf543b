/** First step of a sign-in: e-mail address and password. */

import { factorsOf } from '../../store/account-factors.ts'
import { endSession, openSession, type Session, type Stage } from '../../store/account-sessions.ts'
import { type Account, accountReader } from '../../store/accounts.ts'
import { forgetAttempts } from '../../store/attempts.ts'
import { newToken, type PeopleDeps, type Refused, type Site } from './deps.ts'
import { normaliseEmail } from './email.ts'
import { attemptSubject, refuseTooMany } from './limits.ts'
import { ensurePatient } from './own-patient.ts'
import { lifetimes, needsSecondFactor } from './policy.ts'

/** `token` goes into the cookie. */
export type Opened = { readonly token: string; readonly stage: Stage }

/** Accounts of the demonstration are everybody's: outside of it they do not exist. */
export const mayUse = ({ demo }: Pick<PeopleDeps, 'demo'>, account: Account): boolean =>
  account.state === 'active' && (demo || !account.demo)

/** One password is computed in every case that is judged, so that time does not tell who has an account. */
export const signIn = async (
  deps: PeopleDeps,
  site: Site,
  asked: { readonly email: string; readonly password: string },
): Promise<Refused | Opened> => {
  const { database } = deps
  const { tenant, at, address } = site
  const email = normaliseEmail(asked.email) ?? ''
  const tooMany = await refuseTooMany(deps, site, ['address', address], ['signIn', email])
  if (tooMany) return tooMany
  const account = await accountReader(database).findByEmail(tenant, email)
  const usable = account && mayUse(deps, account) ? account : undefined
  const isRight = await deps.passwords.verify(asked.password, usable?.password)
  if (usable === undefined || !isRight) {
    const whose = account ? { account: account.id } : {}
    await deps.record({ kind: 'sign-in-refused', tenant, ...whose, at, address })
    return { wrong: 'signIn', status: 401 }
  }
  await forgetAttempts(database, tenant, attemptSubject(['signIn', email]))
  const confirmed = (await factorsOf(database, tenant, usable.id)).some((factor) => factor.confirmed)
  const stage = confirmed ? 'password' : needsSecondFactor(usable.roles) && !usable.demo ? 'enrol' : 'full'
  const session = { account: usable.id, stage, methods: ['pwd'], challenge: null, at } as const
  if (stage === 'full') return await complete(deps, site, session)
  const token = newToken()
  await openSession(database, tenant, token, session, at + lifetimes.step)
  return { token, stage }
}

/** The last step: a new token, so that one from before is worth nothing. */
export const complete = async (
  deps: PeopleDeps,
  site: Site,
  session: Session,
  before?: string,
): Promise<Opened> => {
  const { database } = deps
  const { tenant, at, address } = site
  const account = await accountReader(database).find(tenant, session.account)
  if (account) await ensurePatient(deps, account, at)
  const token = newToken()
  if (before !== undefined) await endSession(database, tenant, before)
  const full = { ...session, stage: 'full', challenge: null, at } as const
  await openSession(database, tenant, token, full, at + lifetimes.session)
  await deps.record({ kind: 'signed-in', tenant, account: session.account, by: session.account, at, address })
  return { token, stage: 'full' }
}
