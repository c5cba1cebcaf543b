/** An authorization server over HTTP, with people who are signed in by a cookie that only a test knows. */
import { createHash, randomBytes, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import type { Test } from 'tap'
import { unrestricted } from '../../src/access/access.ts'
import type { Principal } from '../../src/access/principal.ts'
import type { Account } from '../../src/auth/accounts.ts'
import type { Choice } from '../../src/auth/consent/choices.ts'
import { type Auth, type AuthEvent, createAuth } from '../../src/auth/index.ts'
import { createLog } from '../../src/base/log.ts'
import {
  createOidcClients,
  createOidcItems,
  createSealer,
  type Database,
  hear,
  type OidcItems,
} from '../../src/store/index.ts'
import { fakeRest, ok, serverWith } from '../http/fake-rest.ts'
import { database } from '../support/postgres.ts'
import { openDatabase } from '../support/store.ts'

export type Reply = { status: number; body: Record<string, unknown>; text: string; headers: Headers }

export type Tokens = {
  access_token: string
  refresh_token?: string
  id_token?: string
  scope: string
  patient?: string
  [name: string]: unknown
}

export type House = {
  readonly origin: string
  readonly base: string
  readonly auth: Auth
  readonly items: OidcItems
  readonly database: Database
  readonly events: AuthEvent[]
  /** Who asked the FHIR API last. */
  who(): Principal | undefined
  /** Who is signed in in browsers from now on. */
  person: Account | undefined
  /** Nothing can be put on record any more. */
  isRecordFull: boolean
  client(id: string, metadata: Record<string, unknown>, secret?: string): Promise<void>
  post(path: string, form: Record<string, string>, headers?: Record<string, string>): Promise<Reply>
  fhir(token: string | undefined): Promise<Reply>
}

export const person = (changes: Partial<Account> = {}): Account => ({
  tenant: 1,
  id: randomUUID(),
  email: 'ada@example.org',
  display: 'Ada Lovelace',
  language: 'en',
  roles: ['patient'],
  links: ['Patient/p1'],
  fhirUser: 'Patient/p1',
  active: true,
  ...changes,
})

const patients: readonly Choice[] = [
  { id: 'p1', label: 'Ada Lovelace, 1815-12-10' },
  { id: 'p2', label: 'Grace Hopper, 1906-12-09' },
]

export const openHouse = async (t: Test, settings: { tokens?: 'opaque' | 'jwt' } = {}): Promise<House> => {
  const target = await database(t)
  const opened = await openDatabase(t, 'roles', target)
  const events: AuthEvent[] = []
  const people = new Map<string, Account>()
  const state: { person: Account | undefined; isRecordFull: boolean } = {
    person: undefined,
    isRecordFull: false,
  }
  const auth = createAuth({
    database: opened,
    sealer: createSealer([randomBytes(32)]),
    accounts: {
      find: async (_tenant, id) => people.get(id),
      signedIn: async () => state.person && { account: state.person, at: Date.now(), methods: ['pwd'] },
      signOut: async () => {},
    },
    choices: {
      patients: async (_ctx, { fhirUser }, text) =>
        fhirUser?.startsWith('Patient/')
          ? patients.filter(({ id }) => fhirUser === `Patient/${id}`)
          : patients.filter(({ label }) => label.includes(text)),
      patient: async (_ctx, { fhirUser }, id) =>
        patients.find(
          (one) => one.id === id && (!fhirUser?.startsWith('Patient/') || fhirUser === `Patient/${id}`),
        ),
      encounters: async (_ctx, _account, patient) =>
        patient === 'p1' ? [{ id: 'e1', label: '2026-01-01, Visit' }] : [],
    },
    tokens: settings.tokens ?? 'opaque',
    log: createLog('silent'),
    demo: false,
    record: async (event) => {
      if (state.isRecordFull) throw new Error('the disk is full')
      events.push(event)
    },
  })
  const hearing = hear(target, createLog('silent'))
  hearing.listen(auth)
  t.teardown(hearing.stop)
  t.teardown(() => auth.close())
  const rest = fakeRest(ok)
  const callerOf = (who: Principal) => ({ who, access: unrestricted })
  const server = serverWith(rest, {
    authenticate: (headers, tenant) => {
      const who = auth.authenticate(headers, tenant)
      return who instanceof Promise ? who.then(callerOf) : callerOf(who)
    },
    authorization: auth,
  })
  t.teardown(() => server.close())
  const origin = await server.listen({ host: '127.0.0.1', port: 0 })
  const items = createOidcItems(opened)
  const clients = createOidcClients(opened)
  const replyOf = async (response: Response): Promise<Reply> => {
    const text = await response.text()
    const isJson = response.headers.get('content-type')?.includes('json') === true
    return { status: response.status, text, headers: response.headers, body: isJson ? JSON.parse(text) : {} }
  }
  return {
    origin,
    base: `${origin}/fhir`,
    auth,
    items,
    database: opened,
    events,
    who: () => rest.contexts.at(-1)?.who,
    get person() {
      return state.person
    },
    set person(one) {
      state.person = one
      if (one) people.set(one.id, one)
    },
    get isRecordFull() {
      return state.isRecordFull
    },
    set isRecordFull(is) {
      state.isRecordFull = is
    },
    client: (id, metadata, secret) => clients.put(1, id, metadata, secret),
    post: async (path, form, headers = {}) =>
      replyOf(await fetch(`${origin}${path}`, { method: 'POST', body: new URLSearchParams(form), headers })),
    fhir: async (token) =>
      replyOf(
        await fetch(`${origin}/fhir/Patient/p1`, {
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        }),
      ),
  }
}

export const redirect = 'http://127.0.0.1:1/callback'

/** An app without a secret. */
export const publicApp = (scope: string): Record<string, unknown> => ({
  client_name: 'Growth chart',
  redirect_uris: [redirect],
  grant_types: ['authorization_code', 'refresh_token'],
  response_types: ['code'],
  token_endpoint_auth_method: 'none',
  scope,
})

/** Keeps cookies and follows nothing by itself, as a test wants to see each step. */
export const browser = (origin: string) => {
  const jar = new Map<string, string>()
  const go = async (path: string, form?: URLSearchParams): Promise<Response> => {
    const url = new URL(path, origin)
    const headers: Record<string, string> = { accept: 'text/html' }
    if (jar.size > 0) headers.cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    const response = await fetch(url, {
      redirect: 'manual',
      headers,
      ...(form ? { method: 'POST', body: form } : {}),
    })
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const at = pair.indexOf('=')
      if (/expires=Thu, 01 Jan 1970/i.test(line)) jar.delete(pair.slice(0, at))
      else jar.set(pair.slice(0, at), pair.slice(at + 1))
    }
    return response
  }
  return { go, jar }
}

