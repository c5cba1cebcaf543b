/** AuditEvent resources from the audit log: read, searched, added to, never changed. http://hl7.org/fhir/R4/auditevent.html */
import type { Ctx } from '../access/ctx.ts'
import { newId } from '../base/id.ts'
import { forbidden, methodNotAllowed, notFound, unsupported } from '../base/problem.ts'
import {
  bundleText,
  instant,
  type Keeper,
  type Kept,
  parseResource,
  type Reply,
  type Request,
  writtenReply,
} from '../rest/index.ts'
import type { AuditEntry, AuditLog, AuditQuery } from '../store/index.ts'
import { type Asked, auditParameters, readAsked } from './asked.ts'
import type { AuditedEvent, SentEvent } from './event.ts'
import { keysOfReach } from './reach.ts'
import { resourceOf } from './resource.ts'
import { agentKey, patientKey } from './row.ts'
import { askable, shownTo } from './shown.ts'

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

const eventOf = (entry: AuditEntry): AuditedEvent => JSON.parse(entry.content) as AuditedEvent

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

const read = async (audit: AuditLog, ctx: Ctx, { id = '', versionId = '1' }: Request): Promise<Reply> => {
  const reach = reachOf(ctx, 'r')
  const query: AuditQuery = { id, keys: reach }
  const page = { ascending: true, limit: 1 }
  const [entry] = uuid.test(id) && versionId === '1' ? await audit.find(ctx.tenant, query, page) : []
  if (!entry) throw notFound(`AuditEvent/${id} does not exist.`)
  const resource = resourceOf(shownTo(reach, eventOf(entry)))
  return {
    status: 200,
    versionId: '1',
    lastModified: Date.parse(resource.meta!.lastUpdated!),
    resourceType: 'AuditEvent',
    body: [JSON.stringify(resource)],
  }
}

/** `Patient/1/AuditEvent`: what the compartments of R4 say of AuditEvents. */
const withinKeys = ({ compartment }: Request): string[][] => {
  if (!compartment) return []
  const key = `${compartment.type}/${compartment.id}`
  if (compartment.type === 'Patient') return [[patientKey(key)]]
  if (compartment.type === 'Practitioner' || compartment.type === 'Device') return [[agentKey(key)]]
  throw notFound(`Resources of type AuditEvent are in no compartment of a ${compartment.type}.`)
}

const search = async (
  audit: AuditLog,
  ctx: Ctx,
  request: Request,
  limits: { readonly defaultCount: number; readonly maxCount: number },
): Promise<Reply> => {
  const asked = readAsked(request.query, ctx.base, limits)
  const reach = reachOf(ctx, 's')
  if (asked.query.id !== undefined && !uuid.test(asked.query.id)) return bundle(ctx, request, asked, [], 0)
  const keys = askable(reach, [...(asked.query.keys ?? []), ...withinKeys(request)])
  if (keys.some((one) => one.length === 0)) return bundle(ctx, request, asked, [], 0)
  const query = { ...asked.query, keys: [...keys, ...reach] }
  const { limit } = asked.page
  const [entries, total] = await Promise.all([
    limit === 0 ? [] : audit.find(ctx.tenant, query, { ...asked.page, limit: limit + 1 }),
    limit === 0 || asked.total ? audit.count(ctx.tenant, query) : undefined,
  ])
  const shown = entries.map((entry) => ({ ...entry, event: shownTo(reach, eventOf(entry)) }))
  return bundle(ctx, request, asked, shown, total)
}

const bundle = (
  ctx: Ctx,
  { compartment }: Request,
  { page, used }: Asked,
  entries: readonly (AuditEntry & { readonly event: AuditedEvent })[],
  total: number | undefined,
): Reply => {
  const path = compartment ? `${compartment.type}/${compartment.id}/AuditEvent` : 'AuditEvent'
  const url = (pairs: Asked['used']): string => {
    const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&')
    return `${ctx.base}/${path}${text === '' ? '' : `?${text}`}`
  }
  const shown = entries.slice(0, page.limit)
  const last = shown.at(-1)
  const next =
    last && entries.length > shown.length
      ? [{ relation: 'next', url: url([...used, ['_cursor', `${last.at}-${last.sequence}`]]) }]
      : []
  const link = [{ relation: 'self', url: url(used) }, ...next]
  const head = { type: 'searchset', id: newId(ctx.at), lastUpdated: instant(ctx.at), total, link } as const
  const texts = shown.map((entry) => ({
    fullUrl: `${ctx.base}/AuditEvent/${entry.id}`,
    resource: JSON.stringify(resourceOf(entry.event)),
    search: { mode: 'match' } as const,
  }))
  return { status: 200, resourceType: 'Bundle', body: bundleText(head, texts) }
}

const allow = 'AuditEvents are never changed or removed; they can be read, searched and added to.'

/** What the CapabilityStatement says of them. */
export const auditEventsKept: Kept = {
  interactions: ['read', 'vread', 'search-type', 'create'],
  parameters: auditParameters,
}

/** Answers for AuditEvent: `sink` takes those that other systems send. */
export const createAuditEvents = (audit: AuditLog, sink: Sink): Keeper => ({
  ...auditEventsKept,
  perform: async (house, ctx, request) => {
    switch (request.interaction) {
      case 'read':
      case 'vread':
        await sink.drain()
        return read(audit, ctx, request)
      case 'search-type':
        await sink.drain()
        return search(audit, ctx, request, house.options)
      case 'create': {
        if (request.ifNoneExist !== undefined)
          throw unsupported('AuditEvents cannot be created conditionally; leave If-None-Exist out.')
        const { value } = await parseResource(house, ctx, request)
        const resource = value as unknown as Record<string, unknown>
        const id = newId(ctx.at)
        // A leap second is an instant that Date does not know.
        const recorded = Date.parse(String(resource.recorded))
        const at = Number.isNaN(recorded) ? ctx.at : recorded
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
