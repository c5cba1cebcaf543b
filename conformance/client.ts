/** A plain HTTP client: no redirects, no cache, nothing added to what a case says but the access token. */
import { Agent, request as httpRequest } from 'node:http'
import { request as httpsRequest, Agent as TlsAgent } from 'node:https'
import { brotliDecompressSync, gunzipSync, inflateSync } from 'node:zlib'
import type { Json } from './json.ts'

export type Sent = {
  readonly method: string
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly bytes?: Buffer
}

/** `text` is decoded from its content coding; `json` is there when the text is JSON. Header names are lower case. */
export type Received = {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  readonly json?: Json
}

export type Exchange = { readonly sent: Sent; readonly received: Received }

const decoders: Readonly<Record<string, (bytes: Buffer) => Buffer>> = {
  gzip: gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
}

const decode = (bytes: Buffer, coding: string | undefined): string => {
  const decoder = coding === undefined ? undefined : decoders[coding]
  return (decoder && bytes.length > 0 ? decoder(bytes) : bytes).toString('utf8')
}

const parse = (text: string): { json?: Json } => {
  try {
    return { json: JSON.parse(text) as Json }
  } catch {
    return {}
  }
}

const single = (headers: NodeJS.Dict<string | string[]>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : (value ?? ''),
    ]),
  )

/** A case that sends an empty `authorization` sends none. */
const withoutEmpty = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(headers).filter(([name, value]) => name !== 'authorization' || value !== ''),
  )

const patience = 60_000

/** Keeps connections open between requests; `close` ends them. A token goes with each that does not say otherwise. */
export const createClient = (token?: string) => {
  const authorized = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const plain = new Agent({ keepAlive: true })
  const tls = new TlsAgent({ keepAlive: true })
  const send = (sent: Sent): Promise<Exchange> =>
    new Promise((done, fail) => {
      const { method, url, headers, bytes } = sent
      const secure = url.startsWith('https:')
      const length = bytes === undefined ? {} : { 'content-length': String(bytes.length) }
      const options = {
        method,
        headers: withoutEmpty({ ...authorized, ...length, ...headers }),
        timeout: patience,
      }
      const outgoing = secure
        ? httpsRequest(url, { ...options, agent: tls })
        : httpRequest(url, { ...options, agent: plain })
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${patience / 1000} s`)))
      outgoing.on('error', fail)
      outgoing.on('response', (answer) => {
        const chunks: Buffer[] = []
        answer.on('data', (chunk: Buffer) => chunks.push(chunk))
        answer.on('error', fail)
        answer.on('end', () => {
          try {
            const text = decode(Buffer.concat(chunks), answer.headers['content-encoding'])
            const received = {
              status: answer.statusCode ?? 0,
              headers: single(answer.headers),
              text,
              ...parse(text),
            }
            done({ sent, received })
          } catch (error) {
            fail(error)
          }
        })
      })
      outgoing.end(bytes)
    })
  const close = (): void => {
    plain.destroy()
    tls.destroy()
  }
  return { send, close }
}

export type Client = ReturnType<typeof createClient>
