/** What administrators do with applications and systems that may ask for tokens: https://www.rfc-editor.org/rfc/rfc7591 */
import { parseScope } from '../../access/scope.ts'
import { newId } from '../../base/id.ts'
import { createOidcClients, createOidcItems, type OidcClient } from '../../store/index.ts'
import { isLaunchScope, wordsOf } from '../scopes.ts'
import { deed, newToken, type PeopleDeps, type Refused, type Site } from './deps.ts'
import { mayAdminister } from './policy.ts'
import type { Actor } from './staff.ts'

/** How a client proves who it is, and whether a person is there. */
export const clientKinds = ['public', 'secret', 'keys', 'system', 'system-secret'] as const
export type ClientKind = (typeof clientKinds)[number]

/** What a system is held to beside its scopes; without one to those only. */
export const systemRoles = ['external-system', 'device-hub', ''] as const

export const isSystemKind = (kind: ClientKind): boolean => kind.startsWith('system')
export const hasSecret = (kind: ClientKind): boolean => kind.endsWith('secret')
const hasKeys = (kind: ClientKind): boolean => kind === 'keys' || kind === 'system'

/** As a form has it. */
export type AskedClient = {
  readonly name: string
  readonly kind: string
  readonly scope: string
  readonly redirects: string
  readonly keysUrl: string
  readonly keys: string
  readonly role: string
  readonly introspect: boolean
}

type Metadata = OidcClient['metadata']

export const kindOf = ({ token_endpoint_auth_method: method, grant_types: grants }: Metadata): ClientKind => {
  const isSystem = Array.isArray(grants) && !grants.includes('authorization_code')
  if (method === 'none') return isSystem ? 'system' : 'public'
  const byKeys = method === 'private_key_jwt'
  if (isSystem) return byKeys ? 'system' : 'system-secret'
  return byKeys ? 'keys' : 'secret'
}

/** What a form would say about a client that there is. */
export const askedOf = (metadata: Metadata): AskedClient => {
  const text = (name: string): string => (typeof metadata[name] === 'string' ? metadata[name] : '')
  const { redirect_uris: redirects, jwks, roles } = metadata
  return {
    name: text('client_name'),
    kind: kindOf(metadata),
    scope: text('scope'),
    redirects: Array.isArray(redirects) ? redirects.join('\n') : '',
    keysUrl: text('jwks_uri'),
    keys: jwks === undefined ? '' : JSON.stringify(jwks),
    role: Array.isArray(roles) ? String(roles[0] ?? '') : 'external-system',
    introspect: metadata.may_introspect === true,
  }
}

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host)

