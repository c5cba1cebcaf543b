/** Provenance of versions nobody sent one for, made of what is on record: http://hl7.org/fhir/R4/provenance.html */
import type { Provenance, ProvenanceAgent } from 'fhir/r4.js'
import type { Ctx } from '../access/ctx.ts'
import { isId, isUuid } from '../base/id.ts'
import type { Deriver, House, Reply, Request } from '../rest/index.ts'
import type { AuditLog, AuditTest } from '../store/index.ts'
import type { AuditedEvent, SeenEvent } from './event.ts'
import { entityKey } from './row.ts'

const activities = { C: 'CREATE', U: 'UPDATE', D: 'DELETE' } as const

const kindOf = (code: string) => ({
  coding: [{ system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type', code }],
})

/** Who did it, and the application that acted for the person. */
const agentsOf = ({ who, base }: SeenEvent): ProvenanceAgent[] => {
  const person = {
    ...(who.fhirUser === undefined ? {} : { reference: who.fhirUser }),
    identifier: { value: who.id },
    display: who.display,
  }
  const doer: ProvenanceAgent = { type: kindOf(who.kind === 'person' ? 'author' : 'assembler'), who: person }
  const custodian: ProvenanceAgent = { type: kindOf('custodian'), who: { identifier: { value: base } } }
  if (who.client === undefined) return [doer, custodian]
  const app = { type: kindOf('assembler'), who: { identifier: { value: who.client } }, onBehalfOf: person }
  return [doer, app, custodian]
}

const provenanceOf = (event: SeenEvent, targets: readonly string[]): Provenance => {
  const recorded = new Date(event.at).toISOString()
  return {
    resourceType: 'Provenance',
    id: event.id,
    meta: { versionId: '1', lastUpdated: recorded },
    target: targets.map((reference) => ({ reference })),
    occurredDateTime: recorded,
    recorded,
    activity: {
      coding: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/v3-DataOperation',
          code: activities[event.action as keyof typeof activities],
        },
      ],
    },
    agent: agentsOf(event),
  }
}

const target = /^([A-Z][A-Za-z]+)\/([A-Za-z0-9\-.]{1,64})$/

/** The resource whose Provenance is searched, when that is all that is asked, and for the first page. */
const askedTarget = ({ query }: Request, base: string): { type: string; id: string } | undefined => {
  const asked = query.filter(([name]) => name !== '_count')
  const [name = '', value = ''] = asked[0] ?? []
  if (asked.length !== 1 || (name !== 'target' && !name.startsWith('target:'))) return undefined
  const type = name.slice('target:'.length)
  const text = value.startsWith(`${base}/`) ? value.slice(base.length + 1) : value
  const [, named = '', id = ''] = target.exec(type === '' ? text : `${type}/${text}`) ?? []
  return isId(id) ? { type: named, id } : undefined
}

const changes: readonly AuditTest[] = [
  { kind: 'is', column: 'action', any: ['C', 'U', 'D'] },
  { kind: 'outcome', any: [0] },
  { kind: 'is', column: 'type', any: ['rest'] },
]

/** Adds entries to the text of a searchset. */
const withEntries = (body: readonly string[], entries: readonly string[]): string[] => {
  const text = body.join('')
  if (entries.length === 0) return [text]
  const more = text.replace(/"total":(\d+)/, (_, n: string) => `"total":${Number(n) + entries.length}`)
  const joined = entries.join(',')
  if (more.endsWith(']}') && more.includes('"entry":[')) return [`${more.slice(0, -2)},${joined}]}`]
  return [`${more.slice(0, -1)},"entry":[${joined}]}`]
}

const read = async (audit: AuditLog, ctx: Ctx, id: string): Promise<SeenEvent | undefined> => {
  const [entry] = await audit.find(ctx.tenant, [...changes, { kind: 'ids', any: [id] }], {
    order: 'came',
    ascending: true,
    limit: 1,
  })
  const event = entry && (JSON.parse(entry.content) as AuditedEvent)
  return event && 'kind' in event ? event : undefined
}

const isSeen = async (house: House, ctx: Ctx, key: { type: string; id: string }): Promise<boolean> =>
  (await house.store.current(ctx.tenant, key)) !== undefined

const versionOf = /^([A-Za-z]+)\/([^/]+)\//

/** The versions that the event made, of what may be seen. */
const seenTargets = async (house: House, ctx: Ctx, { data = [] }: SeenEvent): Promise<readonly string[]> => {
  const seen = await Promise.all(
    data.map((text) => {
      const [, type = '', id = ''] = versionOf.exec(text) ?? []
      return type !== '' && isSeen(house, ctx, { type, id })
    }),
  )
  return data.filter((_, n) => seen[n])
}

/**
 * `GET Provenance?target=Patient/1` tells, beside what is stored, who made each version; those can be read by their
 * ids. Nobody sees more of it than of the resource itself.
 */
export const createProvenances = (audit: AuditLog, drain: () => Promise<void>): Deriver => ({
  found: async (house, ctx, request, reply) => {
    const key = askedTarget(request, ctx.base)
    if (!key || !reply.body || !(await isSeen(house, ctx, key))) return reply
    await drain()
    const where: AuditTest[] = [...changes, { kind: 'keys', any: [entityKey(`${key.type}/${key.id}`)] }]
    const page = { order: 'at', ascending: false, limit: house.options.maxCount } as const
    const made = (await audit.find(ctx.tenant, where, page)).flatMap(({ content }) => {
      const event = JSON.parse(content) as AuditedEvent
      const isIts = 'kind' in event && event.data?.some((text) => text.startsWith(`${key.type}/${key.id}/`))
      return isIts ? [event] : []
    })
    const entries: string[] = []
    for (const event of made) {
      // That the one which was asked for may be seen is known.
      const targets = event.data?.length === 1 ? event.data : await seenTargets(house, ctx, event)
      const resource = provenanceOf(event, targets)
      const fullUrl = `${ctx.base}/Provenance/${event.id}`
      entries.push(JSON.stringify({ fullUrl, resource, search: { mode: 'match' } }))
    }
    return { ...reply, body: withEntries(reply.body, entries) }
  },
  missing: async (house, ctx, { id = '' }): Promise<Reply | undefined> => {
    if (!isUuid(id)) return undefined
    const event = await read(audit, ctx, id)
    const targets = event ? await seenTargets(house, ctx, event) : []
    if (!event || targets.length === 0) return undefined
    const resource = provenanceOf(event, targets)
    const body = [JSON.stringify(resource)]
    return { status: 200, versionId: '1', lastModified: event.at, resourceType: 'Provenance', body }
  },
})
