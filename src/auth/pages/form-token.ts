/** Forms are only taken from our own pages: https://cheatsheetseries.owasp.org/cheatsheets/Cross-Site_Request_Forgery_Prevention_Cheat_Sheet.html */
import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'

/** What goes into the form for a browser that holds this cookie: another site can read neither. */
export const formToken = (cookie: string): string =>
  createHash('sha256').update(`form ${cookie}`).digest('base64url')

const equal = (a: string, b: string): boolean =>
  a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b))

/** Whether the form was sent by a page of `origin` in the browser that got it. */
export const isOwnForm = (
  headers: IncomingHttpHeaders,
  origin: string,
  cookie: string | undefined,
  token: string,
): boolean => {
  const site = headers['sec-fetch-site']
  if (site !== undefined && site !== 'same-origin') return false
  if (headers.origin !== undefined && headers.origin !== origin) return false
  return cookie !== undefined && equal(token, formToken(cookie))
}
