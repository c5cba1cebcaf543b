/** The pages of people on a fresh database, over HTTP, and a browser without script to use them with. */
import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { fastify } from 'fastify'
import type { Test } from 'tap'
import type { PeopleDeps, PeopleEvent } from '../../src/auth/people/deps.ts'
import { createPasswords, type Passwords } from '../../src/auth/people/passwords.ts'
import { createPeople, type People } from '../../src/auth/people/people.ts'
import { totpCode, totpStep } from '../../src/auth/people/totp.ts'
import { newId } from '../../src/base/id.ts'
import { createLog } from '../../src/base/log.ts'
import { insertAccount } from '../../src/store/accounts.ts'
import { createSealer, type Database } from '../../src/store/index.ts'
import { openDatabase } from './store.ts'

export const goodPassword = 'lantern over quiet water'

export type Mailbox = { readonly recipient: string; readonly subject: string; readonly content: string }

export type Opened = {
  readonly origin: string
  readonly deps: PeopleDeps
  readonly people: People
  readonly database: Database
  readonly events: PeopleEvent[]
  /** Accounts whose tokens were ended. */
  readonly ended: string[]
  /** How often a password was computed. */
  readonly computed: () => number
  /** Moves the clock of the pages on, in ms. */
  readonly wait: (ms: number) => void
  readonly now: () => number
  browser(headers?: Readonly<Record<string, string>>): Browser
  /** All mails in the outbox, the newest last. */
  mails(): Promise<Mailbox[]>
  /** An active account with `goodPassword`; gives its id. */
  account(email: string, roles: readonly string[], more?: { readonly demo?: boolean }): Promise<string>
}

export const openPeople = async (
  t: Test,
  settings: Partial<Pick<PeopleDeps, 'staffLimits' | 'makePatient' | 'exists' | 'demo'>> = {},
): Promise<Opened> => {
  const database = await openDatabase(t)
  const events: PeopleEvent[] = []
  const ended: string[] = []
  const real = createPasswords()
  let computed = 0
  const passwords: Passwords = {
    hash: (password) => {
      computed++
      return real.hash(password)
    },
    verify: (password, hash) => {
      computed++
      return real.verify(password, hash)
    },
  }
  const deps: PeopleDeps = {
    database,
    sealer: createSealer([randomBytes(32)]),
    passwords,
    staffLimits: async () => ({}),
    makePatient: async ({ id }) => `Patient/${id}`,
    exists: async () => true,
    endTokens: async (_tenant, account) => {
      ended.push(account)
    },
    signOffTokens: async (_tenant, account) => {
      ended.push(account)
    },
    record: async (event) => {
      events.push(event)
    },
    mailWaits: () => {},
    demo: false,
    ...settings,
  }
  const people = createPeople(deps)
  let ahead = 0
  const now = (): number => Date.now() + ahead
  const server = fastify({
    routerOptions: { querystringParser: (text) => text as unknown as Record<string, unknown> },
  })
  server.decorateRequest('ctx', undefined as never)
  const log = createLog('silent')
  let origin = ''
  server.addHook('onRequest', async (request) => {
    request.ctx = { tenant: 1, at: now(), base: `${origin}/fhir`, address: request.ip, log } as never
  })
  server.register(people.pages, { prefix: '/auth' })
  await server.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => server.close())
  origin = `http://localhost:${(server.server.address() as AddressInfo).port}`
  const hash = await real.hash(goodPassword)
  return {
    origin,
    deps,
    people,
    database,
    events,
    ended,
    computed: () => computed,
    wait: (ms) => {
      ahead += ms
    },
    now,
    browser: (headers = {}) => createBrowser(origin, headers),
    mails: () => {
      const text = 'select recipient, subject, content from mail order by created_at, id'
      return database.run({ name: 'test_mails', tenant: '*', text, values: [] })
    },
    account: async (email, roles, { demo = false } = {}) => {
      const id = newId(now())
      const account = { tenant: 1, id, email, display: 'Somebody', language: 'en', roles, links: [] }
      const stored = { ...account, state: 'active', demo, password: hash } as const
      await database.transact((tx) => insertAccount(tx, stored, now()))
      return id
    },
  }
}

export type Answered = {
  readonly status: number
  readonly text: string
  readonly location: string | null
  readonly headers: Headers
}

export type Browser = {
  readonly cookies: Map<string, string>
  get(path: string): Promise<Answered>
  /** Sends a form as the page at `path` has it: with the token that this browser was given. */
  post(path: string, fields: Readonly<Record<string, string | readonly string[]>>): Promise<Answered>
  /** Signs in with `goodPassword` and gives where that led. */
  signIn(email: string, password?: string): Promise<Answered>
}

const createBrowser = (origin: string, more: Readonly<Record<string, string>>): Browser => {
  const cookies = new Map<string, string>()
  let token = ''
  const send = async (path: string, init: RequestInit): Promise<Answered> => {
    const cookie = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(`${origin}${path}`, {
      redirect: 'manual',
      ...init,
      headers: { ...(cookie && { cookie }), ...more, ...init.headers },
    })
    for (const line of response.headers.getSetCookie()) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    const text = await response.text()
    token = /name="form" value="([^"]+)"/.exec(text)?.[1] ?? token
    const { status, headers } = response
    return { status, text, headers, location: headers.get('location') }
  }
  const browser: Browser = {
    cookies,
    get: (path) => send(path, {}),
    post: async (path, fields) => {
      if (token === '') await browser.get('/auth/sign-in?fresh=1')
      const pairs = Object.entries(fields).flatMap(([name, value]) =>
        [value].flat().map((one): [string, string] => [name, one]),
      )
      const body = new URLSearchParams([['form', token], ...pairs])
      return await send(path, { method: 'POST', body, headers: { origin } })
    },
    signIn: (email, password = goodPassword) => browser.post('/auth/sign-in', { email, password }),
  }
  return browser
}

/** The secret that the page for setting up an authenticator app shows. */
export const shownSecret = (text: string): string =>
  (/<code>([A-Z2-7 ]+)<\/code>/.exec(text)?.[1] ?? '').replaceAll(' ', '')

/** Signs in somebody who needs a second factor for the first time; gives the secret and the recovery codes. */
export const enrol = async (
  opened: Opened,
  browser: Browser,
  email: string,
): Promise<{ readonly secret: string; readonly codes: readonly string[] }> => {
  const { location } = await browser.signIn(email)
  const secret = shownSecret((await browser.get(location ?? '')).text)
  const code = totpCode(secret, totpStep(opened.now()))
  const { text } = await browser.post('/auth/enrol', { code })
  return { secret, codes: [...text.matchAll(/<li>([a-z0-9-]{14})<\/li>/g)].map(([, one]) => one ?? '') }
}

/** The path of the link in the newest mail to somebody. */
export const mailedPath = async (opened: Opened, recipient: string): Promise<string> => {
  const mail = (await opened.mails()).filter((one) => one.recipient === recipient).at(-1)
  const link = /https?:\/\/\S+/.exec(mail?.content ?? '')?.[0]
  if (link === undefined) throw new Error(`no mail with a link for ${recipient}`)
  return link.slice(opened.origin.length)
}

export const tokenOf = (path: string): string => new URLSearchParams(path.split('?')[1]).get('token') ?? ''
