/** Paths below `/auth` that are ours: what people see of apps, and where an EHR opens a launch. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { forbidden } from '../base/problem.ts'
import type { OidcItems } from '../store/index.ts'
import type { Accounts } from './accounts.ts'
import type { Bearer } from './authenticate.ts'
import type { Clients } from './clients.ts'
import { appRoutes } from './consent/apps.ts'
import type { Choices } from './consent/choices.ts'
import { interactionRoutes } from './consent/interaction.ts'
import type { Tell } from './event.ts'
import { type Launches, parseLaunch } from './launch.ts'
import type { Providers } from './providers.ts'
import { readJson } from './read-body.ts'
import { bearerOf, unknownToken } from './refusals.ts'
import { providerFor } from './routes.ts'

export type OwnDeps = {
  readonly accounts: Accounts
  readonly choices: Choices
  readonly launches: Launches
  readonly items: OidcItems
  readonly clients: Clients
  readonly bearer: Bearer
  readonly providers: Providers
  readonly demo: boolean
  readonly record: Tell
}

/** A Fastify plugin; to be registered with the prefix `/auth`. */
export const ownRoutes =
  (deps: OwnDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser(
      '*',
      (_request: FastifyRequest, _stream: unknown, done: (error: null) => void) => done(null),
    )
    await scope.register(
      interactionRoutes({
        ...deps,
        providerFor: (request) => providerFor(deps.providers, request),
        agreed: (event) => deps.record({ kind: 'agreed', ...event }),
      }),
    )
    await scope.register(appRoutes(deps))
    scope.post('/launch', (request, reply) => openLaunch(deps, request, reply))
  }

/** An EHR says what the person who works with it is looking at, and gets the value of `launch` for an app. */
const openLaunch = async (
  deps: OwnDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> => {
  const { tenant } = request.ctx
  const who = await deps.bearer.principal(tenant, bearerOf(request.headers.authorization))
  if (!who) throw unknownToken
  const launch = parseLaunch(await readJson(request))
  // Who works with it is the only one who may go on.
  const account = who.kind === 'person' ? who.id : launch.account
  if (launch.account !== undefined && launch.account !== account)
    throw forbidden('A launch can be opened for the person of the access token only.')
  const handle = await deps.launches.open(tenant, {
    ...launch,
    ...(account === undefined ? {} : { account }),
  })
  return reply.code(201).header('cache-control', 'no-store').send({ launch: handle, expires_in: 300 })
}
