/** Pages of administrators: applications and systems that may ask for tokens. */
import { type Html, html } from '../../base/html.ts'
import { createOidcClients } from '../../store/index.ts'
import {
  type AskedClient,
  askedOf,
  changeClient,
  clientKinds,
  hasSecret,
  isSystemKind,
  kindOf,
  type Registered,
  registerClient,
  renewSecret,
  switchClient,
  systemRoles,
} from '../people/applications.ts'
import type { PeopleDeps, Refused } from '../people/deps.ts'
import { area, choice, field, form } from './fields.ts'
import type { Messages } from './messages/index.ts'
import { type Handler, refusalStatus, refusalText, type Sent, type Shown, type SignedVisit } from './visit.ts'

const pageSize = 50

export const showClients: Handler<SignedVisit> = async ({ database }, visit): Promise<Shown> => {
  const { messages: m, site, query } = visit
  const clients = await createOidcClients(database).list(site.tenant, query.get('after') ?? '', pageSize)
  const last = clients.at(-1)
  const rows = clients.map(
    ({
      id,
      metadata,
      active,
    }) => html`<tr><td><a href="${site.path}/clients/${encodeURIComponent(id)}">${askedOf(metadata).name || id}</a></td>
<td>${m.clientKinds[kindOf(metadata)]}</td><td>${active ? m.active : m.inactive}</td></tr>`,
  )
  const body = html`<p><a href="${site.path}/clients/register">${m.clientNew}</a></p>
<table><thead><tr><th scope="col">${m.name}</th><th scope="col">${m.clientKind}</th><th scope="col">${m.state}</th></tr></thead>
<tbody>${rows}</tbody></table>
${clients.length === pageSize && last && html`<p><a href="${site.path}/clients?after=${encodeURIComponent(last.id)}">${m.next}</a></p>`}`
  return { title: m.clients, body }
}

const askedIn = ({ form: given }: SignedVisit): AskedClient => {
  const text = (name: string): string => given.get(name) ?? ''
  return {
    name: text('name'),
    kind: text('kind'),
    scope: text('scope'),
    redirects: text('redirects'),
    keysUrl: text('keysUrl'),
    keys: text('keys'),
    role: text('role'),
    introspect: given.get('introspect') === 'yes',
  }
}

type Told = Pick<Messages, 'wrong'>

const wrongOf = ({ wrong: texts }: Told, refused: Refused | undefined, kind: Refused['wrong']) =>
  refused?.wrong === kind ? texts[kind] : undefined

/** Of apps, of systems, or of both where the kind is yet to be chosen. */
const fieldsOf = (m: Messages, asked: AskedClient, of: 'app' | 'system' | 'any', refused?: Refused): Html => {
  const at = (kind: Refused['wrong']) => wrongOf(m, refused, kind)
  const roles = systemRoles.map((role) => [role, m.clientRoles[role]] as const)
  return html`${field({ name: 'name', label: m.name, value: asked.name, wrong: at('nameMissing') })}
${area({ name: 'scope', label: m.clientScope, hint: m.clientScopeText, value: asked.scope, wrong: at('scope') })}
${of !== 'system' && area({ name: 'redirects', label: m.clientRedirects, hint: m.clientRedirectsText, value: asked.redirects, wrong: at('redirect'), optional: of === 'any' })}
${field({ name: 'keysUrl', label: m.clientKeysUrl, hint: m.clientKeysText, value: asked.keysUrl, wrong: at('keys'), optional: true })}
${area({ name: 'keys', label: m.clientKeys, value: asked.keys, optional: true })}
${of !== 'app' && choice({ name: 'role', label: m.clientRole, value: asked.role, options: roles, wrong: at('role') })}
<label class="check"><input type="checkbox" name="introspect" value="yes"${asked.introspect && html` checked`}> ${m.clientIntrospect}</label>`
}

const blank: AskedClient = {
  name: '',
  kind: 'public',
  scope: '',
  redirects: '',
  keysUrl: '',
  keys: '',
  role: 'external-system',
  introspect: false,
}

