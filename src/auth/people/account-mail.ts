/** Mails to people about their account, in their language; written into the outbox by who does what they tell of. */
import { newId } from '../../base/id.ts'
import { keepLink, type LinkPurpose } from '../../store/account-links.ts'
import type { Account } from '../../store/accounts.ts'
import type { Transaction } from '../../store/database.ts'
import { enqueueMail } from '../../store/mails.ts'
import { fill, messagesOf } from '../pages/messages/index.ts'
import { newToken, type Site } from './deps.ts'
import { lifetimes } from './policy.ts'

type Kind = 'confirm' | 'exists' | 'welcome' | 'invite' | 'reset' | 'password'

const hour = 3_600_000

/** Full address of the page that a link of a mail leads to. */
export const linkUrl = ({ origin, path }: Pick<Site, 'origin' | 'path'>, token: string): string =>
  `${origin}${path}/link?token=${token}`

const write = async (
  tx: Transaction,
  site: Site,
  account: Account,
  kind: Kind,
  values: Readonly<Record<string, string | number>>,
): Promise<void> => {
  const { mail } = messagesOf(account.language)
  const { tenant, email } = account
  const content = fill(mail[kind], { name: account.display, site: new URL(site.origin).host, ...values })
  const subject = mail[`${kind}Subject`]
  await enqueueMail(tx, { tenant, id: newId(site.at), recipient: email, subject, content }, site.at)
}

/** A mail with a new link; earlier links of the account no longer work. */
export const mailLink = async (
  tx: Transaction,
  site: Site,
  account: Account,
  kind: 'confirm' | 'exists' | 'invite' | 'reset',
): Promise<void> => {
  const purpose: LinkPurpose = kind === 'exists' ? 'reset' : kind
  const token = newToken()
  const life = lifetimes[purpose]
  await keepLink(tx, account.tenant, token, { purpose, account: account.id }, site.at + life)
  await write(tx, site, account, kind, { link: linkUrl(site, token), hours: life / hour })
}

/** A mail that tells of something and leads to a page for everybody. */
export const mailNotice = (
  tx: Transaction,
  site: Site,
  account: Account,
  kind: 'welcome' | 'password',
): Promise<void> => {
  const page = kind === 'welcome' ? 'sign-in' : 'forgot'
  return write(tx, site, account, kind, { link: `${site.origin}${site.path}/${page}` })
}
