/** Answers what a search asks of other resources than the events: chains, `_has`, `_list`. http://hl7.org/fhir/R4/search.html#chaining */

import type { Ctx } from '../access/ctx.ts'
import { isId, isUuid } from '../base/id.ts'
import { tooCostly } from '../base/problem.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { fillContents, type House, refuseCostly, refuseUnbuilt } from '../rest/index.ts'
import {
  type Candidate,
  type FoundRow,
  idsStatement,
  noPlan,
  type Plan,
  type RowCondition,
} from '../search/index.ts'
import type { AuditTest } from '../store/index.ts'
import { agentKey, askedKey, entityKey, patientKey } from './row.ts'
import type { Seen } from './seen.ts'

type Through = RowCondition & { readonly kind: 'through' }
type Reverse = RowCondition & { readonly kind: 'reverse' }
type Link = Reverse['link']

/** A link to more resources than these is followed from the events, and one to fewer from the resources. */
const most = 1000
/** Chains to more types than these are followed from the events, which refer to few of them. */
const mostTypes = 8

/** Conditions on other resources anywhere in these. */
export const linksIn = (where: readonly RowCondition[]): readonly (Through | Reverse)[] =>
  where.flatMap((condition) => {
    if (condition.kind === 'through' || condition.kind === 'reverse') return [condition]
    if (condition.kind === 'not') return linksIn([condition.of])
    return condition.kind === 'every' || condition.kind === 'some' ? linksIn(condition.of) : []
  })

/** The plan of a search for others by the conditions of a link, whose guard is among them. */
const planOf = (tenant: number, type: string, where: readonly RowCondition[], count: number): Plan => ({
  ...noPlan(tenant, [type]),
  where,
  count,
})

export type Links = {
  /** What is known before any event was looked at, as tests of the log. */
  readonly leads: ReadonlyMap<RowCondition, AuditTest>
  /** Finds out what the conditions need to know of these events; then `follow` answers for them. */
  learn(events: readonly Seen[]): Promise<void>
  readonly follow: NonNullable<Candidate['follow']>
}

/** `eventsMeeting`: which of some ids are events that meet the conditions. */
type Room = {
  readonly house: House
  readonly ctx: Ctx
  eventsMeeting(ids: readonly string[], where: readonly RowCondition[]): Promise<ReadonlySet<string>>
}

/** Throws 403 and 503 as a search for the others would. */
const checkCost = async ({ house, ctx }: Room, { type, where }: Link): Promise<void> => {
  const plan = planOf(ctx.tenant, type, where, most)
  await refuseUnbuilt(house, plan)
  await refuseCostly(house, ctx, plan)
}

/** Ids of resources of a type that meet the conditions; undefined when they are more than `most`. */
const idsOf = async (
  { house, ctx }: Room,
  type: string,
  where: readonly RowCondition[],
  limit: number,
): Promise<ReadonlySet<string> | undefined> => {
  const rows = await house.store.select<{ id: string }>(idsStatement(ctx.tenant, type, where, limit + 1), ctx)
  return rows.length > limit ? undefined : new Set(rows.map(({ id }) => id))
}

const linkCode = /^AuditEvent\.([\w-]+)\|/

/** The keys that an event has which refers to one of them by the parameter; undefined where no key tells. */
const keysTo = ({ prefix, type }: Link, ids: ReadonlySet<string>, base: string): string[] | undefined => {
  const code = linkCode.exec(prefix)?.[1]
  if (code !== 'agent' && code !== 'patient' && code !== 'entity') return undefined
  return [...ids].flatMap((id) => {
    const references = [`${type}/${id}`, `${base}/${type}/${id}`]
    return references
      .flatMap((one) => [
        patientKey(one),
        ...(code === 'entity' ? [] : [agentKey(one)]),
        ...(code === 'agent' ? [] : [entityKey(one)]),
      ])
      .map(askedKey)
  })
}

/** What the references by a link's parameter lead to. */
const targetsIn = (tokens: readonly string[], { prefix }: Pick<Link, 'prefix'>): readonly string[] =>
  tokens.flatMap((token) => (token.startsWith(prefix) ? [token.slice(prefix.length)] : []))

