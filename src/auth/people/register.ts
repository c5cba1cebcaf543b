/** Registration of patients and forgotten passwords: the answer is the same whoever has an account. */
import { newId } from '../../base/id.ts'
import {
  type Account,
  accountReader,
  changeAccount,
  insertAccount,
  type PersonName,
  reachedLimit,
} from '../../store/accounts.ts'
import type { Transaction } from '../../store/database.ts'
import { mailLink } from './account-mail.ts'
import type { PeopleDeps, Refused, Site } from './deps.ts'
import { normaliseEmail } from './email.ts'
import { refuseTooMany } from './limits.ts'

export type Registration = PersonName & { readonly email: string; readonly language: string }

const isName = (text: string): boolean => text.trim().length > 0 && text.length <= 100

const isPast = (date: string, at: number): boolean => {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(date) ? Date.parse(date) : Number.NaN
  return time < at && time > Date.parse('1880-01-01') && new Date(time).toISOString().startsWith(date)
}

/** Undefined when a mail is on its way, or none has to be. Nobody has proven anything yet: there is no password. */
export const register = async (
  deps: PeopleDeps,
  site: Site,
  asked: Registration,
): Promise<Refused | undefined> => {
  const email = normaliseEmail(asked.email)
  if (email === undefined) return { wrong: 'email' }
  const { given, family, birthDate } = asked
  if (!isName(given) || !isName(family)) return { wrong: 'nameMissing' }
  if (birthDate === undefined || !isPast(birthDate, site.at)) return { wrong: 'birthDate' }
  const tooMany = await refuseTooMany(deps, site, ['addressMail', site.address], ['mail', email])
  if (tooMany) return tooMany
  const limits = await deps.staffLimits(site.tenant)
  const person = { given: given.trim(), family: family.trim(), birthDate }
  const wanted: Account = {
    tenant: site.tenant,
    id: newId(site.at),
    email,
    display: `${person.given} ${person.family}`,
    language: asked.language,
    roles: ['patient'],
    links: [],
    state: 'waiting',
    demo: false,
    person,
  }
  const refused = await deps.database.transact(async (tx): Promise<Refused | undefined> => {
    const known = await accountReader(tx).findByEmail(site.tenant, email)
    if (known) return await remind(tx, site, known, wanted)
    const limit = await reachedLimit(tx, site.tenant, wanted.roles, limits)
    if (limit) return { wrong: 'limit', status: 409, limit }
    if (await insertAccount(tx, wanted, site.at)) await mailLink(tx, site, wanted, 'confirm')
    return undefined
  })
  if (refused) return refused
  deps.mailWaits()
  await deps.record({ kind: 'registered', tenant: site.tenant, at: site.at, address: site.address })
  return undefined
}

/** Only who reads the mailbox learns that there is an account. */
const remind = async (tx: Transaction, site: Site, known: Account, wanted: Account): Promise<undefined> => {
  if (known.state === 'inactive' || known.demo) return undefined
  if (known.state === 'active') await mailLink(tx, site, known, 'exists')
  else if (known.person === undefined) await mailLink(tx, site, known, 'invite')
  else {
    // Nobody has confirmed the earlier registration: the names of this one may be the right ones.
    const { display, language, person } = wanted
    await changeAccount(tx, site.tenant, known.id, { display, language, ...(person && { person }) }, site.at)
    await mailLink(tx, site, { ...wanted, id: known.id }, 'confirm')
  }
  return undefined
}

/** A link to choose a new password, if there is such an account. */
export const forgot = async (deps: PeopleDeps, site: Site, text: string): Promise<Refused | undefined> => {
  const email = normaliseEmail(text)
  if (email === undefined) return { wrong: 'email' }
  const tooMany = await refuseTooMany(deps, site, ['addressMail', site.address], ['mail', email])
  if (tooMany) return tooMany
  await deps.database.transact(async (tx) => {
    const known = await accountReader(tx).findByEmail(site.tenant, email)
    if (known === undefined || known.state === 'inactive' || known.demo) return
    const kind = known.state === 'active' ? 'reset' : known.person ? 'confirm' : 'invite'
    await mailLink(tx, site, known, kind)
  })
  deps.mailWaits()
  return undefined
}
