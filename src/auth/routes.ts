/** The paths of the authorization server, below `/auth`: oidc-provider's own, and the pages that it sends people to. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { unsupportedMediaType } from '../base/problem.ts'
import { issuerOf, smartConfiguration } from './discovery.ts'
import type { Providers } from './providers.ts'
import { readForm } from './read-body.ts'

type Raw = FastifyRequest['raw'] & { originalUrl?: string; baseUrl?: string }

/** The paths of oidc-provider; `/authorize/:uid` is where it goes on after a page. */
const paths = [
  '/.well-known/openid-configuration',
  '/.well-known/oauth-authorization-server',
  '/authorize',
  '/authorize/:uid',
  '/token',
  '/introspect',
  '/revoke',
  '/register',
  '/jwks',
  '/userinfo',
] as const

const prepared = new WeakSet<object>()

/** Tells oidc-provider by which name the server was asked: the path of a tenant has been taken off before. */
const prepare = (request: FastifyRequest): void => {
  const issuer = new URL(issuerOf(request.ctx.base))
  const raw = request.raw as Raw
  if (prepared.has(raw)) return
  prepared.add(raw)
  const rest = request.url.slice(request.url.indexOf('/auth') + '/auth'.length) || '/'
  raw.url = rest
  delete raw.originalUrl
  raw.baseUrl = issuer.pathname
  raw.headers['x-forwarded-proto'] = issuer.protocol.slice(0, -1)
  raw.headers['x-forwarded-host'] = issuer.host
  raw.headers['x-forwarded-for'] = request.ctx.address ?? ''
}

/** The authorization server that a request is for. */
export const providerFor = (providers: Providers, request: FastifyRequest): Promise<Provider> => {
  const { tenant, base } = request.ctx
  prepare(request)
  return providers.of({ tenant, base, issuer: issuerOf(base) })
}

const hand =
  (providers: Providers) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const provider = await providerFor(providers, request)
    reply.hijack()
    await provider.callback()(request.raw, reply.raw)
  }

type Answer = ReturnType<typeof hand>

/**
 * What is asked by POST (`authorize-post`) is asked again by GET: cookies of a sign-in come along with that only, as they
 * are not sent with forms of other sites.
 */
const asked =
  (answer: Answer) =>
  async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    if (request.method !== 'POST') return answer(request, reply)
    if (!/^application\/x-www-form-urlencoded\b/i.test(request.headers['content-type'] ?? ''))
      throw unsupportedMediaType('Send the authorization request as application/x-www-form-urlencoded.')
    const { pathname } = new URL(issuerOf(request.ctx.base))
    await reply.redirect(`${pathname}/authorize?${await readForm(request)}`, 303)
  }

/** A Fastify plugin; to be registered with the prefix `/auth`. It reads no bodies: oidc-provider does. */
export const providerRoutes =
  (providers: Providers) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      (_request: FastifyRequest, _stream: unknown, done: (error: null) => void) => done(null),
    )
    for (const path of paths) {
      const answer = hand(providers)
      scope.all(path, path === '/authorize' ? asked(answer) : answer)
    }
  }

/** A Fastify plugin for what is told outside of `/auth`. */
export const wellKnownRoutes =
  (providers: Providers) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.get('/fhir/.well-known/smart-configuration', tellSmart)
    // RFC 8414 puts the well-known part before the path of the issuer.
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      scope.get(`/.well-known/${name}/auth`, (request, reply) => {
        request.raw.url = `/auth/.well-known/${name}`
        return hand(providers)(request, reply)
      })
    }
  }

/** Any page may read it. */
const tellSmart = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .header('access-control-allow-origin', '*')
    .header('cache-control', 'max-age=300')
    .type('application/json')
    .send(JSON.stringify(smartConfiguration(request.ctx)))
