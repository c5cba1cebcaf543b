/** The applications that a person has allowed something, with a button to end it. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { html } from '../../base/html.ts'
import type { OidcItems } from '../../store/index.ts'
import type { Account, Accounts } from '../accounts.ts'
import type { Clients } from '../clients.ts'
import { issuerOf } from '../discovery.ts'
import type { Tell } from '../event.ts'
import { cookieName, readCookie } from '../pages/cookies.ts'
import { formToken, isOwnForm } from '../pages/form-token.ts'
import { fill } from '../pages/messages/index.ts'
import { readForm } from '../read-body.ts'
import { wordsOf } from '../scopes.ts'
import { messagesFor, sendPage } from './frame.ts'
import { sentenceOf } from './sentence.ts'

export type AppDeps = {
  readonly accounts: Accounts
  readonly items: OidcItems
  readonly clients: Clients
  readonly demo: boolean
  readonly record: Tell
}

/** A Fastify plugin; to be registered with the prefix `/auth`. */
export const appRoutes =
  (deps: AppDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.get('/apps', async (request, reply) => {
      const account = await signedIn(deps, request)
      return account ? list(deps, request, reply, account) : toSignIn(request, reply)
    })
    scope.post('/apps', async (request, reply) => {
      const form = await readForm(request)
      const account = await signedIn(deps, request)
      if (!account) return toSignIn(request, reply)
      const { origin } = new URL(request.ctx.base)
      if (isOwnForm(request.headers, origin, sessionCookie(request), form.get('form') ?? ''))
        await revoke(deps, request.ctx, account, form.get('grant') ?? '')
      return reply.redirect(`${folderOf(request)}/apps`, 303)
    })
  }

const folderOf = ({ ctx }: FastifyRequest): string => new URL(issuerOf(ctx.base)).pathname

const sessionCookie = ({ ctx, headers }: FastifyRequest): string | undefined =>
  readCookie(headers.cookie, cookieName('session', ctx.tenant, ctx.base.startsWith('https:')))

const signedIn = async ({ accounts }: AppDeps, { ctx, headers }: FastifyRequest) =>
  (await accounts.signedIn(ctx.tenant, headers.cookie))?.account

const toSignIn = (request: FastifyRequest, reply: FastifyReply): FastifyReply => {
  const folder = folderOf(request)
  return reply.redirect(`${folder}/sign-in?next=${encodeURIComponent(`${folder}/apps`)}`, 303)
}

const list = async (deps: AppDeps, request: FastifyRequest, reply: FastifyReply, account: Account) => {
  const { tenant } = request.ctx
  const messages = messagesFor(account.language)
  const grants = await deps.items.grantsOf(tenant, account.id)
  const names = await Promise.all(
    grants.map(async ({ payload }) => {
      const id = String(payload.clientId)
      return (await deps.clients.info(tenant, id))?.display ?? id
    }),
  )
  const date = new Intl.DateTimeFormat(account.language, { dateStyle: 'long' })
  const token = formToken(sessionCookie(request) ?? '')
  const body =
    grants.length === 0
      ? html`<p>${messages.noApps}</p>`
      : grants.map(({ id, payload }, n) => {
          const client = names[n] ?? ''
          const since = fill(messages.since, { date: date.format(Number(payload.iat) * 1000) })
          const sentences = scopesOf(payload).map((text) => html`<li>${sentenceOf(messages, text)}</li>`)
          return html`<section><h2>${client}</h2><p>${since}</p><ul>${sentences}</ul>
<form method="post" action="${folderOf(request)}/apps"><input type="hidden" name="form" value="${token}">
<input type="hidden" name="grant" value="${id}"><button>${fill(messages.revoke, { client })}</button></form></section>`
        })
  const { language } = account
  const shown = { language, path: folderOf(request), demo: deps.demo, title: messages.apps, leaves: false }
  return sendPage(reply, { ...shown, body: html`${body}` })
}

type Granted = { readonly scope?: string } | undefined

const scopesOf = (payload: Readonly<Record<string, unknown>>): readonly string[] => [
  ...Object.values((payload.resources ?? {}) as Record<string, string>).flatMap(wordsOf),
  ...wordsOf((payload.openid as Granted)?.scope),
]

/** Only of the person's own: a grant of somebody else is not there. */
const revoke = async (
  deps: AppDeps,
  { tenant, address }: FastifyRequest['ctx'],
  account: Account,
  id: string,
): Promise<void> => {
  const grants = await deps.items.grantsOf(tenant, account.id)
  const grant = grants.find((one) => one.id === id)
  if (!grant) return
  await deps.items.end(tenant, 'grant', id)
  const client = String(grant.payload.clientId)
  await deps.record({ kind: 'revoked', tenant, account: account.id, client, address })
}
