/** Searches of the audit log: an index narrows it, and what is left is judged as it is shown. Decision 0024. */
import type { Ctx } from '../access/ctx.ts'
import { explanationText, type Finder, type House, type Node } from '../rest/index.ts'
import { type FoundRow, type Plan, scoreOf } from '../search/index.ts'
import type { AuditLog, AuditPage } from '../store/index.ts'
import { type Asked, createAsk } from './asked.ts'
import { judgePlan } from './judge.ts'
import { met, turn } from './met.ts'
import { keysIn } from './order.ts'
import type { Seen } from './seen.ts'
import type { Keys } from './shown.ts'
import { sortedPage } from './sorted.ts'
import { type Viewer, viewerOf } from './viewer.ts'
import { everything, mostLooked, mostRead, tooMany, walk } from './walk.ts'

/** `reach`: lists of keys, of each of which an event must have one. */
export const createFinder = (log: AuditLog, house: House, ctx: Ctx, reach: Keys): Finder => {
  const viewer = viewerOf(log, house, ctx, reach)
  const ask = createAsk(viewer)
  return {
    judge: judgePlan,
    find: async (plan) => {
      const asked = await ask(plan.where)
      const keys = keysIn(plan)
      if (!keys) return (await page(viewer, plan, asked)).map((seen) => answer(viewer, plan, seen))
      const sorted = await sortedPage(viewer, plan, asked, keys)
      return sorted.map(({ seen, place }) => ({ ...answer(viewer, plan, seen), place }))
    },
    count: async (plan) => {
      const asked = await ask(plan.where)
      return asked.sure ? countSure(viewer, plan, asked, asked.sure) : countAll(viewer, plan, asked)
    },
    explain: async (plan) => explain(viewer, plan, await ask(plan.where)),
  }
}

/** The page of the plan and one more, in the order of an index. */
const page = async (viewer: Viewer, plan: Plan, asked: Asked): Promise<readonly Seen[]> => {
  const wanted = plan.count + 1
  const first = pageOf(plan, asked.sure ? wanted : Math.max(wanted, turn))
  const found: Seen[] = []
  for await (const some of walk(viewer, plan.where, asked, first)) {
    found.push(...some)
    if (found.length >= wanted) break
  }
  return found.slice(0, wanted)
}

const answer = ({ row }: Viewer, plan: Plan, seen: Seen): FoundRow => ({
  ...row(seen),
  ...(plan.sort.by === 'date' ? { place: seen.at } : {}),
  ...(plan.asks ? { score: scoreOf(plan.asks, seen.rows.tokens) } : {}),
})

const counting = 'To count all matches, which "_total" and "_summary=count" ask for, the server'

const countAll = async (viewer: Viewer, plan: Plan, asked: Asked): Promise<number> => {
  let number = 0
  for await (const some of walk(viewer, plan.where, asked, everything, counting)) number += some.length
  return number
}

/** The database counts those of which its rows tell everything; the others are read. */
const countSure = async (
  viewer: Viewer,
  plan: Plan,
  { where, certain, links }: Asked,
  sure: NonNullable<Asked['sure']>,
): Promise<number> => {
  const { log, ctx } = viewer
  const [own, others] = await Promise.all([
    log.count(ctx.tenant, certain?.where ?? sure, ctx),
    log.find(ctx.tenant, [...where, certain?.edge ?? { kind: 'sent' }], {
      ...everything,
      limit: mostRead + 1,
    }),
  ])
  if (others.length > mostRead)
    throw tooMany(`More than ${mostRead} events would have to be read to count them.`)
  return own + (await met(viewer, others, plan.where, links)).length
}

const explain = async ({ log, ctx }: Viewer, plan: Plan, asked: Asked): Promise<string> => {
  const first = keysIn(plan) ? everything : pageOf(plan, plan.count + 1)
  const { root, ...statement } = await log.explain(ctx.tenant, asked, first)
  return explanationText(plan, statement, root as Node, [
    // Whether the rows that the statement brings have to be read and judged.
    { name: 'judged', valueBoolean: !asked.sure },
    { name: 'limit', valueInteger: mostLooked },
  ])
}

/** Where the page starts, and which way it goes. */
const pageOf = ({ sort, cursor }: Plan, limit: number): AuditPage => {
  const order = sort.by === 'date' ? 'at' : 'came'
  const ascending = sort.descending === (cursor?.backward ?? false)
  if (!cursor) return { order, ascending, limit }
  return { order, ascending, limit, after: { at: order === 'at' ? Number(cursor.value) : 0, id: cursor.key } }
}
