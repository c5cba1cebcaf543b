/** Events that come along with others: `_include` and `_revinclude` of AuditEvents. http://hl7.org/fhir/R4/search.html#revinclude */
import type { Ctx } from '../access/ctx.ts'
import { type Issue, issue } from '../base/issue.ts'
import { typeName } from '../fhir/resource-types.ts'
import type { Finder, House } from '../rest/index.ts'
import type { Plan, Row } from '../search/index.ts'
import type { AuditEntry, AuditLog, AuditTest } from '../store/index.ts'
import { agentKey, entityKey, patientKey } from './row.ts'
import type { Sighted } from './seen.ts'

type Room = Sighted & {
  readonly log: AuditLog
  readonly house: House
  readonly ctx: Ctx
  /** What may be seen. */
  readonly within: readonly AuditTest[]
}

type Include = Plan['includes'][number]

/** Parameters whose references are among the keys of events. */
const keyed = ['agent', 'entity', 'patient']

const reference = /^AuditEvent\.([\w-]+)\|([A-Z]\w+\/[A-Za-z0-9\-.]{1,64})$/

/** The references of an event, each with its parameter. */
const referencesIn = (tokens: readonly string[]): readonly { readonly code: string; readonly to: string }[] =>
  tokens.flatMap((token) => {
    const [, code, to] = reference.exec(token) ?? []
    return code === undefined || to === undefined ? [] : [{ code, to }]
  })

const leadsBy = ({ code }: Include, found: string): boolean => code === undefined || code === found

/** Ids of events that the rows refer to. */
const wanted = (
  { house, ctx }: Room,
  includes: readonly Include[],
  found: readonly Row[],
): readonly string[] => {
  const forward = includes.filter(
    ({ direction, source = 'AuditEvent', target = 'AuditEvent' }) =>
      direction === 'include' && source === 'AuditEvent' && target === 'AuditEvent',
  )
  if (forward.length === 0) return []
  return found
    .filter(({ type }) => typeName(type) === 'AuditEvent')
    .flatMap(({ content }) =>
      referencesIn(house.search.extract('AuditEvent', JSON.parse(content), ctx.base).tokens),
    )
    .filter(({ code, to }) => to.startsWith('AuditEvent/') && forward.some((one) => leadsBy(one, code)))
    .map(({ to }) => to.slice('AuditEvent/'.length))
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** What a finder brings along. */
export const along = (room: Room): Finder['bring'] => {
  const { log, house, ctx, within, see, row } = room
  const { tenant, base } = ctx
  return async (plan, found, isFirst, limit) => {
    const applied = plan.includes.filter(({ iterate }) => isFirst || iterate)
    const ids = wanted(room, applied, found).filter((id) => uuid.test(id))
    const page = { order: 'came', ascending: false, limit } as const
    const forward =
      ids.length === 0 ? [] : await log.find(tenant, [...within, { kind: 'ids', any: ids }], page)
    const entries = new Map<string, AuditEntry>(forward.map((one) => [one.id, one]))
    for (const one of applied) {
      if (one.direction !== 'revinclude' || (one.source ?? 'AuditEvent') !== 'AuditEvent') continue
      const targets = new Set(
        found.flatMap(({ type, id, fhir_id }) =>
          typeName(type) === (one.target ?? typeName(type)) ? [`${typeName(type)}/${fhir_id ?? id}`] : [],
        ),
      )
      if (targets.size === 0) continue
      const any = [...targets, ...[...targets].map((to) => `${base}/${to}`)].flatMap((to) => [
        agentKey(to),
        entityKey(to),
        patientKey(to),
      ])
      for (const entry of await log.find(tenant, [...within, { kind: 'keys', any }], page)) {
        const { tokens } = house.search.extract('AuditEvent', JSON.parse(row(see(entry)).content), base)
        if (referencesIn(tokens).some(({ code, to }) => leadsBy(one, code) && targets.has(to)))
          entries.set(entry.id, entry)
      }
    }
    return [...entries.values()].map((entry) => row(see(entry)))
  }
}

/** Which events refer by other parameters nobody can tell without reading them all. */
export const judgeIncludes = ({ includes }: Plan): readonly Issue[] =>
  includes
    .filter(
      ({ direction, source, code }) =>
        direction === 'revinclude' && source === 'AuditEvent' && code !== undefined && !keyed.includes(code),
    )
    .map(({ code }) =>
      issue(
        'not-supported',
        `"_revinclude" brings AuditEvents by ${keyed.join(', ')}, and not by ${code}.`,
        'http._revinclude',
      ),
    )
