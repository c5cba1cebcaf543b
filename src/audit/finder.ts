/** Searches of the audit log: an index narrows it, and what is left is judged as it is shown. Decision 0024. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { Ctx } from '../access/ctx.ts'
import { type Problem, tooCostly } from '../base/problem.ts'
import { explanationText, type Finder, type House, type Node } from '../rest/index.ts'
import {
  type Candidate,
  type FoundRow,
  matches as meets,
  type Plan,
  type RowCondition,
  readPlaces,
  scoreOf,
} from '../search/index.ts'
import type { AuditEntry, AuditLog, AuditPage, AuditPlace, AuditTest } from '../store/index.ts'
import { judgePlan } from './judge.ts'
import { type Links, openLinks } from './links.ts'
import { narrow } from './narrow.ts'
import { inOrder, keysIn, placesOf } from './order.ts'
import { type Seen, sighted } from './seen.ts'
import { isWhole, type Keys } from './shown.ts'

/** Events that a search looks through in the database, reads as resources, and puts in order, at most. */
const mostLooked = 100_000
const mostRead = 20_000
const mostSorted = 5000

/** Keys of one condition that are worth looking up beside those of what may be seen. */
const mostKeys = 100
/** Events that are looked through at once, after a first few. */
const stretch = 2000
/** Events that are read before others get a turn. */
const turn = 200

const help =
  'Add what leads to few of them: date or _lastUpdated, patient, agent, entity with a reference, _id, or an outcome other than 0.'

const tooMany = (what: string): Problem => tooCostly(`${what} ${help}`)

/** What is asked of the log: `sure` where its rows tell everything. */
type Asked = {
  readonly where: readonly AuditTest[]
  readonly sure: readonly AuditTest[] | undefined
  /** What all are of which they tell everything, and of which others some may be. */
  readonly certain: { readonly where: readonly AuditTest[]; readonly edge: AuditTest } | undefined
  readonly links: Links
}

const counting = 'To count all matches, which "_total" and "_summary=count" ask for, the server'

/** From the first event on. */
const everything: AuditPage = { order: 'came', ascending: true, limit: stretch }

