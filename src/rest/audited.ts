/** Puts on record what came of a request, before anybody is told: https://profiles.ihe.net/ITI/BALP/ */
import type { Ctx } from '../access/ctx.ts'
import type { Happening } from '../access/happening.ts'
import { Problem } from '../base/problem.ts'
import type { House } from './house.ts'
import { patientsIn } from './patients-in.ts'
import type { Reply } from './reply.ts'
import type { Interaction, Request } from './request.ts'

const actions: Readonly<Record<Interaction, Happening['action']>> = {
  read: 'R',
  vread: 'R',
  update: 'U',
  patch: 'U',
  delete: 'D',
  'history-instance': 'R',
  'history-type': 'R',
  'history-system': 'R',
  create: 'C',
  'search-type': 'E',
  'search-system': 'E',
  batch: 'E',
  transaction: 'E',
  capabilities: 'R',
  operation: 'E',
}

/** Refused access is serious, other refusals are the client's mistakes. */
const outcomeOf = (status: number): Happening['outcome'] => {
  if (status < 400) return 0
  if (status >= 500) return 12
  return status === 401 || status === 403 ? 8 : 4
}

/** What was asked, where the path alone does not tell: searches, conditions and parameters of operations. */
const queryOf = ({ interaction, type, compartment, query, ifNoneExist, id }: Request): string | undefined => {
  if (query.length === 0 && ifNoneExist === undefined && !interaction.startsWith('search-')) return undefined
  const asked = query.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
  const text = ifNoneExist ?? asked
  if (!interaction.startsWith('search-') && text === '') return undefined
  const within = compartment ? `${compartment.type}/${compartment.id}/` : ''
  return `${within}${[type, id].filter(Boolean).join('/')}?${text}`
}

const dataOf = (request: Request, reply: Reply | undefined): string[] => {
  const { type, id, versionId, operation, interaction } = request
  if (reply?.location !== undefined) return [reply.location]
  if (interaction.startsWith('search-')) return []
  const key = id === undefined ? type : `${type}/${id}`
  const version = versionId ?? (interaction === 'delete' ? reply?.versionId : undefined)
  const place = version === undefined ? key : `${key}/_history/${version}`
  if (operation !== undefined) return [`${place === undefined ? '' : `${place}/`}$${operation}`]
  return place === undefined ? [] : [place]
}

/** What was deleted is not in the answer: whom it was about is in the version before. */
const textsOf = (
  house: House,
  ctx: Ctx,
  request: Request,
  reply: Reply,
): readonly string[] | Promise<readonly string[]> => {
  const { interaction, type, id, body } = request
  // Whose events were shown is what was asked for: else each look into the log would be about everybody in it.
  if (type === 'AuditEvent') return []
  if (reply.body) return reply.body
  if (reply.patients) return []
  if (interaction === 'delete' && type !== undefined && id !== undefined && reply.versionId !== undefined)
    return house.store
      .version(ctx.tenant, { type, id }, Number(reply.versionId) - 1)
      .then((last) => [last?.content ?? ''])
  return body ? [body.text] : []
}

const asked = /^(?:patient|subject)(?:[:.]|$)/
const patientId = /^(?:Patient\/)?([A-Za-z0-9\-.]{1,64})$/

const patientsOf = (
  ctx: Ctx,
  { type, id, compartment, query }: Request,
  texts: readonly string[],
  reply?: Reply,
): string[] => {
  const found = new Set(reply?.patients)
  if (type === 'Patient' && reply?.location !== undefined) found.add(reply.location.split('/_history')[0]!)
  if (type === 'Patient' && id !== undefined) found.add(`Patient/${id}`)
  if (compartment?.type === 'Patient') found.add(`Patient/${compartment.id}`)
  for (const [name, value] of query) {
    const named = asked.test(name) ? patientId.exec(value) : undefined
    if (named) found.add(`Patient/${named[1]}`)
  }
  patientsIn(texts, ctx.base, found)
  return [...found]
}

/** More patients than these are told in several events. */
const mostPatients = 200

/** Records it, in several events where it is about very many patients. */
export const recordParts = (house: House, ctx: Ctx, happening: Happening): Promise<void> =>
  (happening.patients?.length ?? 0) <= mostPatients
    ? house.recording!.record(ctx, happening)
    : recordMany(house, ctx, happening)

const recordMany = async (house: House, ctx: Ctx, happening: Happening): Promise<void> => {
  const { record } = house.recording!
  const { patients = [] } = happening
  const parts: Promise<void>[] = []
  for (let from = 0; from < patients.length; from += mostPatients)
    parts.push(record(ctx, { ...happening, patients: patients.slice(from, from + mostPatients) }))
  await Promise.all(parts)
}

const told = (request: Request, reply?: Reply) => ({
  kind: 'rest' as const,
  code: request.interaction,
  action: actions[request.interaction],
  data: dataOf(request, reply),
  query: queryOf(request),
})

/** What is told of something that was done. */
export const happeningOf = (
  house: House,
  ctx: Ctx,
  request: Request,
  reply: Reply,
): Happening | Promise<Happening> => {
  const of = (texts: readonly string[]): Happening => {
    const patients = patientsOf(ctx, request, texts, reply)
    return { ...told(request, reply), outcome: outcomeOf(reply.status), patients }
  }
  const texts = textsOf(house, ctx, request, reply)
  return texts instanceof Promise ? texts.then(of) : of(texts)
}

/** Of something that was done. */
export const recordReply = async (house: House, ctx: Ctx, request: Request, reply: Reply): Promise<void> => {
  if (house.recording) await recordParts(house, ctx, await happeningOf(house, ctx, request, reply))
}

/** Of something that was refused, or failed. */
export const recordRefusal = async (
  house: House,
  ctx: Ctx,
  request: Request,
  error: unknown,
): Promise<void> => {
  if (!house.recording) return
  const { status, issues } = error instanceof Problem ? error : { status: 500, issues: [] }
  const said = issues[0]?.diagnostics ?? 'The server failed unexpectedly.'
  const patients = patientsOf(ctx, request, [])
  await house.recording.record(ctx, { ...told(request), outcome: outcomeOf(status), said, patients })
}

/** Performs a request and records it. What is refused because it cannot be recorded throws 503. */
export const audited = async (
  house: House,
  ctx: Ctx,
  request: Request,
  perform: () => Promise<Reply>,
): Promise<Reply> => {
  if (!house.recording || request.interaction === 'capabilities') return perform()
  house.recording.ready()
  let reply: Reply
  try {
    reply = await perform()
  } catch (error) {
    await recordRefusal(house, ctx, request, error)
    throw error
  }
  await recordReply(house, ctx, request, reply)
  return reply
}
