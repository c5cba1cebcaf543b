/** Cookies of the pages: https://www.rfc-editor.org/rfc/rfc6265 */

/** The first value of that name. */
export const readCookie = (header: string | undefined, name: string): string | undefined => {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=')
    if (at > 0 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim()
  }
  return undefined
}

/** Under https the name binds the cookie to this host; each tenant has its own. */
export const cookieName = (purpose: 'session' | 'form', tenant: number, secure: boolean): string =>
  `${secure ? '__Host-' : ''}lamplight-${purpose}-${tenant}`

/** `value` undefined removes it. */
export const cookie = (name: string, value: string | undefined, secure: boolean): string =>
  [
    `${name}=${value ?? ''}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    ...(secure ? ['Secure'] : []),
    ...(value === undefined ? ['Max-Age=0'] : []),
  ].join('; ')
