/** The door of authorization: who holds a token, and the pages by which one is got. */
import type { IncomingHttpHeaders } from 'node:http'
import type { FastifyInstance } from 'fastify'
import type { Principal } from '../access/principal.ts'
import { html } from '../base/html.ts'
import type { Log } from '../base/log.ts'
import type { Database, OidcItems } from '../store/index.ts'
import { createOidcClients, createOidcItems, createOidcKeys, type Sealer } from '../store/index.ts'
import type { Accounts } from './accounts.ts'
import { createBearer } from './authenticate.ts'
import { createClients } from './clients.ts'
import type { Choices } from './consent/choices.ts'
import { languageFor, messagesFor, pageText } from './consent/frame.ts'
import type { Tell } from './event.ts'
import { createVerifyJwt } from './jwt.ts'
import { createLaunches } from './launch.ts'
import { ownRoutes } from './own-routes.ts'
import type { ProviderDeps } from './provider.ts'
import { createProviders } from './providers.ts'
import { bearerOf, unknownToken } from './refusals.ts'
import { providerRoutes, wellKnownRoutes } from './routes.ts'

export type { AuthEvent } from './event.ts'

export type AuthDeps = {
  readonly database: Database
  readonly sealer: Sealer
  readonly accounts: Accounts
  readonly tokens: 'opaque' | 'jwt'
  readonly log: Log
  /** Whom an app can be about. */
  readonly choices: Choices
  /** Whether the pages say that this is a demonstration. */
  readonly demo: boolean
  /** What happened, for the record. */
  readonly record: Tell
}

export type Auth = {
  /** Who asks, from the headers of a request. Throws a `Problem` (401) when that cannot be said. */
  authenticate(headers: IncomingHttpHeaders, tenant: number): Principal | Promise<Principal>
  /** A Fastify plugin for the prefix `/auth`. */
  routes(scope: FastifyInstance): Promise<void>
  /** A Fastify plugin for the paths of `.well-known` outside of it. */
  wellKnown(scope: FastifyInstance): Promise<void>
  /** What another process, or this one, has said through the database. */
  notice(text: string): void
  /** Notices may have been missed. */
  again(): void
  /** Ends every token of an account, at once and everywhere. */
  endTokens(tenant: number, account: string): Promise<void>
  /** Stops looking for what has expired. */
  close(): void
}

/** In ms. What has expired opens nothing; it is only in the way. */
const sweepEvery = 300_000

const known = (who: Principal | undefined): Principal => {
  if (who === undefined) throw unknownToken
  return who
}

const errorPageOf =
  (demo: boolean): ProviderDeps['errorPage'] =>
  ({ issuer }, text, languages) => {
    const language = languageFor(languages)
    const { failed, back } = messagesFor(language)
    const body = html`<p>${back}</p><p><code>${text}</code></p>`
    return pageText({ language, path: new URL(issuer).pathname, demo, title: failed, body })
  }

export const createAuth = (deps: AuthDeps): Auth => {
  const items: OidcItems = createOidcItems(deps.database, (notice) => bearer.notice(notice))
  const clients = createClients(createOidcClients(deps.database), items)
  const launches = createLaunches(items)
  const keys = createOidcKeys(deps.database)
  const { accounts, sealer, log, tokens } = deps
  const providers = createProviders({
    items,
    clients,
    launches,
    keys,
    sealer,
    accounts,
    log,
    tokens,
    errorPage: errorPageOf(deps.demo),
    record: deps.record,
  })
  const bearer = createBearer({
    items,
    clients,
    account: accounts.find,
    verify: createVerifyJwt(providers.keys),
  })
  const timer = setInterval(() => {
    items.sweep().catch((error: Error) => {
      log.warn({ err: { message: error.message } }, 'expired tokens could not be deleted; trying again')
    })
  }, sweepEvery)
  timer.unref()
  return {
    authenticate: (headers, tenant) => {
      const who = bearer.principal(tenant, bearerOf(headers.authorization))
      return who instanceof Promise ? who.then(known) : known(who)
    },
    routes: async (scope) => {
      await scope.register(providerRoutes(providers))
      await scope.register(ownRoutes({ ...deps, launches, items, clients, bearer, providers }))
    },
    wellKnown: wellKnownRoutes(providers),
    notice: (text) => {
      bearer.notice(text)
      const [word, tenant, what] = text.split(' ')
      if (word === 'token' && what === 'keys') providers.forget(Number(tenant))
    },
    again: () => {
      bearer.forgetAll()
      providers.forget()
    },
    endTokens: (tenant, account) => items.end(tenant, 'account', account),
    close: () => clearInterval(timer),
  }
}
