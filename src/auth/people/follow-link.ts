/** The page behind the link of a mail: its holder chooses a password, and is who the mail was sent to. */
import { newId } from '../../base/id.ts'
import { keepLink, type Link, seeLink, takeLink } from '../../store/account-links.ts'
import { endSessions } from '../../store/account-sessions.ts'
import {
  type Account,
  accountReader,
  changeAccount,
  hasRole,
  insertAccount,
  lockAccount,
} from '../../store/accounts.ts'
import { forgetAttempts } from '../../store/attempts.ts'
import type { Database } from '../../store/database.ts'
import { defaultTenant } from '../../store/tenants.ts'
import { linkUrl, mailNotice } from './account-mail.ts'
import { newToken, type PeopleDeps, type Refused, type Site } from './deps.ts'
import { normaliseEmail } from './email.ts'
import { attemptSubject } from './limits.ts'
import { ensurePatient } from './own-patient.ts'
import { passwordFault } from './password-rules.ts'
import { lifetimes } from './policy.ts'

/** Only of the default hospital does somebody look after all. */
const firstRoles = (tenant: number): readonly string[] =>
  tenant === defaultTenant ? ['hospital-administrator', 'super-administrator'] : ['hospital-administrator']

/** Looks at a link without using it up; undefined when it does not work any more. */
export const lookAtLink = async (
  { database }: PeopleDeps,
  site: Site,
  token: string,
): Promise<{ readonly link: Link; readonly email?: string } | undefined> => {
  const link = await seeLink(database, site.tenant, token, site.at)
  if (link?.account == null) return link && { link }
  const account = await accountReader(database).find(site.tenant, link.account)
  return account && { link, email: account.email }
}

export type Following = {
  readonly token: string
  readonly password: string
  /** For the first administrator only. */
  readonly email: string
  readonly display: string
}

/** Sets the password and uses the link up, or says what is wrong with the password and leaves the link. */
export const followLink = async (
  deps: PeopleDeps,
  site: Site,
  asked: Following,
): Promise<Refused | undefined> => {
  const { database } = deps
  const link = await seeLink(database, site.tenant, asked.token, site.at)
  if (link === undefined) return { wrong: 'link', status: 410 }
  if (link.account === null) return await makeFirst(deps, site, asked)
  const account = await accountReader(database).find(site.tenant, link.account)
  if (account === undefined) return { wrong: 'link', status: 410 }
  const fault = passwordFault(asked.password, [account.email, account.display])
  if (fault) return { wrong: fault }
  const password = await deps.passwords.hash(asked.password)
  const done = await database.transact(async (tx) => {
    const taken = await takeLink(tx, site.tenant, asked.token, site.at)
    const now = taken && (await lockAccount(tx, site.tenant, account.id))
    if (!now || now.state === 'inactive') return undefined
    await changeAccount(tx, site.tenant, account.id, { password, state: 'active' }, site.at)
    await endSessions(tx, site.tenant, account.id)
    await forgetAttempts(tx, site.tenant, attemptSubject(['signIn', account.email]))
    await mailNotice(tx, site, account, now.state === 'waiting' ? 'welcome' : 'password')
    return now
  })
  if (done === undefined) return { wrong: 'link', status: 410 }
  deps.mailWaits()
  if (done.state === 'active') await deps.endTokens(site.tenant, account.id)
  const kind = done.state === 'waiting' ? 'confirmed' : 'password-changed'
  await deps.record({
    kind,
    tenant: site.tenant,
    account: account.id,
    by: account.id,
    at: site.at,
    address: site.address,
  })
  // When it does not work now, it is done at the first sign-in.
  await ensurePatient(deps, { ...done, state: 'active' }, site.at).catch(() => {})
  return undefined
}

const makeFirst = async (deps: PeopleDeps, site: Site, asked: Following): Promise<Refused | undefined> => {
  const email = normaliseEmail(asked.email)
  if (email === undefined) return { wrong: 'email' }
  const display = asked.display.trim()
  if (display === '' || display.length > 200) return { wrong: 'nameMissing' }
  const fault = passwordFault(asked.password, [email, display])
  if (fault) return { wrong: fault }
  const password = await deps.passwords.hash(asked.password)
  const id = newId(site.at)
  const account: Account = {
    tenant: site.tenant,
    id,
    email,
    display,
    language: 'en',
    roles: firstRoles(site.tenant),
    links: [],
    state: 'active',
    demo: false,
  }
  const refused = await deps.database.transact(async (tx): Promise<Refused | undefined> => {
    if (await accountReader(tx).findByEmail(site.tenant, email)) return { wrong: 'exists', status: 409 }
    if (!(await takeLink(tx, site.tenant, asked.token, site.at))) return { wrong: 'link', status: 410 }
    await insertAccount(tx, { ...account, password }, site.at)
    return undefined
  })
  if (refused) return refused
  const { tenant, at, address } = site
  await deps.record({ kind: 'confirmed', tenant, account: id, by: id, at, address })
  return undefined
}

/**
 * Address of a page that makes the first administrator, while the tenant has none; it works once. Each call replaces the
 * link before.
 */
export const firstAdministratorLink = async (
  database: Database,
  site: Pick<Site, 'tenant' | 'origin' | 'path' | 'at'>,
): Promise<string | undefined> => {
  if (await hasRole(database, site.tenant, firstRoles(site.tenant))) return undefined
  const token = newToken()
  await database.transact((tx) =>
    keepLink(tx, site.tenant, token, { purpose: 'first', account: null }, site.at + lifetimes.first),
  )
  return linkUrl(site, token)
}
