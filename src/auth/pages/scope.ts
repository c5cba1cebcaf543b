/** The pages of people as one Fastify scope, with the prefix of the authorization server. https://fastify.dev */
import { randomBytes } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { faultOf } from '../../base/fault.ts'
import { html } from '../../base/html.ts'
import { Problem } from '../../base/problem.ts'
import { findSession } from '../../store/account-sessions.ts'
import { accountReader } from '../../store/accounts.ts'
import { newToken, type PeopleDeps, type Site } from '../people/deps.ts'
import { mayAdminister } from '../people/policy.ts'
import { mayUse } from '../people/sign-in.ts'
import { cookie, cookieName, readCookie } from './cookies.ts'
import { formToken, isOwnForm } from './form-token.ts'
import { contentSecurityPolicy, document, type Page } from './layout.ts'
import { languageOf, messagesOf } from './messages/index.ts'
import { passkeyScript } from './passkey-script.ts'
import { type Needs, type Route, routes } from './routes.ts'
import { style } from './style.ts'
import { nextPath, type Sent, type Shown, type SignedVisit, type Visit, type Visitor } from './visit.ts'

/** `ctx.base` ends in `/fhir`; the pages are beside it. */
const siteOf = ({ ctx }: FastifyRequest): Site => {
  const url = new URL(`${ctx.base.replace(/\/fhir$/, '')}/auth`)
  const { tenant, at, address = '' } = ctx
  return { tenant, at, address, origin: url.origin, path: url.pathname }
}

const bodyLimit = 64 * 1024

/** A Fastify plugin. */
export const peoplePages =
  (deps: PeopleDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit },
      (_request: FastifyRequest, body: string, done: (error: null, form: URLSearchParams) => void) =>
        done(null, new URLSearchParams(body)),
    )
    scope.setErrorHandler((error, request, reply) => fail(deps, error, request, reply))
    for (const route of routes) {
      const { method, path } = route
      scope.route({ method, url: path, handler: (request, reply) => answer(deps, route, request, reply) })
    }
    asset(scope, '/style.css', 'text/css', style)
    asset(scope, '/passkey.js', 'text/javascript', passkeyScript)
  }

const asset = (scope: FastifyInstance, path: string, type: string, text: string): void => {
  scope.get(path, (_request, reply) =>
    reply
      .header('cache-control', 'max-age=3600')
      .header('x-content-type-options', 'nosniff')
      .type(`${type}; charset=utf-8`)
      .send(text),
  )
}

const isSecure = ({ origin }: Site): boolean => origin.startsWith('https:')

const visitorOf = async (
  deps: PeopleDeps,
  site: Site,
  cookies: string | undefined,
): Promise<Visitor | undefined> => {
  const token = readCookie(cookies, cookieName('session', site.tenant, isSecure(site)))
  const session = token && (await findSession(deps.database, site.tenant, token, site.at))
  if (!session) return undefined
  const account = await accountReader(deps.database).find(site.tenant, session.account)
  return account && mayUse(deps, account) ? { token, session, account } : undefined
}

/** Who changes how somebody signs in must have signed in so recently, in ms. */
const fresh = 15 * 60_000

/** Where to go first; undefined when the visitor may see the page. */
const detour = ({ site, visitor }: Visit, needs: Needs, back: string): string | undefined => {
  const signIn = `${site.path}/sign-in?next=${encodeURIComponent(back)}`
  if (needs === 'nothing') return undefined
  if (visitor === undefined) return signIn
  const { stage, at } = visitor.session
  if (needs === 'password') return stage === 'password' ? undefined : signIn
  if (needs === 'enrol' && stage === 'enrol') return undefined
  if (stage !== 'full') return signIn
  const isStale = (needs === 'enrol' || needs === 'fresh') && site.at - at > fresh
  return isStale ? `${signIn}&fresh=1` : undefined
}

/** Where a visitor who signs in first comes back to. A step of a sign-in is no place to come back to. */
const backTo = ({ method, needs }: Route, { site, query }: Visit, url: string): string => {
  if (needs === 'password') return nextPath(site, query.get('next'))
  return method === 'GET' ? url : `${site.path}/account`
}

