/** Pages of administrators: who is here, invitations, roles, activation, links. */
import { type Html, html } from '../../base/html.ts'
import { type Account, accountReader, listAccounts } from '../../store/accounts.ts'
import type { PeopleDeps, Refused } from '../people/deps.ts'
import { grantableRoles } from '../people/policy.ts'
import {
  activate,
  changeRoles,
  deactivate,
  invite,
  inviteAgain,
  link,
  resetFactors,
  unlink,
} from '../people/staff.ts'
import { field, form, hidden } from './fields.ts'
import type { Messages } from './messages/index.ts'
import { languages } from './messages/index.ts'
import { type Handler, refusalStatus, refusalText, type Sent, type Shown, type SignedVisit } from './visit.ts'

const roleNames = (m: Messages, account: Account): string =>
  account.roles.map((role) => (m.role as Readonly<Record<string, string>>)[role] ?? role).join(', ')

const pageSize = 50

export const showPeople: Handler<SignedVisit> = async ({ database }, visit): Promise<Shown> => {
  const { messages: m, site, query } = visit
  const accounts = await listAccounts(database, site.tenant, query.get('after') ?? '')
  const last = accounts.at(-1)
  const rows = accounts.map(
    (account) => html`<tr><td><a href="${site.path}/people/${account.id}">${account.display}</a></td>
<td>${account.email}</td><td>${roleNames(m, account)}</td><td>${m[account.state]}</td></tr>`,
  )
  const body = html`${query.get('invited') === '1' && html`<p role="status">${m.invited}</p>`}
<p><a href="${site.path}/people/invite">${m.invite}</a></p>
<table><thead><tr><th scope="col">${m.name}</th><th scope="col">${m.email}</th><th scope="col">${m.rolesTitle}</th><th scope="col">${m.state}</th></tr></thead>
<tbody>${rows}</tbody></table>
${accounts.length === pageSize && last && html`<p><a href="${site.path}/people?after=${encodeURIComponent(last.email)}">${m.next}</a></p>`}`
  return { title: m.people, body }
}

const roleFields = (visit: SignedVisit, held: readonly string[], wrong?: string): Html => {
  const { messages: m, visitor } = visit
  const boxes = grantableRoles(visitor.account.roles).map(
    (role) =>
      html`<label class="check"><input type="checkbox" name="role" value="${role}"${
        held.includes(role) && html` checked`
      }> ${m.role[role]}</label>`,
  )
  return html`<fieldset><legend>${m.rolesTitle}</legend>
${wrong !== undefined && html`<p class="wrong">${wrong}</p>`}${boxes}</fieldset>`
}

const invitePage = (visit: SignedVisit, refused?: Refused): Shown => {
  const { messages: m, site, formToken, form: given } = visit
  const at = (name: string, kind: Refused['wrong']) => ({
    name,
    value: given.get(name) ?? '',
    wrong: refused?.wrong === kind ? m.wrong[kind] : undefined,
  })
  const choices = languages.map(
    (tag) =>
      html`<option value="${tag}"${tag === (given.get('language') ?? visit.language) && html` selected`}>${tag}</option>`,
  )
  const fields = html`<p>${m.inviteText}</p>
${field({ ...at('display', 'nameMissing'), label: m.name })}
${field({ ...at('email', 'email'), label: m.email, type: 'email' })}
<label for="language">${m.language}</label> <select id="language" name="language">${choices}</select>
${roleFields(visit, given.getAll('role'), refused?.wrong === 'role' ? m.wrong.role : undefined)}`
  const action = `${site.path}/people/invite`
  const wrong = refusalText(m, refused)
  const body = form({ action, button: m.invite, token: formToken, body: fields, wrong })
  return { title: m.invite, body, ...refusalStatus(refused) }
}

export const showInvite: Handler<SignedVisit> = async (_deps, visit) => invitePage(visit)

export const doInvite: Handler<SignedVisit> = async (deps, visit): Promise<Shown | Sent> => {
  const { form: given, site, visitor } = visit
  const wanted = given.get('language') ?? ''
  const asked = {
    email: given.get('email') ?? '',
    display: given.get('display') ?? '',
    language: languages.includes(wanted) ? wanted : 'en',
    roles: given.getAll('role'),
  }
  const refused = await invite(deps, site, visitor.account, asked)
  return refused ? invitePage(visit, refused) : { to: `${site.path}/people?invited=1` }
}

const personPage = async (deps: PeopleDeps, visit: SignedVisit, refused?: Refused): Promise<Shown> => {
  const { messages: m, site, formToken, id } = visit
  const account = await accountReader(deps.database).find(site.tenant, id)
  if (account === undefined)
    return { title: m.wrong.title, body: html`<p>${m.wrong.notFound}</p>`, status: 404 }
  const post = (deed: string, button: string, body?: Html) =>
    form({ action: `${site.path}/people/${id}/${deed}`, button, token: formToken, ...(body && { body }) })
  const links = account.links.map(
    (reference) =>
      html`<li><code>${reference}</code> ${post('unlink', m.remove, hidden('reference', reference))}</li>`,
  )
  const body = html`${visit.query.get('changed') === '1' && html`<p role="status">${m.changed}</p>`}
${refused && html`<p class="wrong" role="alert">${refusalText(m, refused)}</p>`}
<p>${account.email}</p><p>${m.state}: ${m[account.state]}</p>
${account.state === 'inactive' ? post('activate', m.activate) : html`<p class="hint">${m.deactivateText}</p>${post('deactivate', m.deactivate)}`}
${account.state === 'waiting' && post('invite-again', m.inviteAgain)}
<h2>${m.rolesTitle}</h2>
${post('roles', m.save, roleFields(visit, account.roles))}
<h2>${m.link}</h2><ul>${links}</ul>
${post('link', m.addLink, field({ name: 'reference', label: m.link, hint: m.linkText }))}
<h2>${m.factors}</h2><p class="hint">${m.resetFactorsText}</p>
${post('reset-factors', m.resetFactors)}`
  return { title: account.display, body, ...refusalStatus(refused) }
}

export const showPerson: Handler<SignedVisit> = (deps, visit) => personPage(deps, visit)

type Deed = (deps: PeopleDeps, visit: SignedVisit) => Promise<Refused | undefined>

const reference = ({ form: given }: SignedVisit): string => given.get('reference') ?? ''

const deeds: Readonly<Record<string, Deed>> = {
  activate: (deps, { site, visitor, id }) => activate(deps, site, visitor.account, id),
  deactivate: (deps, { site, visitor, id }) => deactivate(deps, site, visitor.account, id),
  'invite-again': (deps, { site, visitor, id }) => inviteAgain(deps, site, visitor.account, id),
  roles: (deps, { site, visitor, id, form: given }) =>
    changeRoles(deps, site, visitor.account, id, given.getAll('role')),
  link: (deps, visit) => link(deps, visit.site, visit.visitor.account, visit.id, reference(visit)),
  unlink: (deps, visit) => unlink(deps, visit.site, visit.visitor.account, visit.id, reference(visit)),
  'reset-factors': (deps, { site, visitor, id }) => resetFactors(deps, site, visitor.account, id),
}

/** Handlers of what an administrator does on the page of a person, by the last part of the path. */
export const personDeeds: readonly (readonly [string, Handler<SignedVisit>])[] = Object.entries(deeds).map(
  ([name, deed]) => [
    name,
    async (deps, visit) => {
      const refused = await deed(deps, visit)
      if (refused) return await personPage(deps, visit, refused)
      return { to: `${visit.site.path}/people/${visit.id}?changed=1` }
    },
  ],
)