/** `reach`: lists of keys, of each of which an event must have one. */
export const createFinder = (log: AuditLog, house: House, ctx: Ctx, reach: Keys): Finder => {
  const { tenant } = ctx
  const { see, row } = sighted(house, ctx, reach)
  const mayBeSure = isWhole(reach)
  const within = reach.map((any): AuditTest => ({ kind: 'keys', any }))

  /** Which of some ids are events that may be seen and meet conditions. */
  const eventsMeeting = async (
    ids: readonly string[],
    where: readonly RowCondition[],
  ): Promise<ReadonlySet<string>> => {
    const asked = await ask([{ kind: 'ids', any: ids }, ...where])
    const page: AuditPage = { order: 'came', ascending: true, limit: ids.length }
    const met = await judge(await log.find(tenant, asked.where, page), where, asked.links)
    return new Set(met.map(({ id }) => id))
  }

  /** A page and its total ask the same. */
  const known = new Map<readonly RowCondition[], Promise<Asked>>()
  const ask = (where: readonly RowCondition[]): Promise<Asked> => {
    const made = known.get(where) ?? asking(where)
    known.set(where, made)
    return made
  }

  const asking = async (where: readonly RowCondition[]): Promise<Asked> => {
    const links = await openLinks({ house, ctx, eventsMeeting }, where)
    const narrowed = where.map((one) => narrow(one, { base: ctx.base, leads: links.leads }))
    const sure = narrowed.flatMap((one) => (one.sure ? [one.sure] : []))
    const certain = narrowed.flatMap((one) => (one.certain ? [one.certain] : []))
    const edges = narrowed.flatMap((one) => (one.edge ? [one.edge] : []))
    const isSure = mayBeSure && sure.length === where.length
    const isCertain = isSure && certain.length === where.length
    const loose = narrowed.flatMap((one) => (one.loose && !isNeedless(one.loose) ? [one.loose] : []))
    return {
      where: await log.lead(tenant, [...within, ...loose], ctx),
      sure: isSure ? [{ kind: 'not', of: { kind: 'sent' } }, ...within, ...sure] : undefined,
      certain: isCertain ? { where: [...within, ...certain], edge: { kind: 'some', of: edges } } : undefined,
      links,
    }
  }

  /** What somebody may see leads already: the same as a condition would be asked twice. */
  const isNeedless = (test: AuditTest): boolean =>
    within.length > 0 && test.kind === 'keys' && test.any.length > mostKeys

  /** Those that meet all conditions, as they are shown. */
  const judge = async (
    entries: readonly (AuditEntry & { readonly sure?: boolean })[],
    where: readonly RowCondition[],
    { learn, follow }: Links,
  ): Promise<readonly Seen[]> => {
    const met: Seen[] = []
    for (let from = 0; from < entries.length; from += turn) {
      if (from > 0) await nextTurn()
      const some = entries
        .slice(from, from + turn)
        .map((entry) => ({ seen: see(entry), sure: entry.sure === true }))
      await learn(some.flatMap(({ seen, sure }) => (sure ? [] : [seen])))
      for (const { seen, sure } of some) if (sure || meets(where, candidateOf(seen, follow))) met.push(seen)
    }
    return met
  }

  /** The matches in the order of an index, from a place, in stretches of the log. */
  async function* matches(
    where: readonly RowCondition[],
    asked: Asked,
    page: AuditPage,
    what = 'This search',
  ): AsyncGenerator<readonly Seen[]> {
    let [looked, read] = [0, 0]
    let after: AuditPlace | undefined = page.after
    for (let limit = page.limit; ; limit = stretch) {
      const place = after ? { after } : {}
      const found = await log.look(
        tenant,
        asked,
        { order: page.order, ascending: page.ascending, limit, ...place },
        ctx,
      )
      looked += found.looked
      read += found.entries.filter(({ sure }) => !sure).length
      yield await judge(found.entries, where, asked.links)
      if (!found.last) return
      if (looked >= mostLooked || read >= mostRead)
        throw tooMany(
          `${what} looked through ${looked} events, read ${read} of them, and has not come to its end.`,
        )
      after = found.last
    }
  }

  const inLog = async (plan: Plan): Promise<readonly Seen[]> => {
    const asked = await ask(plan.where)
    const wanted = plan.count + 1
    const found: Seen[] = []
    for await (const some of matches(
      plan.where,
      asked,
      pageOf(plan, asked.sure ? wanted : Math.max(wanted, turn)),
    )) {
      found.push(...some)
      if (found.length >= wanted) break
    }
    return found.slice(0, wanted)
  }

  const inMemory = async (
    plan: Plan,
    keys: NonNullable<ReturnType<typeof keysIn>>,
  ): Promise<readonly FoundRow[]> => {
    const asked = await ask(plan.where)
    const all: Seen[] = []
    for await (const some of matches(plan.where, asked, everything)) {
      all.push(...some)
      if (all.length > mostSorted)
        throw tooMany(
          `More than ${mostSorted} events would have to be put in this order; sort by date, _lastUpdated or _id, or search for fewer.`,
        )
    }
    const placed = await placesOf(log, tenant, keys, all)
    const byId = new Map(all.map((one) => [one.id, one]))
    const { cursor } = plan
    const order = inOrder(keys)
    const sorted = [...placed].sort(order)
    if (cursor?.backward) sorted.reverse()
    const start = cursor && { id: cursor.key, places: readPlaces(String(cursor.value)) ?? [] }
    const isBeyond = (one: (typeof placed)[number]): boolean =>
      !start || (cursor.backward ? order(one, start) < 0 : order(one, start) > 0)
    return sorted
      .filter(isBeyond)
      .slice(0, plan.count + 1)
      .map(({ id, places }) => ({ ...answer(plan, byId.get(id)!), place: JSON.stringify(places) }))
  }

  const answer = (plan: Plan, seen: Seen): FoundRow => ({
    ...row(seen),
    ...(plan.sort.by === 'date' ? { place: seen.at } : {}),
    ...(plan.asks ? { score: scoreOf(plan.asks, seen.rows.tokens) } : {}),
  })

  const count = async (plan: Plan): Promise<number> => {
    const asked = await ask(plan.where)
    if (!asked.sure) {
      let number = 0
      for await (const some of matches(plan.where, asked, everything, counting)) number += some.length
      return number
    }
    const { certain } = asked
    const page: AuditPage = { order: 'came', ascending: true, limit: mostRead + 1 }
    const [own, others] = await Promise.all([
      log.count(tenant, certain?.where ?? asked.sure, ctx),
      log.find(tenant, [...asked.where, certain?.edge ?? { kind: 'sent' }], page),
    ])
    if (others.length > mostRead)
      throw tooMany(`More than ${mostRead} events would have to be read to count them.`)
    return own + (await judge(others, plan.where, asked.links)).length
  }

  return {
    judge: judgePlan,
    find: async (plan) => {
      const keys = keysIn(plan)
      return keys ? inMemory(plan, keys) : (await inLog(plan)).map((one) => answer(plan, one))
    },
    count,
    explain: async (plan) => {
      const asked = await ask(plan.where)
      const page = keysIn(plan) ? everything : pageOf(plan, plan.count + 1)
      const { root, ...statement } = await log.explain(tenant, asked, page)
      return explanationText(plan, statement, root as Node, [
        // Whether the rows that the statement brings have to be read and judged.
        { name: 'judged', valueBoolean: !asked.sure },
        { name: 'limit', valueInteger: mostLooked },
      ])
    },
  }
}

const candidateOf = (
  { id, lastUpdated, type, rows }: Seen,
  follow: NonNullable<Candidate['follow']>,
): Candidate => ({ id, lastUpdated, type, rows, follow })

/** Where the page starts, and which way it goes. */
const pageOf = ({ sort, cursor }: Plan, limit: number): AuditPage => {
  const order = sort.by === 'date' ? 'at' : 'came'
  const ascending = sort.descending === (cursor?.backward ?? false)
  if (!cursor) return { order, ascending, limit }
  return { order, ascending, limit, after: { at: order === 'at' ? Number(cursor.value) : 0, id: cursor.key } }
}
