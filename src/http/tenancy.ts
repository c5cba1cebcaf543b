/** Which hospital a request is for: by its path, `/t/[name]/…`, or by the name of the host that it calls. */
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import { notFound } from '../base/problem.ts'

/** A hospital as far as requests are concerned. */
export type AddressedTenant = { readonly number: number; readonly active: boolean }

/** Who the tenants are; `learn` asks the database, as another process may just have made one. */
export type TenantDirectory = {
  byName(name: string): AddressedTenant | undefined
  byHost(host: string): AddressedTenant | undefined
  learn(): Promise<unknown>
}

/** `path` knows tenants by path and by host, `host` by host only: a name that is no tenant's is nobody's. */
export type Tenancy = 'path' | 'host'

export type TenancyOptions = {
  readonly tenants: TenantDirectory
  readonly tenancy: Tenancy
  /** URL of the default tenant's FHIR endpoint; from the Host header when undefined. */
  readonly baseUrl?: string | undefined
  /** Believe X-Forwarded-Host and X-Forwarded-Proto. */
  readonly trustProxy: boolean
}

/** `root` is the URL of the tenant without trailing slash: its FHIR endpoint is `[root]/fhir`, its sign-in `[root]/auth`. */
export type Address = {
  readonly tenant: number
  readonly root: string
  readonly base: string
  /** Whether it was called by a host of its own, which is then a name that this server answers to. */
  readonly hosted?: boolean
}

/** The hospital that is meant when none is named. */
const defaultTenant = 1

const named = /^\/t\/([^/?]*)(?=[/?]|$)/
/** Of machines that look after this server, not of a hospital. */
const operators = /^\/(?:health|metrics)(?:[/?]|$)/

const noTenant = notFound('There is nothing at this address: no hospital of this name is served here.')

export type Addressing = {
  /** The URL to route by: all routes are there for each tenant, behind `/t/[name]`. Asked first. */
  route(request: IncomingMessage): string
  /** Whom the request is for; undefined when this process knows of no such tenant, or it is not active. */
  find(request: IncomingMessage): Address | undefined
  /** The same after asking the database. Throws a `Problem`: 404, whether or not there ever was such a tenant. */
  ask(request: IncomingMessage): Promise<Address>
}

export const createAddressing = (options: TenancyOptions): Addressing => {
  const { tenants, tenancy, trustProxy } = options
  const names = new WeakMap<IncomingMessage, string>()
  let asking: Promise<unknown> | undefined
  const configured = options.baseUrl === undefined ? undefined : splitBase(options.baseUrl)

  const own = (request: IncomingMessage, tenant: number): Address => {
    if (configured) return { tenant, root: configured.root, base: configured.base }
    const root = originOf(request, trustProxy)
    return { tenant, root, base: `${root}/fhir` }
  }

  const byHost = (request: IncomingMessage, tenant: number): Address => {
    if (!configured) return { ...own(request, tenant), hosted: true }
    const { protocol, host, root, base } = configured
    const called = new URL(originOf(request, trustProxy)).host
    const at = (url: string) => url.replace(`${protocol}//${host}`, `${protocol}//${called}`)
    return { tenant, root: at(root), base: at(base), hosted: true }
  }

  const byPath = (request: IncomingMessage, name: string): Address | undefined => {
    const tenant = tenancy === 'path' ? tenants.byName(name) : undefined
    // The default tenant has one address only: what refers to itself by another would not be known.
    if (!tenant?.active || tenant.number === defaultTenant) return undefined
    const root = `${own(request, tenant.number).root}/t/${name}`
    return { tenant: tenant.number, root, base: `${root}/fhir` }
  }

  const find = (request: IncomingMessage): Address | undefined => {
    const name = names.get(request)
    const host = hostNameOf(request, trustProxy)
    const hosted = host === undefined ? undefined : tenants.byHost(host)
    if (hosted) return hosted.active && name === undefined ? byHost(request, hosted.number) : undefined
    if (name !== undefined) return byPath(request, name)
    if (tenancy === 'host' && !isDefaultHost(host, configured?.hostname)) return undefined
    return own(request, defaultTenant)
  }

  return {
    route: (request) => {
      const url = request.url ?? '/'
      if (!url.startsWith('/t/')) return url
      const [prefix, name = ''] = named.exec(url) ?? ['', '']
      const rest = url.slice(prefix.length)
      if (operators.test(rest)) return url
      names.set(request, name)
      return rest.startsWith('/') ? rest : `/${rest}`
    },
    find,
    ask: async (request) => {
      // Many who ask for what is not there share one look.
      asking ??= tenants.learn().finally(() => {
        asking = undefined
      })
      await asking
      const found = find(request)
      if (!found) throw noTenant
      return found
    },
  }
}

/** Where tenants have hosts of their own, the default one is at that of BASE_URL, and at this machine's own names. */
const isDefaultHost = (host: string | undefined, configured: string | undefined): boolean =>
  host === undefined || host === configured || (configured === undefined && isLocal(host))

const isLocal = (host: string): boolean => /^(?:localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/.test(host)

const splitBase = (base: string) => {
  const { protocol, host, hostname } = new URL(base)
  return { protocol, host, hostname: hostname.toLowerCase(), base, root: base.replace(/\/fhir$/, '') }
}

/** Where clients find a tenant that is not asked for right now; `baseUrl` is the default one's. */
export const baseUrlOf = (
  baseUrl: string,
  tenancy: Tenancy,
  {
    number,
    name,
    hosts,
  }: { readonly number: number; readonly name: string; readonly hosts: readonly string[] },
): string => {
  const { protocol, host, root, base } = splitBase(baseUrl)
  const [own] = hosts
  if (number === defaultTenant) return base
  if (own === undefined || tenancy === 'path') return `${root}/t/${name}/fhir`
  return base.replace(`${protocol}//${host}`, `${protocol}//${own}`)
}

const hostPattern = /^(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/

const calledHost = ({ headers }: IncomingMessage, trustProxy: boolean): string | undefined => {
  const host = (trustProxy && forwarded(headers, 'x-forwarded-host')) || headers.host
  return host !== undefined && hostPattern.test(host) ? host : undefined
}

const hostNameOf = (request: IncomingMessage, trustProxy: boolean): string | undefined =>
  calledHost(request, trustProxy)?.replace(/:\d+$/, '').toLowerCase()

const originOf = (request: IncomingMessage, trustProxy: boolean): string => {
  const host = calledHost(request, trustProxy) ?? `localhost:${request.socket.localPort}`
  const isSecure =
    'encrypted' in request.socket ||
    (trustProxy && forwarded(request.headers, 'x-forwarded-proto') === 'https')
  return `${isSecure ? 'https' : 'http'}://${host}`
}

/** The value nearest to the client. */
const forwarded = (headers: IncomingHttpHeaders, name: string): string | undefined => {
  const value = headers[name]
  return (Array.isArray(value) ? value[0] : value)?.split(',')[0]?.trim()
}
