/** What a search asks of the log: conditions as tests of its columns, which tell all of some and a part of others. */
import type { RowCondition } from '../search/index.ts'
import type { AuditTest } from '../store/index.ts'
import { type Links, openLinks } from './links.ts'
import { met } from './met.ts'
import { narrow } from './narrow.ts'
import { isWhole } from './shown.ts'
import type { Viewer } from './viewer.ts'

/** `where` leads to every match; `sure` is there when the rows of the log tell everything. */
export type Asked = {
  readonly where: readonly AuditTest[]
  readonly sure: readonly AuditTest[] | undefined
  /** What all are of which they tell everything, and of which others some may be. */
  readonly certain: { readonly where: readonly AuditTest[]; readonly edge: AuditTest } | undefined
  readonly links: Links
}

export type Ask = (where: readonly RowCondition[]) => Promise<Asked>

/** Keys of one condition that are worth looking up beside those of what may be seen. */
const mostKeys = 100

/** A page and its total ask the same: what was asked once is known. */
export const createAsk = (viewer: Viewer): Ask => {
  const known = new Map<readonly RowCondition[], Promise<Asked>>()
  const ask: Ask = (where) => {
    const made = known.get(where) ?? asked(viewer, ask, where)
    known.set(where, made)
    return made
  }
  return ask
}

/** `ask` again is for conditions on events behind others: chains. */
const asked = async (viewer: Viewer, ask: Ask, where: readonly RowCondition[]): Promise<Asked> => {
  const { log, house, ctx, reach } = viewer
  const eventsMeeting = (ids: readonly string[], where: readonly RowCondition[]) =>
    eventsAmong(viewer, ask, ids, where)
  const links = await openLinks({ house, ctx, eventsMeeting }, where)
  const within = reach.map((any): AuditTest => ({ kind: 'keys', any }))
  const narrowed = where.map((one) => narrow(one, { base: ctx.base, leads: links.leads }))
  const sure = narrowed.flatMap((one) => (one.sure ? [one.sure] : []))
  const certain = narrowed.flatMap((one) => (one.certain ? [one.certain] : []))
  const edges = narrowed.flatMap((one) => (one.edge ? [one.edge] : []))
  const isSure = isWhole(reach) && sure.length === where.length
  const isCertain = isSure && certain.length === where.length
  // What somebody may see leads already: many keys of a condition would be looked up twice.
  const isNeedless = (test: AuditTest): boolean =>
    within.length > 0 && test.kind === 'keys' && test.any.length > mostKeys
  const loose = narrowed.flatMap((one) => (one.loose && !isNeedless(one.loose) ? [one.loose] : []))
  return {
    where: await log.lead(ctx.tenant, [...within, ...loose], ctx),
    sure: isSure ? [{ kind: 'not', of: { kind: 'sent' } }, ...within, ...sure] : undefined,
    certain: isCertain ? { where: [...within, ...certain], edge: { kind: 'some', of: edges } } : undefined,
    links,
  }
}

/** Which of some ids are events that may be seen and meet conditions. */
const eventsAmong = async (
  viewer: Viewer,
  ask: Ask,
  ids: readonly string[],
  where: readonly RowCondition[],
): Promise<ReadonlySet<string>> => {
  const asked = await ask([{ kind: 'ids', any: ids }, ...where])
  const page = { order: 'came', ascending: true, limit: ids.length } as const
  const entries = await viewer.log.find(viewer.ctx.tenant, asked.where, page)
  const events = await met(viewer, entries, where, asked.links)
  return new Set(events.map(({ id }) => id))
}
