/** http://hl7.org/fhir/R4/http.html#search of one type. */
import type { Ctx } from '../../access/ctx.ts'
import { newId } from '../../base/id.ts'
import { hasErrors, type Issue } from '../../base/issue.ts'
import { Problem, unsupported } from '../../base/problem.ts'
import { typeName } from '../../fhir/resource-types.ts'
import type { Page, Plan, Row } from '../../search/index.ts'
import { bundleText, type EntryText, type Link, outcomeText } from '../bundle-text.ts'
import type { House } from '../house.ts'
import { bringIncluded, cutNote } from '../includes.ts'
import { instant } from '../instant.ts'
import type { Reply } from '../reply.ts'
import type { Step } from '../step.ts'
import { cutter } from '../steps/shape.ts'

const linksOf = (ctx: Ctx, type: string, page: Page): Link[] => {
  const url = (query: string): string => `${ctx.base}/${type}${query === '' ? '' : `?${query}`}`
  const link = (relation: string, query: string | undefined): Link[] =>
    query === undefined ? [] : [{ relation, url: url(query) }]
  return [
    ...link('self', page.self),
    ...link('first', page.first),
    ...link('previous', page.previous),
    ...link('next', page.next),
  ]
}

const totalOf = async (house: House, plan: Plan): Promise<number | undefined> => {
  if (plan.total === 'none' && plan.count > 0) return undefined
  const [row] = await house.store.select<{ count: string }>(house.search.countStatement(plan))
  return Number(row?.count ?? 0)
}

const matchOf = (
  ctx: Ctx,
  type: string,
  row: Row,
  cut: ((text: string) => string) | undefined,
): EntryText => ({
  fullUrl: `${ctx.base}/${type}/${row.fhir_id ?? row.id}`,
  resource: cut ? cut(row.content) : row.content,
  search: { mode: 'match' },
})

/** `_elements` names elements of what was searched for; what comes along is whole, or cut by `_summary`. */
const includeOf = (house: House, ctx: Ctx, row: Row, { summary }: Plan['shape']): EntryText => {
  const type = typeName(row.type) ?? ''
  const cut = cutter(house, type, { summary })
  return {
    fullUrl: `${ctx.base}/${type}/${row.fhir_id ?? row.id}`,
    resource: cut ? cut(row.content) : row.content,
    search: { mode: 'include' },
  }
}

const outcomeEntry = (issues: readonly Issue[]): EntryText[] =>
  issues.length === 0 ? [] : [{ resource: outcomeText(issues), search: { mode: 'outcome' } }]

const searchset = async (
  house: House,
  ctx: Ctx,
  type: string,
  plan: Plan,
  issues: readonly Issue[],
): Promise<Reply> => {
  const onlyTotal = plan.count === 0 || plan.shape.summary === 'count'
  const [rows, total] = await Promise.all([
    onlyTotal ? [] : house.store.select<Row>(house.search.statement(plan)),
    onlyTotal ? totalOf(house, { ...plan, total: 'accurate' }) : totalOf(house, plan),
  ])
  const page = house.search.page(plan, rows)
  const cut = cutter(house, type, plan.shape)
  const included = await bringIncluded(house, ctx, plan, page.rows)
  const entries = [
    ...page.rows.map((row) => matchOf(ctx, type, row, cut)),
    ...included.rows.map((row) => includeOf(house, ctx, row, plan.shape)),
    ...outcomeEntry(included.isWhole ? issues : [...issues, cutNote(house)]),
  ]
  const head = {
    type: 'searchset',
    id: newId(ctx.at),
    lastUpdated: instant(ctx.at),
    total,
    link: linksOf(ctx, type, page),
  } as const
  return { status: 200, resourceType: 'Bundle', body: bundleText(head, entries) }
}

export const search: Step = async (house, ctx, turn) => {
  const { type, query, lenient = false } = turn.request
  if (type === undefined)
    throw unsupported('Searching all types at once is not offered; search one type, such as Patient?…')
  const { defaultCount, maxCount } = house.options
  const options = { tenant: ctx.tenant, base: ctx.base, at: ctx.at, lenient, defaultCount, maxCount }
  const { plan, issues } = house.search.plan(type, query, options)
  if (hasErrors(issues)) throw new Problem(400, issues)
  return { ...turn, reply: await searchset(house, ctx, type, plan, issues) }
}
