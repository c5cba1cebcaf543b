/** The second step of a sign-in, and the page that sets it up. */
import { renderSVG } from 'uqr'
import { Html, html } from '../../base/html.ts'
import { countRecoveryCodes, factorsOf } from '../../store/account-factors.ts'
import type { PeopleDeps, Refused } from '../people/deps.ts'
import { addPasskey, askForNewPasskey, askForPasskey, confirmPasskey } from '../people/passkeys.ts'
import { beginTotp, confirmCode, finishTotp, newRecoveryCodes } from '../people/second-factor.ts'
import { complete } from '../people/sign-in.ts'
import { totpUri } from '../people/totp.ts'
import { field, form, hidden } from './fields.ts'
import {
  type Handler,
  nextPath,
  refusalStatus,
  refusalText,
  type Sent,
  type Shown,
  type SignedVisit,
} from './visit.ts'

const script = 'passkey.js'

/** Without script the button is not there: nothing on the page promises what it cannot do. */
const passkeyForm = (visit: SignedVisit, kind: 'get' | 'create', options: string, next: string): Html => {
  const { site, formToken, messages: m } = visit
  const action = `${site.path}/${kind === 'get' ? 'second-factor' : 'enrol'}`
  return html`<form method="post" action="${action}" data-passkey="${kind}" data-options="${options}" hidden>
${hidden('form', formToken)}${hidden('next', next)}${hidden('passkey', '')}
<button>${kind === 'get' ? m.usePasskey : m.addPasskey}</button>
</form>`
}

const confirmPage = async (
  deps: PeopleDeps,
  visit: SignedVisit,
  next: string,
  refused?: Refused,
): Promise<Shown> => {
  const { messages: m, site, formToken, visitor } = visit
  const options = await askForPasskey(deps, site, visitor.session, visitor.token)
  const fields = html`${hidden('next', next)}
${field({ name: 'code', label: m.code, autocomplete: 'one-time-code', numeric: true, optional: true })}
${field({ name: 'recovery', label: m.recoveryCode, optional: true })}`
  const action = `${site.path}/second-factor`
  const wrong = refusalText(m, refused)
  const body = html`${form({ action, button: m.confirm, token: formToken, body: fields, wrong })}
${options !== undefined && passkeyForm(visit, 'get', options, next)}`
  return { title: m.secondFactor, body, script, leaves: true, ...refusalStatus(refused) }
}

export const showSecondFactor: Handler<SignedVisit> = async (deps, visit) =>
  confirmPage(deps, visit, nextPath(visit.site, visit.query.get('next')))

export const doSecondFactor: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const { form: given, site, visitor } = visit
  const { session, token } = visitor
  const next = nextPath(site, given.get('next'))
  const passkey = given.get('passkey')
  const asked = { code: given.get('code') ?? '', recovery: given.get('recovery') ?? '' }
  const done = passkey
    ? await confirmPasskey(deps, site, session, token, passkey)
    : await confirmCode(deps, site, session, token, asked)
  return 'wrong' in done ? await confirmPage(deps, visit, next, done) : { to: next, cookie: done.token }
}

const enrolPage = async (
  deps: PeopleDeps,
  visit: SignedVisit,
  next: string,
  refused?: Refused,
): Promise<Shown> => {
  const { messages: m, site, formToken, visitor } = visit
  const { session, token, account } = visitor
  const secret = await beginTotp(deps, site, account.id)
  const options = await askForNewPasskey(deps, site, session, token)
  const action = `${site.path}/enrol`
  const isPasskey = refused?.wrong === 'passkey'
  const wrong = isPasskey ? undefined : refusalText(m, refused)
  const code = html`${hidden('next', next)}
${field({ name: 'code', label: m.code, autocomplete: 'one-time-code', numeric: true, wrong })}`
  const body = html`<p>${m.enrolText}</p>
${
  secret !== undefined &&
  html`<section aria-labelledby="totp"><h2 id="totp">${m.totp}</h2><p>${m.totpText}</p>
<div class="qr" role="img" aria-label="${m.totpKey} ${secret}">${picture(totpUri(secret, new URL(site.origin).host, account.email))}</div>
<p>${m.totpKey}: <code>${secret.replaceAll(/(.{4})(?=.)/g, '$1 ')}</code></p>
${form({ action, button: m.confirm, token: formToken, body: code })}</section>`
}
<section aria-labelledby="passkey"><h2 id="passkey">${m.passkey}</h2><p>${m.passkeyText}</p>
${isPasskey && html`<p class="wrong" role="alert">${m.wrong.passkey}</p>`}
${passkeyForm(visit, 'create', options, next)}</section>`
  return { title: m.enrolTitle, body, script, leaves: true, ...refusalStatus(refused) }
}

/** SVG of our own making out of black and white squares. */
const picture = (uri: string): Html => new Html(renderSVG(uri))

/** Who signs in with a password alone must not add a factor beside one that is there. */
const isLate = async ({ database }: PeopleDeps, { site, visitor }: SignedVisit): Promise<boolean> =>
  visitor.session.stage === 'enrol' &&
  (await factorsOf(database, site.tenant, visitor.account.id)).some((factor) => factor.confirmed)

export const showEnrol: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const next = nextPath(visit.site, visit.query.get('next'))
  if (await isLate(deps, visit)) return { to: `${visit.site.path}/sign-in?fresh=1`, cookie: null }
  return await enrolPage(deps, visit, next)
}

export const doEnrol: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const { form: given, site, visitor } = visit
  const { session, token, account } = visitor
  const next = nextPath(site, given.get('next'))
  if (await isLate(deps, visit)) return { to: `${site.path}/sign-in?fresh=1`, cookie: null }
  const passkey = given.get('passkey')
  const refused = passkey
    ? await addPasskey(deps, site, session, token, passkey)
    : await finishTotp(deps, site, account.id, given.get('code') ?? '')
  if (refused) return await enrolPage(deps, visit, next, refused)
  const methods = ['pwd', passkey ? 'hwk' : 'otp', 'mfa']
  const { token: cookie } = await complete(deps, site, { ...session, methods }, token)
  if ((await countRecoveryCodes(deps.database, site.tenant, account.id)) > 0) return { to: next, cookie }
  return { ...(await recoveryPage(deps, visit, next)), cookie }
}

/** Shows new codes, this once. */
export const recoveryPage = async (deps: PeopleDeps, visit: SignedVisit, next: string): Promise<Shown> => {
  const { messages: m, site, visitor } = visit
  const codes = await newRecoveryCodes(deps, site, visitor.account.id)
  const body = html`<p>${m.recoveryText}</p>
<ul class="codes">${codes.map((code) => html`<li>${code}</li>`)}</ul>
<p><a href="${next}">${m.goOn}</a></p>`
  return { title: m.recoveryTitle, body }
}