export const verifier = (): { readonly verifier: string; readonly challenge: string } => {
  const text = randomBytes(32).toString('base64url')
  return { verifier: text, challenge: createHash('sha256').update(text).digest('base64url') }
}

export const authorizeUrl = (
  house: House,
  client: string,
  scope: string,
  more: Record<string, string> = {},
) =>
  `/auth/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id: client,
    redirect_uri: redirect,
    scope,
    state: 'state-1',
    aud: house.base,
    ...more,
  })}`

export type Agreement = {
  readonly scopes?: readonly string[]
  readonly pick?: string
  readonly deny?: boolean
}

/** Goes through the pages until the app is called back; gives the query that it gets. */
export const walk = async (
  house: House,
  start: string,
  agreement: Agreement = {},
): Promise<URLSearchParams> => {
  const tab = browser(house.origin)
  let next = start
  for (let step = 0; step < 12; step++) {
    const response = await tab.go(next)
    const location = response.headers.get('location')
    if (location?.startsWith(redirect)) return queryOf(location)
    if (location !== null) {
      next = location
      continue
    }
    const text = await response.text()
    if (response.status !== 200) return new URLSearchParams({ error: 'page', text })
    const [, link] = /<li><a href="([^"]+)"/.exec(text) ?? []
    if (link !== undefined) {
      next = link.replaceAll('&amp;', '&')
      continue
    }
    if (text.includes('type="search"') && agreement.pick !== undefined) {
      next = `${next.split('?')[0]}?text=${agreement.pick}`
      continue
    }
    const form = formOf(text, agreement)
    if (!form) return new URLSearchParams({ error: 'page', text })
    const sent = await tab.go(next.split('?')[0]!, form)
    next = sent.headers.get('location') ?? ''
    if (next.startsWith(redirect)) return queryOf(next)
    if (next === '') return new URLSearchParams({ error: 'page', text: await sent.text() })
  }
  throw new Error(`the pages do not end: ${next}`)
}

/** Of some faults the app is told in the fragment. */
const queryOf = (url: string): URLSearchParams => {
  const { searchParams, hash } = new URL(url)
  return hash.length > 1 ? new URLSearchParams(hash.slice(1)) : searchParams
}

const formOf = (text: string, { scopes, deny }: Agreement): URLSearchParams | undefined => {
  if (!text.includes('name="answer"')) return undefined
  const form = new URLSearchParams()
  for (const [, name, value] of text.matchAll(/type="hidden" name="([^"]*)" value="([^"]*)"/g))
    form.append(name!, value!)
  for (const [, value] of text.matchAll(/name="scope" value="([^"]*)"/g)) {
    const scope = value!.replaceAll('&amp;', '&')
    if (!scopes || scopes.includes(scope)) form.append('scope', scope)
  }
  form.append('answer', deny === true ? 'deny' : 'allow')
  return form
}

/** The whole way to tokens. */
export const authorize = async (
  house: House,
  client: string,
  scope: string,
  more: Record<string, string> = {},
  agreement: Agreement = {},
): Promise<{ tokens: Tokens; reply: Reply; code: string; verifier: string }> => {
  const pair = verifier()
  const challenge = { code_challenge: pair.challenge, code_challenge_method: 'S256' }
  const query = await walk(house, authorizeUrl(house, client, scope, { ...challenge, ...more }), agreement)
  const code = query.get('code') ?? ''
  if (code === '') throw new Error(`no code: ${query}`)
  const form = {
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirect,
    client_id: client,
    code_verifier: pair.verifier,
  }
  const reply = await house.post('/auth/token', form)
  return { tokens: reply.body as Tokens, reply, code, verifier: pair.verifier }
}

export type Signer = { readonly jwk: JWK; sign(claims: Record<string, unknown>): Promise<string> }

/** A key pair of a backend service, and assertions signed with it. */
export const signer = async (alg = 'ES384', kid = 'key-1'): Promise<Signer> => {
  const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true })
  return {
    jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' },
    sign: (claims) => new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT' }).sign(privateKey),
  }
}

/** Claims of an assertion that is right; `more` changes some. */
export const assertionClaims = (house: House, client: string, more: Record<string, unknown> = {}) => ({
  iss: client,
  sub: client,
  aud: `${house.origin}/auth/token`,
  jti: randomUUID(),
  exp: Math.floor(Date.now() / 1000) + 60,
  ...more,
})

export const assertionForm = (assertion: string, scope: string): Record<string, string> => ({
  grant_type: 'client_credentials',
  scope,
  client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
  client_assertion: assertion,
})
