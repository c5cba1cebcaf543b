/** A request to a page as its handler sees it, and what a handler may answer. */
import type { Html } from '../../base/html.ts'
import type { Session } from '../../store/account-sessions.ts'
import type { AccountWithPassword } from '../../store/accounts.ts'
import type { PeopleDeps, Refused, Site } from '../people/deps.ts'
import { fill, type Messages } from './messages/index.ts'

/** Somebody who has shown at least a password. `token` is the one in the cookie. */
export type Visitor = {
  readonly token: string
  readonly session: Session
  readonly account: AccountWithPassword
}

export type Visit = {
  readonly site: Site
  readonly language: string
  readonly messages: Messages
  readonly query: URLSearchParams
  /** Empty but for POST. */
  readonly form: URLSearchParams
  /** Of the path: `/people/:id`. */
  readonly id: string
  /** To be put into every form. */
  readonly formToken: string
  readonly visitor?: Visitor
}

/** `leaves`: the form of the page may end at an application elsewhere. */
export type Shown = {
  readonly title: string
  readonly body: Html
  readonly status?: number
  readonly retryAfter?: number
  readonly script?: string
  readonly leaves?: boolean
  /** A new token for the cookie. */
  readonly cookie?: string
}

/** `to` is a path of this server; `cookie` null signs out. */
export type Sent = { readonly to: string; readonly cookie?: string | null }

export type Handler<V extends Visit = Visit> = (deps: PeopleDeps, visit: V) => Promise<Shown | Sent>

export type SignedVisit = Visit & { readonly visitor: Visitor }

/** What went wrong, in the language of the visitor. */
export const refusalText = (messages: Messages, refused: Refused | undefined): string | undefined => {
  if (refused === undefined) return undefined
  const { wrong, limit, retryAfter } = refused
  const role = limit && ((messages.role as Readonly<Record<string, string>>)[limit.role] ?? limit.role)
  const text = fill(messages.wrong[wrong], limit && role ? { most: limit.most, role } : {})
  return retryAfter === undefined ? text : `${text} ${fill(messages.seconds, { seconds: retryAfter })}`
}

/** The status and the wait of a refusal, for the page that tells of it. */
export const refusalStatus = (refused: Refused | undefined): Pick<Shown, 'status' | 'retryAfter'> => ({
  ...(refused ? { status: refused.status ?? 422 } : {}),
  ...(refused?.retryAfter === undefined ? {} : { retryAfter: refused.retryAfter }),
})

/** Where to go on: only to pages of this folder, whatever the address says. */
export const nextPath = ({ origin, path }: Site, wanted: string | null): string => {
  const home = `${path}/account`
  if (wanted === null || !wanted.startsWith(`${path}/`) || /[\\\s\p{Cc}]/u.test(wanted)) return home
  const url = URL.canParse(wanted, origin) ? new URL(wanted, origin) : undefined
  if (url?.origin !== origin || !url.pathname.startsWith(`${path}/`)) return home
  return url.pathname + url.search
}
