/** A real server under attack: requests of every form, and the proof that none of them left a trace. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { database, urlOf } from '../support/postgres.ts'
import { type Server, startServer } from '../support/server.ts'

export type Answer = { readonly status: number; readonly headers: IncomingHttpHeaders; readonly text: string }

export type Ask = {
  readonly method?: string
  /** Below the FHIR base, such as `/Patient`; sent as it is. */
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string | Buffer
}

export type Siege = {
  readonly server: Server
  readonly port: number
  ask(request: Ask): Promise<Answer>
  /** A resource in JSON to its type. */
  post(type: string, body: string | Buffer, headers?: Readonly<Record<string, string>>): Promise<Answer>
  /** Raw bytes on a connection of their own; all that comes back until it is closed, or idle for `idle` ms. */
  exchange(bytes: string | Buffer, idle?: number): Promise<string>
  /** The next request is answered, history is what it was when `settle` was called, and memory is bounded. */
  unharmed(t: Test, what: string): Promise<void>
  /** What is there now is what has to be there later. */
  settle(): Promise<void>
}

export const fhirJson = { 'content-type': 'application/fhir+json' }
export const patient = '{"resourceType":"Patient","active":true}'

/** One request on a connection of its own. */
export const askAt = (root: string, { method = 'GET', path, headers = {}, body }: Ask): Promise<Answer> =>
  new Promise((done, fail) => {
    const { hostname, port, pathname } = new URL(root)
    const prefix = pathname.replace(/\/$/, '')
    const sent = httpRequest({ hostname, port, path: prefix + path, method, headers, agent: false })
    sent.on('response', async (response) => {
      const chunks = await response.toArray().catch(() => [])
      done({
        status: response.statusCode!,
        headers: response.headers,
        text: Buffer.concat(chunks).toString(),
      })
      sent.destroy()
    })
    sent.on('error', fail)
    sent.end(body)
  })

export const exchangeAt = (port: number, bytes: string | Buffer, idle = 1000): Promise<string> =>
  new Promise((done) => {
    const socket = connect(port, '127.0.0.1')
    let answer = ''
    socket.setTimeout(idle, () => socket.destroy())
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1')
    })
    socket.on('error', () => {})
    socket.on('close', () => done(answer))
    socket.write(bytes)
  })

/** Resident bytes of the process that serves; undefined where the system does not tell. */
const memoryOf = (pid: number): number | undefined => {
  if (process.platform !== 'linux') return undefined
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]
  return Number(kilobytes) * 1024
}

const mostMemory = 1.5 * 1024 ** 3

export const temporary = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-hostile-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }))
  return folder
}

/** Starts the server on a database of its own. */
export const besiege = async (t: Test, env: Readonly<Record<string, string>> = {}): Promise<Siege> => {
  const url = urlOf(await database(t))
  const server = await startServer(t, { env: { DATABASE_URL: url, LAMPLIGHT_DATA: temporary(t), ...env } })
  const ask = (request: Ask) => askAt(server.base, request)
  const past = async (): Promise<readonly unknown[]> => {
    const { text } = await ask({ path: '/_history?_count=1000' })
    const { entry = [] } = JSON.parse(text) as { entry?: { fullUrl: string; response: { etag: string } }[] }
    return entry.map(({ fullUrl, response }) => `${fullUrl} ${response.etag}`)
  }
  let before = await past()
  const port = Number(new URL(server.base).port)
  return {
    server,
    port,
    ask,
    post: (type, body, headers = fhirJson) => ask({ method: 'POST', path: `/${type}`, headers, body }),
    exchange: (bytes, idle) => exchangeAt(port, bytes, idle),
    settle: async () => {
      before = await past()
    },
    unharmed: async (t, what) => {
      t.strictSame(await past(), before, `${what}: nothing changed, the next request is answered`)
      t.ok((memoryOf(server.pid) ?? 0) < mostMemory, `${what}: memory is bounded`)
    },
  }
}

type Outcome = {
  readonly resourceType: string
  readonly issue: readonly { code: string; diagnostics: string; expression?: readonly string[] }[]
}

/** The refusal is an OperationOutcome with the status and words that help. */
export const refused = (t: Test, answer: Answer, status: number, words: RegExp, what: string): void => {
  t.equal(answer.status, status, what)
  const outcome = parse(answer.text)
  t.equal(outcome?.resourceType, 'OperationOutcome', `${what}: an OperationOutcome`)
  t.match(outcome?.issue.map((issue) => issue.diagnostics).join('\n'), words, `${what}: says why`)
}

const parse = (text: string): Outcome | undefined => {
  try {
    return JSON.parse(text) as Outcome
  } catch {
    return undefined
  }
}

export const bundle = (type: string, entries: readonly object[]): string =>
  JSON.stringify({ resourceType: 'Bundle', type, entry: entries })
