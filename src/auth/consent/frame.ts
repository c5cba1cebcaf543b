/** How the pages about applications are sent: frame, language, policy. */
import { randomBytes } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Html } from '../../base/html.ts'
import { contentSecurityPolicy, document } from '../pages/layout.ts'
import { languageOf, messagesOf } from '../pages/messages/index.ts'
import { type ConsentMessages, consentMessages } from './messages.ts'

/** `preferred` is the language of the account; else what the browser likes. */
export const languageFor = (header: string | undefined, preferred?: string): string =>
  preferred ?? languageOf(header)

export const messagesFor = (language: string): ConsentMessages => consentMessages(language)

type Shown = {
  readonly language: string
  readonly path: string
  readonly demo: boolean
  readonly title: string
  readonly body: Html
}

/** The text of a whole page. */
export const pageText = ({ language, path, demo, title, body }: Shown): string =>
  document({ language, messages: messagesOf(language), path, demo, nonce: '' }, { title, body })

/** `leaves`: its form ends at an application elsewhere. */
export const sendPage = (reply: FastifyReply, shown: Shown & { readonly leaves: boolean }): FastifyReply =>
  reply
    .header('content-security-policy', pagePolicy(shown.leaves))
    .header('cache-control', 'no-store')
    // Without any, browsers send forms with `Origin: null`, which is not known as our own.
    .header('referrer-policy', 'same-origin')
    .header('x-content-type-options', 'nosniff')
    .type('text/html; charset=utf-8')
    .send(pageText(shown))

export const pagePolicy = (leaves: boolean): string =>
  contentSecurityPolicy(randomBytes(16).toString('base64url'), { script: false, leaves })

export const acceptLanguage = ({ headers }: FastifyRequest): string | undefined => headers['accept-language']
