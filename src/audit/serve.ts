/** AuditEvent resources from the audit log: read, searched, added to, never changed. http://hl7.org/fhir/R4/auditevent.html */
import type { Ctx } from '../access/ctx.ts'
import { isUuid, newId } from '../base/id.ts'
import { forbidden, methodNotAllowed, unsupported } from '../base/problem.ts'
import { dateInterval } from '../fhir/date-time.ts'
import {
  type House,
  type Keeper,
  type Kept,
  parseResource,
  type Reply,
  type Request,
  runPipeline,
  searchReply,
  writtenReply,
} from '../rest/index.ts'
import type { AuditLog, AuditTest } from '../store/index.ts'
import { along, alongBy, mayCome } from './along.ts'
import type { SentEvent } from './event.ts'
import { createFinder } from './finder.ts'
import { keysOfReach } from './reach.ts'
import { resourceOf } from './resource.ts'
import { sighted } from './seen.ts'

type Sink = {
  keep(event: SentEvent): Promise<void>
  /** What was recorded so far can be found. */
  drain(): Promise<void>
}

/** Says who may see it; throws 403 for who may see nothing. */
const reachOf = (ctx: Ctx, permission: 'r' | 's'): readonly (readonly string[])[] => {
  const keys = keysOfReach(ctx.access.reach('AuditEvent', permission))
  if (!keys) throw forbidden(ctx.access.refusal('AuditEvent', permission))
  return keys
}

/** As every read, of what the log has as the only version. */
const read = (audit: AuditLog, house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  const reach = reachOf(ctx, 'r')
  const { see, row } = sighted(house, ctx, reach)
  const current: House['store']['current'] = async (tenant, { type, id }) => {
    if (!isUuid(id)) return undefined
    const within = reach.map((any): AuditTest => ({ kind: 'keys', any }))
    const page = { order: 'came', ascending: true, limit: 1 } as const
    const [entry] = await audit.find(tenant, [{ kind: 'ids', any: [id] }, ...within], page)
    if (!entry) return undefined
    const { content, last_updated: lastUpdated } = row(see(entry))
    return { type, id, version: 1, lastUpdated, method: 'POST', content }
  }
  const version: House['store']['version'] = async (tenant, key, number) =>
    number === 1 ? current(tenant, key) : undefined
  return runPipeline({ ...house, store: { ...house.store, current, version } }, ctx, request)
}

/** Newest first, unless somebody asks for another order. */
const sorted = (house: House, request: Request): Request => {
  const isNumber = ([name, value]: Request['query'][number]): boolean =>
    (name === '_summary' && value === 'count') || (name === '_count' && value === '0')
  if (request.query.some((pair) => pair[0] === '_sort' || isNumber(pair))) return request
  const hasDate = house.search.parameters('AuditEvent').some(({ code }) => code === 'date')
  return { ...request, query: [...request.query, ['_sort', hasDate ? '-date' : '-_lastUpdated']] }
}

const search = (audit: AuditLog, house: House, ctx: Ctx, request: Request): Promise<Reply> =>
  searchReply(house, ctx, sorted(house, request), createFinder(audit, house, ctx, reachOf(ctx, 's')))

const allow = 'AuditEvents are never changed or removed; they can be read, searched and added to.'

/** What the CapabilityStatement says of them. */
export const auditEventsKept: Kept = {
  interactions: ['read', 'vread', 'search-type', 'create'],
  along: alongBy,
  documentation:
    'Newest first where no order is asked for. Found at /AuditEvent and in compartments by this type, and along with other resources, but not together with other types, nor by _has. Chains do not look into contained resources. A search that cannot be narrowed by date, patient, agent, entity or outcome is refused when it would read too much of the log.',
}

/** Answers for AuditEvent: `sink` takes those that other systems send. */
export const createAuditEvents = (audit: AuditLog, sink: Sink): Keeper => ({
  ...auditEventsKept,
  bring: async (house, ctx, plan, found, isFirst, limit) => {
    const reach = mayCome(plan, found) ? keysOfReach(ctx.access.reach('AuditEvent', 's')) : undefined
    if (!reach) return []
    await sink.drain()
    const within = reach.map((any): AuditTest => ({ kind: 'keys', any }))
    const room = { log: audit, house, ctx, within, ...sighted(house, ctx, reach) }
    return along(room)(plan, found, isFirst, limit)
  },
  perform: async (house, ctx, request) => {
    switch (request.interaction) {
      case 'read':
      case 'vread':
        await sink.drain()
        return read(audit, house, ctx, request)
      case 'search-type':
        await sink.drain()
        return search(audit, house, ctx, request)
      case 'create': {
        if (request.ifNoneExist !== undefined)
          throw unsupported('AuditEvents cannot be created conditionally; leave If-None-Exist out.')
        const { value } = await parseResource(house, ctx, request)
        const resource = value as unknown as Record<string, unknown>
        const id = newId(ctx.at)
        const recorded = String(resource.recorded)
        // A leap second is an instant that Date does not know.
        const at = Date.parse(recorded) || (dateInterval(recorded)?.from ?? ctx.at)
        const event = { id, tenant: ctx.tenant, at, received: ctx.at, resource }
        await sink.keep(event)
        const version = { type: 'AuditEvent', id, version: 1, lastUpdated: ctx.at }
        return writtenReply(request, 201, version, () => JSON.stringify(resourceOf(event)))
      }
      default:
        throw methodNotAllowed(allow)
    }
  },
})
