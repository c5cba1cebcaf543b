/** What every answer tells browsers that might show it: https://cheatsheetseries.owasp.org/cheatsheets/HTTP_Headers_Cheat_Sheet.html */
import type { FastifyReply } from 'fastify'

/**
 * No sniffing of types, no frames, no referrer: URLs of searches name people. The policy is that of data, which loads
 * nothing; pages bring their own. Nothing is kept in caches unless the answer says otherwise.
 */
const always: readonly (readonly [string, string])[] = [
  ['x-content-type-options', 'nosniff'],
  ['referrer-policy', 'no-referrer'],
  ['content-security-policy', "default-src 'none'; frame-ancestors 'none'"],
  ['cross-origin-resource-policy', 'same-origin'],
  ['cache-control', 'no-store'],
]

/** A year, in seconds. */
const secure = ['strict-transport-security', 'max-age=31536000'] as const

/** `isSecure` when clients come by HTTPS. */
export const securityHeaders = (isSecure: boolean): readonly (readonly [string, string])[] =>
  isSecure ? [...always, secure] : always

/** Before anything else, so that whatever answers may say it better. */
export const setHeaders = (reply: FastifyReply, headers: readonly (readonly [string, string])[]): void => {
  for (const [name, value] of headers) reply.header(name, value)
}

/** Hands what Fastify would have sent to whoever writes the answer past it. */
export const passHeaders = (reply: FastifyReply): void => {
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined && !reply.raw.hasHeader(name)) reply.raw.setHeader(name, value)
}

/** The same as lines of a response that is written by hand. */
export const headerLines = (headers: readonly (readonly [string, string])[]): string[] =>
  headers.map(([name, value]) => `${name}: ${value}`)
