/** Events that come along with what was found, by `_include` and `_revinclude`. http://hl7.org/fhir/R4/search.html#revinclude */

import type { Ctx } from '../access/ctx.ts'
import { isUuid } from '../base/id.ts'
import { tooCostly } from '../base/problem.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { typeName } from '../fhir/resource-types.ts'
import type { Bring, House } from '../rest/index.ts'
import type { Plan, Row } from '../search/index.ts'
import type { AuditEntry, AuditLog, AuditPlace, AuditTest } from '../store/index.ts'
import { agentKey, askedKey, entityKey, entityKeys, patientKey } from './row.ts'
import type { Sighted } from './seen.ts'

type Room = Sighted & {
  readonly log: AuditLog
  readonly house: House
  readonly ctx: Ctx
  /** What may be seen. */
  readonly within: readonly AuditTest[]
}

type Include = Plan['includes'][number]

/** The keys of events that refer to a resource, by parameter: by others events do not come along. */
const keysBy: Readonly<Record<string, (reference: string) => readonly string[]>> = {
  agent: (reference) => [agentKey(reference)],
  entity: entityKeys,
  patient: (reference) => [patientKey(reference), agentKey(reference), entityKey(reference)],
}

/** Parameters by which events come along with what they refer to. */
export const alongBy: readonly string[] = Object.keys(keysBy)

const reference = /^([A-Z]\w+)\.([\w-]+)\|([A-Z]\w+)\/([A-Za-z0-9\-.]{1,64})$/

type Reference = { readonly code: string; readonly type: string; readonly id: string }

/** What a row refers to, each with its parameter. */
const referencesIn = ({ house, ctx }: Room, { type, content }: Row): readonly Reference[] => {
  const name = typeName(type) ?? ''
  return house.search
    .extract(name, JSON.parse(content) as JsonObject, ctx.base)
    .tokens.flatMap((token): Reference[] => {
      const [, source, code = '', of = '', id = ''] = reference.exec(token) ?? []
      return source === name ? [{ code, type: of, id }] : []
    })
}

/** Ids of events that the rows refer to. */
const targetsOf = (room: Room, includes: readonly Include[], found: readonly Row[]): readonly string[] => {
  const forward = includes.filter(
    ({ direction, target = 'AuditEvent' }) => direction === 'include' && target === 'AuditEvent',
  )
  if (forward.length === 0) return []
  return found
    .filter(({ content }) => content.includes('AuditEvent/'))
    .flatMap((row) => {
      const name = typeName(row.type)
      const applied = forward.filter(({ source = name }) => source === name)
      if (applied.length === 0) return []
      return referencesIn(room, row)
        .filter(({ type, code: of }) => type === 'AuditEvent' && applied.some(({ code = of }) => code === of))
        .map(({ id }) => id)
    })
    .filter(isUuid)
}

/** Pages that are read of events that seem to refer to something and, as they are shown, do not. */
const mostPages = 20

/** The newest events that refer to the rows, at most `limit`. */
const referrersOf = async (
  room: Room,
  codes: readonly string[],
  targets: ReadonlySet<string>,
  limit: number,
): Promise<readonly AuditEntry[]> => {
  const { log, ctx, within, see, row } = room
  const references = [...targets, ...[...targets].map((to) => `${ctx.base}/${to}`)]
  const any = codes.flatMap((code) => references.flatMap((to) => keysBy[code]?.(to) ?? [])).map(askedKey)
  const found: AuditEntry[] = []
  let after: AuditPlace | undefined
  for (let pages = 0; pages < mostPages; pages++) {
    const page = { order: 'came', ascending: false, limit, ...(after ? { after } : {}) } as const
    const entries = await log.find(ctx.tenant, [...within, { kind: 'keys', any }], page)
    for (const entry of entries)
      if (
        referencesIn(room, row(see(entry))).some(
          ({ code, type, id }) => codes.includes(code) && targets.has(`${type}/${id}`),
        )
      )
        found.push(entry)
    const last = entries.at(-1)
    if (!last || entries.length < limit || found.length >= limit) return found.slice(0, limit)
    after = { at: last.at, id: last.id }
  }
  throw tooCostly('Too many events would have to be read to bring along those that refer to what was found.')
}

/** The parameters that a `_revinclude` goes by; none where it does not bring events. `*` brings them with events only. */
const codesOf = ({ direction, source, code }: Include, plan: Plan): readonly string[] => {
  if (direction !== 'revinclude' || (source ?? plan.type) !== 'AuditEvent') return []
  return code === undefined ? alongBy : alongBy.filter((one) => one === code)
}

/** Whether events may come along at all: most searches bring none, and need not wait for the log. */
export const mayCome = (plan: Plan, found: readonly Row[]): boolean =>
  plan.includes.some((one) => codesOf(one, plan).length > 0) ||
  (plan.includes.some(({ direction }) => direction === 'include') &&
    found.some(({ content }) => content.includes('AuditEvent/')))

/** Brings events along, as whoever asks sees them. */
export const along = (room: Room): Bring => {
  const { log, ctx, within, see, row } = room
  return async (plan, found, isFirst, limit) => {
    const applied = plan.includes.filter(({ iterate }) => isFirst || iterate)
    const ids = targetsOf(room, applied, found)
    const page = { order: 'came', ascending: false, limit } as const
    const forward =
      ids.length === 0 ? [] : await log.find(ctx.tenant, [...within, { kind: 'ids', any: ids }], page)
    const entries = new Map<string, AuditEntry>(forward.map((one) => [one.id, one]))
    for (const one of applied) {
      const codes = codesOf(one, plan)
      if (codes.length === 0) continue
      const targets = found.flatMap(({ type, id, fhir_id }) => {
        const name = typeName(type)
        return name === (one.target ?? name) ? [`${name}/${fhir_id ?? id}`] : []
      })
      if (targets.length > 0)
        for (const entry of await referrersOf(room, codes, new Set(targets), limit))
          entries.set(entry.id, entry)
    }
    return [...entries.values()].map((entry) => row(see(entry)))
  }
}
