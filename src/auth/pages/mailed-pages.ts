/** Pages that lead to a mail, and the page that the link of a mail leads to. */
import { type Html, html } from '../../base/html.ts'
import type { Refused } from '../people/deps.ts'
import { followLink, lookAtLink } from '../people/follow-link.ts'
import { lifetimes } from '../people/policy.ts'
import { forgot, register } from '../people/register.ts'
import { field, form, hidden } from './fields.ts'
import { fill } from './messages/index.ts'
import { type Handler, refusalStatus, refusalText, type Shown, type Visit } from './visit.ts'

const hour = 3_600_000

/** The same whether a mail was sent or not. */
const mailed = ({ messages: m, form: given }: Visit, life: number): Shown => ({
  title: m.checkMail,
  body: html`<p>${fill(m.checkMailText, { email: given.get('email') ?? '', hours: life / hour })}</p>`,
})

const signUpPage = ({ messages: m, site, formToken, form: given }: Visit, refused?: Refused): Shown => {
  const at = (name: string, kind: Refused['wrong']) => ({
    name,
    value: given.get(name) ?? '',
    wrong: refused?.wrong === kind ? m.wrong[kind] : undefined,
  })
  const fields = html`<p>${m.registerText}</p>
${field({ ...at('given', 'nameMissing'), label: m.given, autocomplete: 'given-name' })}
${field({ ...at('family', 'nameMissing'), label: m.family, autocomplete: 'family-name' })}
${field({ ...at('birthDate', 'birthDate'), label: m.birthDate, type: 'date', autocomplete: 'bday' })}
${field({ ...at('email', 'email'), label: m.email, type: 'email', autocomplete: 'email' })}`
  const wrong = refusalText(m, refused)
  const body = form({ action: `${site.path}/sign-up`, button: m.send, token: formToken, body: fields, wrong })
  return { title: m.register, body, ...refusalStatus(refused) }
}

export const showSignUp: Handler = async (_deps, visit) => signUpPage(visit)

export const doSignUp: Handler = async (deps, visit) => {
  const text = (name: string): string => visit.form.get(name) ?? ''
  const person = { given: text('given'), family: text('family'), birthDate: text('birthDate') }
  const asked = { ...person, email: text('email'), language: visit.language }
  const refused = await register(deps, visit.site, asked)
  return refused ? signUpPage(visit, refused) : mailed(visit, lifetimes.confirm)
}

const forgotPage = ({ messages: m, site, formToken, form: given }: Visit, refused?: Refused): Shown => {
  const value = given.get('email') ?? ''
  const fields = html`<p>${m.resetText}</p>
${field({ name: 'email', label: m.email, type: 'email', value, autocomplete: 'username' })}`
  const wrong = refusalText(m, refused)
  const body = form({ action: `${site.path}/forgot`, button: m.send, token: formToken, body: fields, wrong })
  return { title: m.resetTitle, body, ...refusalStatus(refused) }
}

export const showForgot: Handler = async (_deps, visit) => forgotPage(visit)

export const doForgot: Handler = async (deps, visit) => {
  const refused = await forgot(deps, visit.site, visit.form.get('email') ?? '')
  return refused ? forgotPage(visit, refused) : mailed(visit, lifetimes.reset)
}

const brokenLink = ({ messages: m, site }: Visit): Shown => ({
  title: m.wrong.title,
  body: html`<p>${m.wrong.link}</p><p><a href="${site.path}/forgot">${m.forgot}</a></p>`,
  status: 410,
})

type Found = NonNullable<Awaited<ReturnType<typeof lookAtLink>>>

const firstFields = ({ messages: m, form: given }: Visit): Html => html`<p>${m.firstText}</p>
${field({ name: 'display', label: m.name, value: given.get('display') ?? '', autocomplete: 'name' })}
${field({ name: 'email', label: m.email, type: 'email', value: given.get('email') ?? '', autocomplete: 'username' })}`

const passwordPage = (visit: Visit, found: Found, token: string, refused?: Refused): Shown => {
  const { messages: m, site, formToken } = visit
  const isFirst = found.link.purpose === 'first'
  const wrong = refused?.wrong.startsWith('password') ? refusalText(m, refused) : undefined
  const known = html`<label for="email">${m.email}</label>
<input id="email" type="email" value="${found.email}" autocomplete="username" readonly>`
  const fields = html`${hidden('token', token)}
${isFirst ? firstFields(visit) : known}
${field({ name: 'password', label: m.newPassword, type: 'password', autocomplete: 'new-password', hint: m.passwordRule, wrong })}`
  const action = `${site.path}/link`
  const whole = wrong === undefined ? refusalText(m, refused) : undefined
  const body = form({ action, button: m.save, token: formToken, body: fields, wrong: whole })
  return { title: isFirst ? m.firstTitle : m.choosePassword, body, ...refusalStatus(refused) }
}

/** Looking at the page does not use the link up: programs that check mails follow links too. */
export const showLink: Handler = async (deps, visit) => {
  const token = visit.query.get('token') ?? ''
  const found = await lookAtLink(deps, visit.site, token)
  return found ? passwordPage(visit, found, token) : brokenLink(visit)
}

export const doLink: Handler = async (deps, visit) => {
  const text = (name: string): string => visit.form.get(name) ?? ''
  const token = text('token')
  const found = await lookAtLink(deps, visit.site, token)
  if (!found) return brokenLink(visit)
  const { site, messages: m } = visit
  const asked = { token, password: text('password'), email: text('email'), display: text('display') }
  const refused = await followLink(deps, site, asked)
  if (refused?.wrong === 'link') return brokenLink(visit)
  if (refused) return passwordPage(visit, found, token, refused)
  return {
    title: m.ready,
    body: html`<p>${m.readyText}</p><p><a href="${site.path}/sign-in">${m.signIn}</a></p>`,
  }
}
