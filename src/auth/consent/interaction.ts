/** What a person does between an app's request and its answer: sign in, choose whom it is about, agree. */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import { html } from '../../base/html.ts'
import type { Account, Accounts, SignedIn } from '../accounts.ts'
import { issuerOf } from '../discovery.ts'
import type { AuthEvent } from '../event.ts'
import { contextOf, type Launches, type StoredLaunch } from '../launch.ts'
import { formToken, isOwnForm } from '../pages/form-token.ts'
import { fill } from '../pages/messages/index.ts'
import { readForm } from '../read-body.ts'
import { isLaunchScope, wordsOf } from '../scopes.ts'
import { type Choice, type Choices, hasOwnPatients } from './choices.ts'
import { acceptLanguage, languageFor, messagesFor, sendPage } from './frame.ts'
import { consentBody, pickerBody } from './page.ts'

export type InteractionDeps = {
  readonly accounts: Accounts
  readonly launches: Launches
  readonly choices: Choices
  readonly demo: boolean
  providerFor(request: FastifyRequest): Promise<Provider>
  /** That a person agreed, for the record. */
  agreed(event: Omit<AuthEvent, 'kind'>): Promise<void>
}

type Details = Awaited<ReturnType<Provider['interactionDetails']>>

type Step = {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly provider: Provider
  readonly details: Details
  readonly account: Account
  readonly launch: StoredLaunch | undefined
  readonly asked: readonly string[]
  /** Path of this page. */
  readonly path: string
}

/** Seconds for which what was agreed to is kept; tokens end before. */
const grantLife = 90 * 86_400

/** A Fastify plugin; to be registered with the prefix `/auth`. */
export const interactionRoutes =
  (deps: InteractionDeps) =>
  async (scope: FastifyInstance): Promise<void> => {
    scope.get('/interaction/:uid', async (request, reply) => {
      const found = await enter(deps, request, reply)
      return 'account' in found ? ask(deps, found) : found
    })
    scope.post('/interaction/:uid', async (request, reply) => {
      const form = await readForm(request)
      const found = await enter(deps, request, reply)
      return 'account' in found ? decide(deps, found, form) : found
    })
  }

