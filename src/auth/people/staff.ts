/** What administrators do with accounts. */
import { isId, newId } from '../../base/id.ts'
import { isResourceType } from '../../fhir/resource-types.ts'
import { removeFactors } from '../../store/account-factors.ts'
import { endSessions } from '../../store/account-sessions.ts'
import {
  type Account,
  accountReader,
  changeAccount,
  insertAccount,
  isLinked,
  lockAccount,
  reachedLimit,
} from '../../store/accounts.ts'
import type { Transaction } from '../../store/database.ts'
import { mailLink } from './account-mail.ts'
import { deed, type PeopleDeps, type PeopleEvent, type Refused, type Site } from './deps.ts'
import { normaliseEmail } from './email.ts'
import { grantableRoles, mayAdminister } from './policy.ts'

/** Who acts; its roles are asked for again each time. */
export type Actor = Pick<Account, 'id' | 'roles'>

const forbidden: Refused = { wrong: 'forbidden', status: 403 }

const areGrantable = (actor: Actor, wanted: readonly string[]): boolean => {
  const own: readonly string[] = grantableRoles(actor.roles)
  return wanted.length > 0 && wanted.every((role) => own.includes(role))
}

export type Invitation = {
  readonly email: string
  readonly display: string
  readonly language: string
  readonly roles: readonly string[]
}

/** The account waits until its holder has chosen a password; it has its place within the limits from now on. */
export const invite = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  asked: Invitation,
): Promise<Refused | undefined> => {
  if (!mayAdminister(actor.roles)) return forbidden
  const email = normaliseEmail(asked.email)
  if (email === undefined) return { wrong: 'email' }
  const display = asked.display.trim()
  if (display === '' || display.length > 200) return { wrong: 'nameMissing' }
  const roles = [...new Set(asked.roles)]
  if (!areGrantable(actor, roles)) return { wrong: 'role' }
  const { tenant, at } = site
  const account: Account = {
    tenant,
    id: newId(at),
    email,
    display,
    language: asked.language,
    roles,
    links: [],
    state: 'waiting',
    demo: false,
  }
  const limits = await deps.staffLimits(tenant)
  const refused = await deps.database.transact(async (tx): Promise<Refused | undefined> => {
    if (await accountReader(tx).findByEmail(tenant, email)) return { wrong: 'exists', status: 409 }
    const limit = await reachedLimit(tx, tenant, roles, limits)
    if (limit) return { wrong: 'limit', status: 409, limit }
    if (!(await insertAccount(tx, account, at))) return { wrong: 'exists', status: 409 }
    await mailLink(tx, site, account, 'invite')
    return undefined
  })
  if (refused) return refused
  deps.mailWaits()
  await deps.record(deed('invited', site, actor, { account: account.id }))
  return undefined
}

type Change = (tx: Transaction, account: Account) => Promise<Refused | undefined>

/** What follows once the change is committed: tokens that carry what it changed end, mails go out, it is on record. */
type Then = {
  readonly endsTokens?: boolean
  readonly mails?: boolean
  readonly record?: PeopleEvent['kind']
}

/** Locks the account, refuses who may not touch it, and changes it in one transaction. */
const administer = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  then: Then,
  change: Change,
): Promise<Refused | undefined> => {
  if (!mayAdminister(actor.roles)) return forbidden
  const refused = await deps.database.transact(async (tx): Promise<Refused | undefined> => {
    const account = await lockAccount(tx, site.tenant, id)
    if (account === undefined) return { wrong: 'notFound', status: 404 }
    if (!areGrantable(actor, account.roles)) return forbidden
    return await change(tx, account)
  })
  if (refused) return refused
  if (then.endsTokens) await deps.endTokens(site.tenant, id)
  if (then.mails) deps.mailWaits()
  if (then.record) await deps.record(deed(then.record, site, actor, { account: id }))
  return undefined
}