/** Ids of the events that resources refer to which meet the link's conditions; undefined when these are too many. */
const referred = async (
  { house, ctx }: Room,
  { prefix, type, where }: Link,
): Promise<ReadonlySet<string> | undefined> => {
  const statement = house.search.statement(planOf(ctx.tenant, type, where, most))
  const found = await house.store.select<FoundRow>(statement, ctx)
  if (found.length > most) return undefined
  const rows = await fillContents(house, ctx, found, { bytes: Number.POSITIVE_INFINITY, first: true })
  return new Set(
    rows.flatMap(({ content }) => {
      const { tokens } = house.search.extract(type, JSON.parse(content) as JsonObject, ctx.base)
      return targetsIn(tokens, { prefix })
    }),
  )
}

/** The links of a search, of which those are found out now that lead to a few resources only. */
export const openLinks = async (room: Room, where: readonly RowCondition[]): Promise<Links> => {
  const leads = new Map<RowCondition, AuditTest>()
  /** Per link: what meets it at the other end of a chain, or which events a reverse one leads to. */
  const known = new Map<Link, Set<string>>()
  const whole = new Set<Link>()
  const all = linksIn(where)
  const { ctx } = room
  for (const condition of all) {
    const links = condition.kind === 'reverse' ? [condition.link] : condition.any
    const keys: string[] = []
    let isLed = true
    for (const link of links) {
      const isOfLog = link.type === 'AuditEvent'
      if (!isOfLog) await checkCost(room, link)
      const found =
        condition.kind === 'reverse'
          ? await referred(room, link)
          : isOfLog || links.length > mostTypes
            ? undefined
            : await idsOf(room, link.type, link.where, most)
      known.set(link, new Set(found))
      if (found) whole.add(link)
      const leading = found && condition.kind === 'through' ? keysTo(link, found, ctx.base) : undefined
      if (leading) keys.push(...leading)
      else isLed = false
      if (found && condition.kind === 'reverse')
        leads.set(condition, { kind: 'ids', any: [...found].filter(isUuid) })
    }
    if (condition.kind === 'through' && isLed) leads.set(condition, { kind: 'keys', any: keys })
  }
  const learnThrough = async (link: Link, events: readonly Seen[]): Promise<void> => {
    const ids = [...new Set(events.flatMap((event) => targetsIn(event.rows.tokens, link)))].filter(isId)
    if (ids.length === 0) return
    const met =
      link.type === 'AuditEvent'
        ? await room.eventsMeeting(ids, link.where)
        : await idsOf(room, link.type, [{ kind: 'ids', any: ids }, ...link.where], ids.length)
    for (const id of met ?? []) known.get(link)?.add(id)
  }
  const learnReverse = async (link: Link, events: readonly Seen[]): Promise<void> => {
    const any = events.map(({ id }) => link.prefix + id)
    const found = await referred(room, {
      ...link,
      where: [{ kind: 'tokens', any, rank: 'few' }, ...link.where],
    })
    if (!found)
      throw tooCostly(
        `More than ${most} resources of type ${link.type} refer to a few of the events: narrow the search by date, agent, patient or entity.`,
      )
    for (const id of found) known.get(link)?.add(id)
  }
  return {
    leads,
    learn: async (events) => {
      for (const condition of all) {
        const links = condition.kind === 'reverse' ? [condition.link] : condition.any
        for (const link of links)
          if (!whole.has(link))
            await (condition.kind === 'reverse' ? learnReverse(link, events) : learnThrough(link, events))
      }
    },
    follow: (condition, { id, rows }) => {
      if (condition.kind === 'lineage') return false
      if (condition.kind === 'reverse') return known.get(condition.link)?.has(id) === true
      return condition.any.some((link) =>
        rows.tokens.some(
          (token) => token.startsWith(link.prefix) && known.get(link)?.has(token.slice(link.prefix.length)),
        ),
      )
    },
  }
}