const answer = async (deps: PeopleDeps, route: Route, request: FastifyRequest, reply: FastifyReply) => {
  const site = siteOf(request)
  const { headers } = request
  const visitor = await visitorOf(deps, site, headers.cookie)
  const language = visitor?.account.language ?? languageOf(headers['accept-language'])
  const formCookie = cookieName('form', site.tenant, isSecure(site))
  const held = readCookie(headers.cookie, formCookie)
  const secret = held ?? newToken()
  if (held === undefined) reply.header('set-cookie', cookie(formCookie, secret, isSecure(site)))
  const form = request.body instanceof URLSearchParams ? request.body : new URLSearchParams()
  const query = new URLSearchParams((request.query as unknown as string | undefined) ?? '')
  const visit: Visit = {
    site,
    language,
    messages: messagesOf(language),
    query,
    form,
    id: (request.params as { id?: string }).id ?? '',
    formToken: formToken(secret),
    ...(visitor ? { visitor } : {}),
  }
  if (route.method === 'POST' && !isOwnForm(headers, site.origin, held, form.get('form') ?? ''))
    return show(deps, visit, reply, refusal(visit, 'form', 403))
  const back = backTo(route, visit, request.originalUrl)
  const first = detour(visit, route.needs, back)
  if (first !== undefined) return reply.redirect(first, 303)
  if (route.needs === 'administrator' && !mayAdminister(visitor?.account.roles ?? []))
    return show(deps, visit, reply, refusal(visit, 'forbidden', 403))
  // `detour` let nobody through who is not signed in where that is needed.
  return tell(deps, visit, reply, await route.handler(deps, visit as SignedVisit))
}

const refusal = ({ messages: m }: Visit, wrong: 'form' | 'forbidden' | 'fault', status: number): Shown => ({
  title: m.wrong.title,
  body: html`<p role="alert">${m.wrong[wrong]}</p>`,
  status,
})

const tell = (deps: PeopleDeps, visit: Visit, reply: FastifyReply, said: Shown | Sent): FastifyReply => {
  const { site } = visit
  if (said.cookie !== undefined) {
    const name = cookieName('session', site.tenant, isSecure(site))
    reply.header('set-cookie', cookie(name, said.cookie ?? undefined, isSecure(site)))
  }
  if ('to' in said) return reply.header('cache-control', 'no-store').redirect(said.to, 303)
  return show(deps, visit, reply, said)
}

const show = (deps: PeopleDeps, visit: Visit, reply: FastifyReply, shown: Shown): FastifyReply => {
  const { site, language, messages } = visit
  const { title, body, status = 200, retryAfter, script, leaves = false } = shown
  const nonce = randomBytes(16).toString('base64')
  const frame = { language, messages, path: site.path, demo: deps.demo, nonce }
  const page: Page = {
    title,
    body,
    ...(script === undefined ? {} : { script }),
    ...(visit.visitor?.session.stage === 'full' ? { menu: menu(visit, visit.visitor) } : {}),
  }
  if (retryAfter !== undefined) reply.header('retry-after', retryAfter)
  return reply
    .status(status)
    .header('content-security-policy', contentSecurityPolicy(nonce, { script: script !== undefined, leaves }))
    .header('cache-control', 'no-store')
    .header('referrer-policy', 'same-origin')
    .header('x-content-type-options', 'nosniff')
    .header('content-language', language)
    .type('text/html; charset=utf-8')
    .send(document(frame, page))
}

const menu = ({ messages: m, site, formToken }: Visit, { account }: Visitor) =>
  html`<nav aria-label="${m.account}"><a href="${site.path}/account">${m.account}</a>
${mayAdminister(account.roles) && html`<a href="${site.path}/people">${m.people}</a> <a href="${site.path}/clients">${m.clients}</a>`}</nav>
<form method="post" action="${site.path}/sign-out"><input type="hidden" name="form" value="${formToken}"><button>${m.signOut}</button></form>`

/** What is wrong with a request is a page too; only faults of the server are logged. */
const fail = (deps: PeopleDeps, error: unknown, request: FastifyRequest, reply: FastifyReply) => {
  const given = (error as { statusCode?: unknown }).statusCode
  const status = error instanceof Problem ? error.status : typeof given === 'number' ? given : 500
  if (status >= 500) request.ctx.log.error({ fault: faultOf(error) }, 'a page failed')
  const language = languageOf(request.headers['accept-language'])
  const nothing = new URLSearchParams()
  const messages = messagesOf(language)
  const visit = {
    site: siteOf(request),
    language,
    messages,
    query: nothing,
    form: nothing,
    id: '',
    formToken: '',
  }
  return show(deps, visit, reply, refusal(visit, status < 500 ? 'form' : 'fault', status))
}
