/**
 * Which names this server answers to. On a loopback address only programs of this machine can connect, and one of them
 * is a browser: a page from elsewhere may point its own name here (DNS rebinding) and read everything. Its requests
 * carry that name. https://www.rfc-editor.org/rfc/rfc9110#section-15.5.20
 */
import { misdirected, type Problem } from '../base/problem.ts'

/** Whether only this machine can connect to an address to listen on. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host === '::1' || host.startsWith('127.')

const local = /^(?:localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?$/i

export type HostOptions = {
  /** The address to listen on; undefined is any, where every name is answered. */
  readonly listens?: string | undefined
  /** URL of the FHIR endpoint as clients see it; its host is answered too. */
  readonly baseUrl?: string | undefined
}

/** Judges the Host header of a request; undefined when it is fine. HTTP/1.0 may have none, and browsers do not speak it. */
export const createHostCheck = ({
  listens,
  baseUrl,
}: HostOptions): ((host: string | undefined) => Problem | undefined) => {
  if (listens === undefined || !isLoopback(listens)) return () => undefined
  const known = baseUrl === undefined ? undefined : new URL(baseUrl)
  const answers = (host: string): boolean =>
    local.test(host) || (known !== undefined && [known.host, known.hostname].includes(host.toLowerCase()))
  return (host) => (host === undefined || answers(host) ? undefined : elsewhere)
}

const elsewhere = misdirected(
  'This server listens on a loopback address and answers to localhost only. If clients call it by another name, set BASE_URL to the URL that they use.',
)