/** Codes go to nobody else: https, this machine, or a name that an app has at its device (RFC 8252). */
const isRedirect = (text: string): boolean => {
  const url = URL.parse(text)
  if (url === null || /[#*]/.test(text)) return false
  if (url.protocol === 'https:') return true
  return url.protocol === 'http:'
    ? isLoopback(url.hostname)
    : /^[a-z][a-z0-9+-]*\.[a-z0-9.+-]+:$/.test(url.protocol)
}

const keysIn = (text: string): object | undefined => {
  try {
    const set = JSON.parse(text) as { keys?: unknown }
    const isPublic = (key: Record<string, unknown>) =>
      typeof key === 'object' &&
      key !== null &&
      typeof key.kty === 'string' &&
      key.d === undefined &&
      key.k === undefined
    return Array.isArray(set?.keys) && set.keys.length > 0 && set.keys.every(isPublic) ? set : undefined
  } catch {
    return undefined
  }
}

type Judged = { readonly metadata: Metadata } | Refused

const judge = (asked: AskedClient, kind: ClientKind): Judged => {
  const name = asked.name.trim()
  if (name === '' || name.length > 200) return { wrong: 'nameMissing' }
  const isSystem = isSystemKind(kind)
  const words = wordsOf(asked.scope.replaceAll(/\s+/g, ' '))
  const fits = (text: string): boolean => {
    const scope = parseScope(text)
    return scope ? (scope.level === 'system') === isSystem : !isSystem && isLaunchScope(text)
  }
  if (words.length === 0 || !words.every(fits)) return { wrong: 'scope' }
  const redirects = isSystem ? [] : asked.redirects.split(/\s+/).filter((text) => text !== '')
  if (!isSystem && (redirects.length === 0 || !redirects.every(isRedirect))) return { wrong: 'redirect' }
  const keysUrl = asked.keysUrl.trim()
  const keys = keysUrl === '' ? keysIn(asked.keys) : undefined
  if (hasKeys(kind) && keys === undefined && URL.parse(keysUrl)?.protocol !== 'https:')
    return { wrong: 'keys' }
  if (isSystem && !systemRoles.some((role) => role === asked.role)) return { wrong: 'role' }
  return {
    metadata: {
      client_name: name,
      redirect_uris: redirects,
      grant_types: isSystem ? ['client_credentials'] : ['authorization_code', 'refresh_token'],
      response_types: isSystem ? [] : ['code'],
      token_endpoint_auth_method: hasKeys(kind)
        ? 'private_key_jwt'
        : hasSecret(kind)
          ? 'client_secret_basic'
          : 'none',
      scope: words.join(' '),
      ...(isSystem ? { roles: asked.role === '' ? [] : [asked.role] } : {}),
      ...(hasKeys(kind) ? (keys === undefined ? { jwks_uri: keysUrl } : { jwks: keys }) : {}),
      ...(kind !== 'public' && asked.introspect ? { may_introspect: true } : {}),
    },
  }
}

const forbidden: Refused = { wrong: 'forbidden', status: 403 }
const notFound: Refused = { wrong: 'notFound', status: 404 }

/** The secret is told now and never again. */
export type Registered = { readonly id: string; readonly secret?: string }

export const registerClient = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  asked: AskedClient,
): Promise<Registered | Refused> => {
  if (!mayAdminister(actor.roles)) return forbidden
  const kind = clientKinds.find((one) => one === asked.kind)
  if (!kind) return { wrong: 'form' }
  const judged = judge(asked, kind)
  if ('wrong' in judged) return judged
  const id = newId(site.at)
  const secret = hasSecret(kind) ? newToken() : undefined
  await createOidcClients(deps.database).put(site.tenant, id, judged.metadata, secret)
  await deps.record(deed('client-registered', site, actor, { client: id }))
  return secret === undefined ? { id } : { id, secret }
}

/** Its tokens end: they carry what it might before. What the form does not show stays. */
export const changeClient = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  asked: AskedClient,
): Promise<Refused | undefined> => {
  if (!mayAdminister(actor.roles)) return forbidden
  const clients = createOidcClients(deps.database)
  const client = await clients.find(site.tenant, id)
  if (!client) return notFound
  const judged = judge(asked, kindOf(client.metadata))
  if ('wrong' in judged) return judged
  const { jwks: _, jwks_uri: __, may_introspect: ___, ...kept } = client.metadata
  const method = client.metadata.token_endpoint_auth_method
  const metadata = { ...kept, ...judged.metadata, token_endpoint_auth_method: method }
  await clients.put(site.tenant, id, metadata)
  await createOidcItems(deps.database).end(site.tenant, 'client', id)
  await deps.record(deed('client-changed', site, actor, { client: id }))
  return undefined
}

/** Deactivated, it gets no token, and those that it has end at once. */
export const switchClient = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
  active: boolean,
): Promise<Refused | undefined> => {
  if (!mayAdminister(actor.roles)) return forbidden
  if (!(await createOidcClients(deps.database).activate(site.tenant, id, active))) return notFound
  if (!active) await createOidcItems(deps.database).end(site.tenant, 'client', id)
  await deps.record(deed(active ? 'client-activated' : 'client-deactivated', site, actor, { client: id }))
  return undefined
}

/** The old one stops working at once. */
export const renewSecret = async (
  deps: PeopleDeps,
  site: Site,
  actor: Actor,
  id: string,
): Promise<Registered | Refused> => {
  if (!mayAdminister(actor.roles)) return forbidden
  const clients = createOidcClients(deps.database)
  const client = await clients.find(site.tenant, id)
  if (!client || !hasSecret(kindOf(client.metadata))) return notFound
  const secret = newToken()
  await clients.put(site.tenant, id, client.metadata, secret)
  await deps.record(deed('client-secret-renewed', site, actor, { client: id }))
  return { id, secret }
}
