/** Who may ask: the authorization server of this process, or nobody is asked who they are. */
import type { FastifyInstance } from 'fastify'
import { unrestricted } from './access/access.ts'
import { internal, type Principal } from './access/principal.ts'
import { type Auth, type AuthDeps, createAuth } from './auth/index.ts'
import type { People } from './auth/people/people.ts'
import type { Log } from './base/log.ts'
import type { Config } from './config.ts'
import type { Caller } from './http/context.ts'
import type { Authenticate } from './http/fhir-scope.ts'
import { createChoices } from './launch-choices.ts'
import type { Rest } from './rest/index.ts'
import { loadSealer } from './sealing-keys.ts'
import type { Database } from './store/index.ts'

export type Authorization = {
  readonly authenticate: Authenticate
  /** Undefined when it is off. */
  readonly server?: Auth
}

export type AuthorizationDeps = {
  readonly config: Config
  readonly database: Database
  readonly people: People
  readonly log: Log
  readonly rest: Rest
  readonly demo: boolean
  readonly record: AuthDeps['record']
  /** What somebody may: policies, scopes and consent. */
  readonly callerOf: (who: Principal, tenant: number) => Caller | Promise<Caller>
}

export const authorize = ({ config, callerOf, rest, people, ...deps }: AuthorizationDeps): Authorization => {
  const everybody: Caller = { who: internal, access: unrestricted }
  if (config.authorization === 'off') return { authenticate: () => everybody }
  const choices = createChoices(rest, callerOf)
  const sealer = loadSealer(config)
  const server = createAuth({ ...deps, accounts: people, choices, tokens: config.tokens, sealer })
  const routes = async (scope: FastifyInstance): Promise<void> => {
    await scope.register(people.pages)
    await server.routes(scope)
  }
  return {
    server: { ...server, routes },
    authenticate: (headers, tenant) => {
      const who = server.authenticate(headers, tenant)
      return who instanceof Promise ? who.then((found) => callerOf(found, tenant)) : callerOf(who, tenant)
    },
  }
}