/** Who is there, and for what; or an answer that sends the browser elsewhere first. */
const enter = async (
  deps: InteractionDeps,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Step | FastifyReply> => {
  const { tenant, base } = request.ctx
  const provider = await deps.providerFor(request)
  const { uid } = request.params as { uid: string }
  const folder = new URL(issuerOf(base)).pathname
  const details = await provider.interactionDetails(request.raw, reply.raw).catch((error: unknown) => {
    if (error instanceof errors.SessionNotFound) return undefined
    throw error
  })
  if (details === undefined || details.uid !== uid) return failed(deps, request, reply)
  const signed = await deps.accounts.signedIn(tenant, request.headers.cookie)
  const path = `${folder}/interaction/${uid}`
  if (!signed || isStale(details, signed)) return sendToSignIn(reply, folder, path, signed !== undefined)
  if (details.prompt.name === 'login') return finishSignIn(provider, request, reply, signed)
  const handle = details.params.launch
  const launch = typeof handle === 'string' ? await deps.launches.look(tenant, handle) : undefined
  if (typeof handle === 'string' && !launch) return failed(deps, request, reply)
  const { account } = signed
  if (launch?.account !== undefined && launch.account !== account.id)
    return failed(deps, request, reply, account.language)
  return { request, reply, provider, details, account, launch, asked: wordsOf(details.params.scope), path }
}

/** The app wants the person to sign in now, and it was before. */
const isStale = ({ prompt, iat }: Details, { at }: SignedIn): boolean =>
  prompt.name === 'login' &&
  prompt.reasons.some((reason) => reason !== 'no_session' && reason !== 'signed_out') &&
  at < iat * 1000

const sendToSignIn = (reply: FastifyReply, folder: string, path: string, fresh: boolean): FastifyReply =>
  reply.redirect(`${folder}/sign-in?next=${encodeURIComponent(path)}${fresh ? '&fresh=1' : ''}`, 303)

const finishSignIn = async (
  provider: Provider,
  { raw }: FastifyRequest,
  reply: FastifyReply,
  { account, methods, at }: SignedIn,
): Promise<FastifyReply> => {
  const login = { accountId: account.id, amr: [...methods], ts: Math.floor(at / 1000) }
  const next = await provider.interactionResult(raw, reply.raw, { login }, { mergeWithLastSubmission: false })
  return reply.redirect(next, 303)
}

const failed = (deps: InteractionDeps, request: FastifyRequest, reply: FastifyReply, of?: string) => {
  const language = languageFor(acceptLanguage(request), of)
  const messages = messagesFor(language)
  return sendPage(reply.code(400), {
    language,
    path: new URL(issuerOf(request.ctx.base)).pathname,
    demo: deps.demo,
    title: messages.failed,
    body: html`<p>${of === undefined ? messages.back : messages.otherPerson}</p>`,
    leaves: false,
  })
}

/** Whether the app has to be told of a patient: it asks for that, or for data of one. */
const needsPatient = ({ asked, launch }: Step): boolean =>
  launch?.patient === undefined &&
  asked.some((text) => text === 'launch/patient' || text.startsWith('patient/'))

const needsEncounter = ({ asked, launch }: Step): boolean =>
  launch?.encounter === undefined && asked.includes('launch/encounter')

type Chosen = { readonly patient?: Choice | undefined; readonly encounter?: Choice | undefined }

/** What was chosen so far, as far as the person may see it; the EHR's choice goes first. */
const chosenOf = async (
  { choices }: InteractionDeps,
  step: Step,
  values: URLSearchParams,
): Promise<Chosen> => {
  const { request, account, launch } = step
  const id = launch?.patient ?? values.get('patient') ?? undefined
  const patient = id === undefined ? undefined : await choices.patient(request.ctx, account, id)
  const visit = launch?.encounter ?? values.get('encounter') ?? undefined
  if (visit === undefined || !patient) return { patient }
  if (launch?.encounter !== undefined) return { patient, encounter: { id: visit, label: visit } }
  const encounters = await choices.encounters(request.ctx, account, patient.id)
  return { patient, encounter: encounters.find((one) => one.id === visit) }
}

const ask = async (deps: InteractionDeps, step: Step): Promise<FastifyReply> => {
  const values = new URLSearchParams((step.request.query as unknown as string | undefined) ?? '')
  const chosen = await chosenOf(deps, step, values)
  if (needsPatient(step) && !chosen.patient) return pickPatient(deps, step, values)
  if (needsEncounter(step) && !chosen.encounter) return pickEncounter(deps, step, chosen)
  return askConsent(deps, step, chosen)
}

const show = (deps: InteractionDeps, step: Step, title: string, body: ReturnType<typeof html>) =>
  sendPage(step.reply, {
    language: languageFor(undefined, step.account.language),
    path: new URL(issuerOf(step.request.ctx.base)).pathname,
    demo: deps.demo,
    title,
    body,
    leaves: true,
  })

const pickPatient = async (deps: InteractionDeps, step: Step, values: URLSearchParams) => {
  const { account, request, path } = step
  const messages = messagesFor(account.language)
  const isOwn = hasOwnPatients(account)
  const text = values.get('text') ?? ''
  const choices = isOwn || text !== '' ? await deps.choices.patients(request.ctx, account, text) : []
  const only = isOwn && choices.length === 1 ? choices[0] : undefined
  if (only) {
    const chosen = { patient: only }
    return needsEncounter(step) ? pickEncounter(deps, step, chosen) : askConsent(deps, step, chosen)
  }
  const view = { messages, action: path, choices, of: 'patient', ...(isOwn ? {} : { text }) } as const
  return show(deps, step, messages.choosePatient, pickerBody(view))
}

const pickEncounter = async (deps: InteractionDeps, step: Step, { patient }: Chosen) => {
  const { account, request, path } = step
  const messages = messagesFor(account.language)
  const choices = patient ? await deps.choices.encounters(request.ctx, account, patient.id) : []
  const view = { messages, action: path, choices, of: 'encounter', patient: patient?.id } as const
  return show(deps, step, messages.chooseEncounter, pickerBody(view))
}

const askConsent = async (deps: InteractionDeps, step: Step, chosen: Chosen, wrong?: string) => {
  const { account, details, path, provider, asked } = step
  const messages = messagesFor(account.language)
  const client = await provider.Client.find(String(details.params.client_id))
  const name = client?.clientName ?? client?.clientId ?? ''
  const body = consentBody({
    messages,
    action: path,
    token: formToken(details.uid),
    client: name,
    name: account.display,
    host: new URL(String(details.params.redirect_uri)).host,
    scopes: asked,
    ...chosen,
    wrong,
  })
  return show(deps, step, fill(messages.title, { client: name }), body)
}

const decide = async (deps: InteractionDeps, step: Step, form: URLSearchParams): Promise<FastifyReply> => {
  const { request, reply, provider, details, asked, account } = step
  const origin = new URL(request.ctx.base).origin
  if (!isOwnForm(request.headers, origin, details.uid, form.get('form') ?? ''))
    return failed(deps, request, reply)
  if (form.get('answer') !== 'allow') return refuse(step)
  const allowed = asked.filter((text) => text === 'openid' || form.getAll('scope').includes(text))
  const chosen = await chosenOf(deps, step, form)
  if (allowed.every((text) => text === 'openid') && asked.some((text) => text !== 'openid'))
    return askConsent(deps, step, chosen, messagesFor(account.language).nothingChosen)
  if (needsPatient(step) && !chosen.patient) return pickPatient(deps, step, form)
  if (needsEncounter(step) && !chosen.encounter) return pickEncounter(deps, step, chosen)
  const grantId = await agree(deps, step, allowed, chosen)
  if (grantId === undefined) return failed(deps, request, reply)
  const next = await provider.interactionResult(request.raw, reply.raw, { consent: { grantId } })
  return reply.redirect(next, 303)
}

const refuse = async ({ provider, request, reply }: Step): Promise<FastifyReply> => {
  const result = { error: 'access_denied', error_description: 'the person did not allow it' }
  const next = await provider.interactionResult(request.raw, reply.raw, result, {
    mergeWithLastSubmission: false,
  })
  return reply.redirect(next, 303)
}

/** Keeps what was agreed to; undefined when the launch was used by somebody in the meantime. */
const agree = async (deps: InteractionDeps, step: Step, allowed: readonly string[], chosen: Chosen) => {
  const { request, provider, details, account, asked } = step
  const { tenant, base, address } = request.ctx
  const handle = details.params.launch
  const launch = typeof handle === 'string' ? await deps.launches.take(tenant, handle) : undefined
  if (typeof handle === 'string' && !launch) return undefined
  const client = String(details.params.client_id)
  const grant = new provider.Grant({ accountId: account.id, clientId: client })
  const refused = asked.filter((text) => !allowed.includes(text))
  grant.addOIDCScope(allowed.filter(isLaunchScope).join(' '))
  grant.rejectOIDCScope(refused.filter(isLaunchScope).join(' '))
  grant.addResourceScope(base, allowed.filter((text) => !isLaunchScope(text)).join(' '))
  grant.rejectResourceScope(base, refused.filter((text) => !isLaunchScope(text)).join(' '))
  const id = await grant.save()
  const { patient, encounter } = chosen
  const context = {
    ...contextOf((launch ?? {}) as Record<string, unknown>),
    ...(patient ? { patient: patient.id } : {}),
    ...(encounter ? { encounter: encounter.id } : {}),
  }
  await deps.launches.keep(tenant, id, context, grantLife)
  await deps.agreed({
    tenant,
    address,
    account: account.id,
    client,
    scope: allowed.join(' '),
    ...(patient ? { patient: patient.id } : {}),
  })
  return id
}
