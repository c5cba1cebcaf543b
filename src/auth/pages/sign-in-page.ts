/** Sign in with a password; sign out. */
import { html } from '../../base/html.ts'
import { endSessions } from '../../store/account-sessions.ts'
import { demoAccounts, demoPassword } from '../people/demo-accounts.ts'
import type { PeopleDeps, Refused } from '../people/deps.ts'
import { signIn } from '../people/sign-in.ts'
import { field, form, hidden } from './fields.ts'
import { fill } from './messages/index.ts'
import {
  type Handler,
  nextPath,
  refusalStatus,
  refusalText,
  type Sent,
  type Shown,
  type Visit,
} from './visit.ts'

/** The step after the password. */
const steps = { password: 'second-factor', enrol: 'enrol' } as const

const page = ({ demo }: PeopleDeps, visit: Visit, next: string, refused?: Refused): Shown => {
  const { messages: m, site, formToken, form: given } = visit
  const fields = html`${hidden('next', next)}
${field({ name: 'email', label: m.email, type: 'email', value: given.get('email') ?? '', autocomplete: 'username' })}
${field({ name: 'password', label: m.password, type: 'password', autocomplete: 'current-password' })}`
  const action = `${site.path}/sign-in`
  const wrong = refusalText(m, refused)
  const accounts = demoAccounts.map(
    ({ email, role }) => html`<li>${m.role[role]}: <code>${email}</code></li>`,
  )
  const body = html`${form({ action, button: m.signIn, token: formToken, body: fields, wrong })}
<p><a href="${site.path}/forgot">${m.forgot}</a></p>
<p><a href="${site.path}/sign-up">${m.register}</a></p>
${
  demo &&
  html`<section aria-labelledby="demo"><h2 id="demo">${m.demoAccounts}</h2>
<p>${fill(m.demoPassword, { password: demoPassword })}</p><ul>${accounts}</ul></section>`
}`
  return { title: m.signIn, body, leaves: true, ...refusalStatus(refused) }
}

export const showSignIn: Handler = async (deps, visit): Promise<Shown | Sent> => {
  const next = nextPath(visit.site, visit.query.get('next'))
  const isFull = visit.visitor?.session.stage === 'full'
  return isFull && visit.query.get('fresh') !== '1' ? { to: next } : page(deps, visit, next)
}

export const doSignIn: Handler = async (deps, visit): Promise<Shown | Sent> => {
  const { form: given, site } = visit
  const next = nextPath(site, given.get('next'))
  const asked = { email: given.get('email') ?? '', password: given.get('password') ?? '' }
  const opened = await signIn(deps, site, asked)
  if ('wrong' in opened) return page(deps, visit, next, opened)
  const { stage, token } = opened
  if (stage === 'full') return { to: next, cookie: token }
  return { to: `${site.path}/${steps[stage]}?next=${encodeURIComponent(next)}`, cookie: token }
}

/** Everywhere: all browsers, all tokens. */
export const doSignOut: Handler = async (deps, { site, visitor }): Promise<Sent> => {
  if (visitor) {
    const { tenant, at, address } = site
    const account = visitor.account.id
    await endSessions(deps.database, tenant, account)
    await deps.signOffTokens(tenant, account)
    await deps.record({ kind: 'signed-out', tenant, account, by: account, at, address })
  }
  return { to: `${site.path}/sign-in`, cookie: null }
}
