/** Public apps need not say who they are when they refresh, as the token does: https://www.rfc-editor.org/rfc/rfc6749#section-3.2.1 */
import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import type { OidcItems } from '../store/index.ts'
import type { Clients } from './clients.ts'

type Deps = { readonly items: OidcItems; readonly clients: Clients }

type Next = () => Promise<unknown>

/** In bytes: more than a refresh needs, less than a stream holds unread. */
const most = 8192

/** Middleware of oidc-provider, which wants a `client_id`: it gets that of the refresh token. */
export const nameRefreshingClient =
  (deps: Deps, tenant: number) =>
  async ({ path, req }: { path: string; req: IncomingMessage }, next: Next): Promise<void> => {
    const { headers, method } = req
    const mayLack = path === '/token' && method === 'POST' && headers.authorization === undefined
    const length = Number(headers['content-length'])
    if (mayLack && length > 0 && length <= most) await name(deps, tenant, req, length)
    await next()
  }

/** Looks at the body without taking it: oidc-provider reads it afterwards. */
const name = async (deps: Deps, tenant: number, req: IncomingMessage, length: number): Promise<void> => {
  while (req.readableLength < length) await once(req, 'readable')
  const bytes = req.read(length) as Buffer
  req.unshift(bytes)
  const client = await clientOf(deps, tenant, new URLSearchParams(bytes.toString('utf8')))
  if (client === undefined) return
  const more = Buffer.from(`client_id=${encodeURIComponent(client)}&`)
  req.unshift(more)
  req.headers['content-length'] = String(length + more.length)
}

const clientOf = async ({ items, clients }: Deps, tenant: number, form: URLSearchParams) => {
  const token = form.get('refresh_token')
  if (token === null || form.get('grant_type') !== 'refresh_token') return undefined
  if (form.has('client_id') || form.has('client_assertion')) return undefined
  const client = (await items.find(tenant, 'RefreshToken', token))?.payload.clientId
  if (typeof client !== 'string') return undefined
  const isPublic = (await clients.metadata(tenant, client))?.token_endpoint_auth_method === 'none'
  return isPublic ? client : undefined
}
