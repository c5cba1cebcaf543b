/** Puts on record what was refused before `rest` heard of it: no token, an unknown type, a body that cannot be read. */
import type { FastifyRequest } from 'fastify'
import type { Happening, Recording } from '../access/happening.ts'
import type { Problem } from '../base/problem.ts'
import type { Interaction } from '../rest/index.ts'

const actions: Readonly<Partial<Record<Interaction, Happening['action']>>> = {
  create: 'C',
  update: 'U',
  patch: 'U',
  delete: 'D',
  read: 'R',
  vread: 'R',
}

const outcomeOf = (status: number): Happening['outcome'] => {
  if (status === 401 || status === 403) return 8
  return status >= 500 ? 12 : 4
}

/** Undefined for what is no interaction of the API, or on record already. */
export const recordRefused = (
  recording: Recording | undefined,
  request: FastifyRequest,
  { status, issues }: Problem,
): Promise<void> | undefined => {
  const { ctx, place, isPerformed } = request
  const isApi = place.route.startsWith('/fhir') && place.interaction !== 'capabilities'
  if (!recording || !isApi || isPerformed || ctx.tenant < 0) return undefined
  const { type, id } = (request.params ?? {}) as { type?: string; id?: string }
  const query = request.query as unknown as string | undefined
  const key = [type, id].filter(Boolean).join('/')
  return recording.record(ctx, {
    kind: 'rest',
    code: place.interaction,
    action: actions[place.interaction as Interaction] ?? 'E',
    outcome: outcomeOf(status),
    said: issues[0]?.diagnostics,
    data: key === '' ? [] : [key],
    patients: type === 'Patient' && id !== undefined ? [`Patient/${id}`] : [],
    query: query ? `${key}?${query}` : undefined,
  })
}