const registerPage = (visit: SignedVisit, asked: AskedClient, refused?: Refused): Shown => {
  const { messages: m, site, formToken } = visit
  const kinds = clientKinds.map((kind) => [kind, m.clientKinds[kind]] as const)
  const body = html`<p>${m.clientNewText}</p>
${choice({ name: 'kind', label: m.clientKind, value: asked.kind, options: kinds })}
${fieldsOf(m, asked, 'any', refused)}`
  const action = `${site.path}/clients/register`
  const shown = form({ action, button: m.clientNew, token: formToken, body, wrong: refusalText(m, refused) })
  return { title: m.clientNew, body: shown, ...refusalStatus(refused) }
}

export const showRegister: Handler<SignedVisit> = async (_deps, visit) => registerPage(visit, blank)

/** The only time that a secret is shown. */
const toldPage = ({ messages: m, site }: SignedVisit, { id, secret }: Registered): Shown => ({
  title: m.clients,
  body: html`<p role="status">${m.changed}</p>
<h2>${m.clientId}</h2><p><code>${id}</code></p>
${secret !== undefined && html`<h2>${m.clientSecret}</h2><p><code>${secret}</code></p><p>${m.clientSecretText}</p>`}
<p><a href="${site.path}/clients/${encodeURIComponent(id)}">${m.goOn}</a></p>`,
})

export const doRegister: Handler<SignedVisit> = async (deps, visit): Promise<Shown> => {
  const asked = askedIn(visit)
  const made = await registerClient(deps, visit.site, visit.visitor.account, asked)
  return 'wrong' in made ? registerPage(visit, asked, made) : toldPage(visit, made)
}

const clientPage = async (
  deps: PeopleDeps,
  visit: SignedVisit,
  refused?: Refused,
  given?: AskedClient,
): Promise<Shown> => {
  const { messages: m, site, formToken, id } = visit
  const client = await createOidcClients(deps.database).find(site.tenant, id)
  if (!client) return { title: m.wrong.title, body: html`<p>${m.wrong.notFound}</p>`, status: 404 }
  const kind = kindOf(client.metadata)
  const asked = given ?? askedOf(client.metadata)
  const post = (deed: string, button: string, body?: Html) =>
    form({
      action: `${site.path}/clients/${encodeURIComponent(id)}/${deed}`,
      button,
      token: formToken,
      ...(body && { body }),
    })
  const body = html`${visit.query.get('changed') === '1' && html`<p role="status">${m.changed}</p>`}
${refused && html`<p class="wrong" role="alert">${refusalText(m, refused)}</p>`}
<p>${m.clientId}: <code>${id}</code></p><p>${m.clientKind}: ${m.clientKinds[kind]}</p>
<p>${m.state}: ${client.active ? m.active : m.inactive}</p>
${client.active ? html`<p class="hint">${m.clientDeactivateText}</p>${post('deactivate', m.deactivate)}` : post('activate', m.activate)}
${hasSecret(kind) && html`<h2>${m.clientSecret}</h2><p class="hint">${m.clientRenewText}</p>${post('secret', m.clientRenew)}`}
<h2>${m.clientChange}</h2><p class="hint">${m.clientChangeText}</p>
${post('change', m.save, fieldsOf(m, asked, isSystemKind(kind) ? 'system' : 'app', refused))}`
  return { title: askedOf(client.metadata).name || id, body, ...refusalStatus(refused) }
}

export const showClient: Handler<SignedVisit> = (deps, visit) => clientPage(deps, visit)

export const doRenewSecret: Handler<SignedVisit> = async (deps, visit): Promise<Shown> => {
  const made = await renewSecret(deps, visit.site, visit.visitor.account, visit.id)
  return 'wrong' in made ? await clientPage(deps, visit, made) : toldPage(visit, made)
}

const after = async (
  deps: PeopleDeps,
  visit: SignedVisit,
  refused: Refused | undefined,
  given?: AskedClient,
): Promise<Shown | Sent> =>
  refused
    ? await clientPage(deps, visit, refused, given)
    : { to: `${visit.site.path}/clients/${encodeURIComponent(visit.id)}?changed=1` }

export const doChangeClient: Handler<SignedVisit> = async (deps, visit) => {
  const asked = askedIn(visit)
  return after(
    deps,
    visit,
    await changeClient(deps, visit.site, visit.visitor.account, visit.id, asked),
    asked,
  )
}

export const doSwitchClient =
  (active: boolean): Handler<SignedVisit> =>
  async (deps, visit) =>
    after(deps, visit, await switchClient(deps, visit.site, visit.visitor.account, visit.id, active))
