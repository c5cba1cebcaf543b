/** The door of people: their pages, and what the authorization server asks about them. */
import type { FastifyInstance } from 'fastify'
import { endSessions, findSession } from '../../store/account-sessions.ts'
import { accountReader } from '../../store/accounts.ts'
import { type Accounts, accountOf } from '../accounts.ts'
import { cookieName, readCookie } from '../pages/cookies.ts'
import { peoplePages } from '../pages/scope.ts'
import type { PeopleDeps } from './deps.ts'
import { mayUse } from './sign-in.ts'

export type People = Accounts & {
  /** A Fastify plugin for the prefix `/auth`. */
  pages(scope: FastifyInstance): Promise<void>
}

export const createPeople = (deps: PeopleDeps): People => {
  const { database } = deps
  const stored = accountReader(database)
  return {
    find: async (tenant, id) => {
      const found = await stored.find(tenant, id)
      return found && { ...accountOf(found), active: mayUse(deps, found) }
    },
    signedIn: async (tenant, cookies) => {
      const [secure, plain] = [true, false].map((is) =>
        readCookie(cookies, cookieName('session', tenant, is)),
      )
      const token = secure ?? plain
      const session = token ? await findSession(database, tenant, token, Date.now()) : undefined
      if (session?.stage !== 'full') return undefined
      const found = await stored.find(tenant, session.account)
      if (found === undefined || !mayUse(deps, found)) return undefined
      return { account: accountOf(found), at: session.at, methods: session.methods }
    },
    signOut: (tenant, account) => endSessions(database, tenant, account),
    pages: peoplePages(deps),
  }
}
