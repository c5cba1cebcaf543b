/** What people change of their own account. */
import { factorsOf, removeFactor } from '../../store/account-factors.ts'
import { endSessions, openSession, type Session } from '../../store/account-sessions.ts'
import { type AccountWithPassword, changeAccount, lockAccount } from '../../store/accounts.ts'
import { mailNotice } from './account-mail.ts'
import { newToken, type PeopleDeps, type Refused, type Site } from './deps.ts'
import { refuseTooMany } from './limits.ts'
import { passwordFault } from './password-rules.ts'
import { lifetimes, needsSecondFactor } from './policy.ts'

/** Ends every other session and all tokens; gives the token of a new session. */
export const changePassword = async (
  deps: PeopleDeps,
  site: Site,
  account: AccountWithPassword,
  session: Session,
  asked: { readonly current: string; readonly password: string },
): Promise<Refused | string> => {
  if (account.demo) return { wrong: 'forbidden', status: 403 }
  const { tenant, at, address } = site
  const tooMany = await refuseTooMany(deps, site, ['factor', `password ${account.id}`])
  if (tooMany) return tooMany
  if (!(await deps.passwords.verify(asked.current, account.password)))
    return { wrong: 'passwordCurrent', status: 401 }
  const fault = passwordFault(asked.password, [account.email, account.display])
  if (fault) return { wrong: fault }
  const password = await deps.passwords.hash(asked.password)
  const token = newToken()
  await deps.database.transact(async (tx) => {
    await changeAccount(tx, tenant, account.id, { password }, at)
    await endSessions(tx, tenant, account.id)
    await openSession(tx, tenant, token, session, at + lifetimes.session)
    await mailNotice(tx, site, account, 'password')
  })
  deps.mailWaits()
  await deps.endTokens(tenant, account.id)
  await deps.record({ kind: 'password-changed', tenant, account: account.id, by: account.id, at, address })
  return token
}

/** The last second factor of somebody who needs one stays. */
export const dropFactor = async (
  deps: PeopleDeps,
  site: Site,
  account: AccountWithPassword,
  factor: string,
): Promise<Refused | undefined> => {
  const { tenant, at, address } = site
  const refused = await deps.database.transact(async (tx): Promise<Refused | undefined> => {
    await lockAccount(tx, tenant, account.id)
    const confirmed = (await factorsOf(tx, tenant, account.id)).filter((one) => one.confirmed)
    const isLast = confirmed.every(({ id }) => id === factor)
    if (isLast && needsSecondFactor(account.roles)) return { wrong: 'factorNeeded', status: 409 }
    await removeFactor(tx, tenant, account.id, factor)
    return undefined
  })
  if (refused) return refused
  await deps.record({ kind: 'factor-removed', tenant, account: account.id, by: account.id, at, address })
  return undefined
}
