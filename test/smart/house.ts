/** The server as `npm start` runs it, with authorization on and the accounts of the demonstration. */
import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { Resource } from 'fhir/r4.js'
import { Client } from 'pg'
import type { Test } from 'tap'
import { demoPassword } from '../../src/auth/people/demo-accounts.ts'
import { database, urlOf } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import type { Person } from './browser.ts'

export type House = {
  readonly base: string
  /** URL of the authorization server. */
  readonly auth: string
  /** Of a system that may do everything. */
  readonly token: string
  /** What `npm run -s token` prints. */
  console(...args: string[]): Promise<string>
  /** What RFC 7591 gives back. */
  register(metadata: Record<string, unknown>): Promise<Record<string, unknown> & { client_id: string }>
  /** What the server printed. */
  output(): string
  /** Their pages are in this language from now on. */
  speak(language: string): Promise<void>
  fhir(method: string, path: string, options?: FhirOptions): Promise<FhirReply>
  create<T extends Resource>(resource: T): Promise<T & { id: string }>
  /** The resource of a demonstration account, as `Patient/1`. */
  linkOf(type: string, role: string): Promise<string>
}

type FhirOptions = { readonly body?: unknown; readonly token?: string }

export type Entries = { readonly entry?: readonly { readonly resource: { readonly id: string } }[] }

type FhirReply = {
  readonly status: number
  readonly headers: Headers
  readonly body: Entries & Record<string, unknown>
}

const tokenScript = fileURLToPath(new URL('../../src/token.ts', import.meta.url))

export const startHouse = async (t: Test, env: Record<string, string> = {}): Promise<House> => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-smart-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  const place = { DATABASE_URL: urlOf(await database(t)), LAMPLIGHT_DATA: folder }
  const server = await startServer(t, {
    env: { ...place, LAMPLIGHT_AUTHORIZATION: 'on', DEMO: 'true', LAMPLIGHT_CORS_ORIGINS: '*', ...env },
  })
  const { base } = server
  const auth = base.replace(/\/fhir$/, '/auth')
  const print = async (...args: string[]): Promise<string> => {
    const { stdout } = await promisify(execFile)(process.execPath, [tokenScript, ...args], {
      env: { PATH: process.env.PATH ?? '', ...place },
    })
    return stdout.trim()
  }
  const token = await print()
  const fhir: House['fhir'] = async (method, path, { body, token: other = token } = {}) => {
    const response = await fetch(`${base}/${path}`, {
      method,
      headers: {
        authorization: `Bearer ${other}`,
        ...(body === undefined ? {} : { 'content-type': 'application/fhir+json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    return { status: response.status, headers: response.headers, body: text === '' ? {} : JSON.parse(text) }
  }
  return {
    base,
    auth,
    token,
    console: print,
    output: server.output,
    speak: async (language) => {
      const client = new Client({ connectionString: place.DATABASE_URL })
      await client.connect()
      await client.query('update account set language = $1', [language])
      await client.end()
    },
    fhir,
    register: async (metadata) => {
      const registration = await print('--registration')
      const response = await fetch(`${auth}/register`, {
        method: 'POST',
        headers: { authorization: `Bearer ${registration}`, 'content-type': 'application/json' },
        body: JSON.stringify(metadata),
      })
      const text = await response.text()
      if (response.status !== 201) throw new Error(`not registered: ${text}`)
      return JSON.parse(text)
    },
    create: async (resource) => {
      const { status, body } = await fhir('POST', resource.resourceType, { body: resource })
      if (status !== 201) throw new Error(`${resource.resourceType} not created: ${JSON.stringify(body)}`)
      return body as unknown as typeof resource & { id: string }
    },
    linkOf: async (type, role) => {
      const { body } = await fhir('GET', `${type}?email=${role}@demo.example`)
      return `${type}/${body.entry![0]!.resource.id}`
    },
  }
}

/** Fills the form of the page that the browser shows. */
export const signIn = async ({ page }: Person, role: string): Promise<void> => {
  await page.fill('input[name=email]', `${role}@demo.example`)
  await page.fill('input[name=password]', demoPassword)
  await page.click('main form button')
}