/** Tokens carry roles, so they end with a change of them. */
export const changeRoles = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  wanted: readonly string[],
): Promise<Refused | undefined> => {
  const roles = [...new Set(wanted)]
  if (!areGrantable(actor, roles)) return { wrong: 'role' }
  if (id === actor.id) return { wrong: 'self', status: 403 }
  const limits = await deps.staffLimits(site.tenant)
  return await administer(
    deps,
    site,
    actor,
    id,
    { endsTokens: true, record: 'account-changed' },
    async (tx, account) => {
      const added = account.state === 'inactive' ? [] : roles.filter((role) => !account.roles.includes(role))
      const limit = await reachedLimit(tx, site.tenant, added, limits)
      if (limit) return { wrong: 'limit', status: 409, limit }
      await changeAccount(tx, site.tenant, id, { roles }, site.at)
      await endSessions(tx, site.tenant, id)
      return undefined
    },
  )
}

/** At once: sessions end with the change, tokens right after it. */
export const deactivate = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
): Promise<Refused | undefined> => {
  if (id === actor.id) return { wrong: 'self', status: 403 }
  return await administer(deps, site, actor, id, { endsTokens: true, record: 'deactivated' }, async (tx) => {
    await changeAccount(tx, site.tenant, id, { state: 'inactive' }, site.at)
    await endSessions(tx, site.tenant, id)
    return undefined
  })
}

/** Takes a place within the limits again. Who never had a password is invited again. */
export const activate = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
): Promise<Refused | undefined> => {
  const limits = await deps.staffLimits(site.tenant)
  return await administer(
    deps,
    site,
    actor,
    id,
    { mails: true, record: 'activated' },
    async (tx, account) => {
      if (account.state !== 'inactive') return undefined
      const limit = await reachedLimit(tx, site.tenant, account.roles, limits)
      if (limit) return { wrong: 'limit', status: 409, limit }
      const isReady = (account as { password?: string }).password !== undefined
      await changeAccount(tx, site.tenant, id, { state: isReady ? 'active' : 'waiting' }, site.at)
      if (!isReady) await mailLink(tx, site, account, account.person ? 'confirm' : 'invite')
      return undefined
    },
  )
}

export const inviteAgain = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
): Promise<Refused | undefined> => {
  return await administer(deps, site, actor, id, { mails: true }, async (tx, account) => {
    if (account.state === 'waiting') await mailLink(tx, site, account, account.person ? 'confirm' : 'invite')
    return undefined
  })
}

const linkable = ['Patient', 'Practitioner', 'PractitionerRole', 'RelatedPerson']

/** Says who the person is among the resources, in place of another of the same type. Tokens end: they carry it. */
export const link = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  reference: string,
): Promise<Refused | undefined> => {
  const [type = '', key = '', ...more] = reference.trim().split('/')
  if (!linkable.includes(type) || !isResourceType(type) || !isId(key) || more.length > 0)
    return { wrong: 'linkForm' }
  const wanted = `${type}/${key}`
  if (!(await deps.exists(site.tenant, wanted))) return { wrong: 'linkMissing', status: 422 }
  return await relink(deps, site, actor, id, wanted, (links) => [
    ...links.filter((known) => !known.startsWith(`${type}/`)),
    wanted,
  ])
}

export const unlink = (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  reference: string,
): Promise<Refused | undefined> =>
  relink(deps, site, actor, id, undefined, (links) => links.filter((known) => known !== reference))

const relink = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  wanted: string | undefined,
  next: (links: readonly string[]) => readonly string[],
): Promise<Refused | undefined> => {
  return await administer(
    deps,
    site,
    actor,
    id,
    { endsTokens: true, record: 'account-changed' },
    async (tx, account) => {
      if (wanted !== undefined && (await isLinked(tx, site.tenant, wanted, id)))
        return { wrong: 'linkTaken', status: 409 }
      await changeAccount(tx, site.tenant, id, { links: next(account.links) }, site.at)
      return undefined
    },
  )
}

/** For somebody who lost the device: the next sign-in sets up new ones. */
export const resetFactors = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
): Promise<Refused | undefined> => {
  if (id === actor.id) return { wrong: 'self', status: 403 }
  return await administer(deps, site, actor, id, { record: 'factor-removed' }, async (tx) => {
    await removeFactors(tx, site.tenant, id)
    await endSessions(tx, site.tenant, id)
    return undefined
  })
}
