/** The page of one's own account: password, second factors, recovery codes, apps. */
import { html } from '../../base/html.ts'
import { countRecoveryCodes, factorsOf } from '../../store/account-factors.ts'
import type { PeopleDeps, Refused } from '../people/deps.ts'
import { changePassword, dropFactor } from '../people/own-account.ts'
import { recoveryPage } from './factor-pages.ts'
import { field, form, hidden } from './fields.ts'
import { fill } from './messages/index.ts'
import { type Handler, refusalStatus, refusalText, type Sent, type Shown, type SignedVisit } from './visit.ts'

const accountPage = async (
  deps: PeopleDeps,
  visit: SignedVisit,
  refused?: Refused,
  isChanged = false,
): Promise<Shown> => {
  const { messages: m, site, formToken, visitor } = visit
  const { account } = visitor
  const factors = (await factorsOf(deps.database, site.tenant, account.id)).filter((one) => one.confirmed)
  const codes = await countRecoveryCodes(deps.database, site.tenant, account.id)
  const roleNames = m.role as Readonly<Record<string, string>>
  const isPassword = refused?.wrong.startsWith('password')
  const passwords = html`${field({
    name: 'current',
    label: m.currentPassword,
    type: 'password',
    autocomplete: 'current-password',
    wrong: refused?.wrong === 'passwordCurrent' ? m.wrong.passwordCurrent : undefined,
  })}${field({
    name: 'password',
    label: m.newPassword,
    type: 'password',
    autocomplete: 'new-password',
    hint: m.passwordRule,
    wrong: isPassword && refused?.wrong !== 'passwordCurrent' ? refusalText(m, refused) : undefined,
  })}`
  const post = (action: string, button: string, body = html``) =>
    form({ action: `${site.path}/${action}`, button, token: formToken, body })
  const body = html`${isChanged && html`<p role="status">${m.changed}</p>`}
${refused && !isPassword && html`<p class="wrong" role="alert">${refusalText(m, refused)}</p>`}
<p>${fill(m.signedInAs, { name: account.display, email: account.email })}</p>
<p>${m.rolesTitle}: ${account.roles.map((role) => roleNames[role] ?? role).join(', ')}</p>
<p><a href="${site.path}/apps">${m.apps}</a></p>
<h2>${m.factors}</h2>
${factors.length === 0 && html`<p>${m.noFactors}</p>`}
<ul>${factors.map(
    (factor) =>
      html`<li>${factor.kind === 'totp' ? m.totp : `${m.passkey} ${factor.label}`} ${post('account/factor', m.remove, hidden('factor', factor.id))}</li>`,
  )}</ul>
<p><a href="${site.path}/enrol?next=${site.path}/account">${m.enrolTitle}</a></p>
<p>${fill(m.recoveryLeft, { count: codes })}</p>
${factors.length > 0 && post('account/codes', m.newCodes)}
<h2>${m.changePassword}</h2>
${post('account/password', m.changePassword, passwords)}`
  return { title: m.account, body, ...refusalStatus(refused) }
}

export const showAccount: Handler<SignedVisit> = async (deps, visit) =>
  accountPage(deps, visit, undefined, visit.query.get('changed') === '1')

export const doPassword: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const { form: given, site, visitor } = visit
  const asked = { current: given.get('current') ?? '', password: given.get('password') ?? '' }
  const done = await changePassword(deps, site, visitor.account, visitor.session, asked)
  if (typeof done !== 'string') return await accountPage(deps, visit, done)
  return { to: `${site.path}/account?changed=1`, cookie: done }
}

export const doDropFactor: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const { site, visitor, form: given } = visit
  const refused = await dropFactor(deps, site, visitor.account, given.get('factor') ?? '')
  return refused ? await accountPage(deps, visit, refused) : { to: `${site.path}/account?changed=1` }
}

export const doNewCodes: Handler<SignedVisit> = async (deps, visit) =>
  recoveryPage(deps, visit, `${visit.site.path}/account`)
