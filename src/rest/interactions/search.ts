/** http://hl7.org/fhir/R4/http.html#search of one type, of several, and of a compartment. */
import type { Ctx } from '../../access/ctx.ts'
import { isId, newId } from '../../base/id.ts'
import { instant } from '../../base/instant.ts'
import { hasErrors, type Issue } from '../../base/issue.ts'
import { forbidden, notFound, Problem } from '../../base/problem.ts'
import { typeName } from '../../fhir/resource-types.ts'
import type { FoundRow, Page, Plan, Row } from '../../search/index.ts'
import { bundleText, type EntryText, type Link, outcomeText } from '../bundle-text.ts'
import { containedEntries } from '../contained-entries.ts'
import { containedTotal } from '../contained-total.ts'
import type { Finder } from '../finder.ts'
import { isRestricted } from '../guard/guarded.ts'
import type { House } from '../house.ts'
import { bringIncluded, cutNote } from '../includes.ts'
import { refuseUnbuilt } from '../index-builds.ts'
import { expandNamed } from '../named-value-sets.ts'
import { fillContents } from '../page-bytes.ts'
import { patientsIn } from '../patients-in.ts'
import type { Reply } from '../reply.ts'
import type { Request } from '../request.ts'
import { estimatedTotal, explanation, refuseCostly } from '../search-cost.ts'
import type { Step } from '../step.ts'
import { cutter } from '../steps/shape.ts'

/** What was searched, as its URL has it: `/Patient`, `/Patient/1/*`, nothing for everything. */
const pathOf = ({ type, compartment }: Request): string => {
  if (compartment) return `/${compartment.type}/${compartment.id}/${type ?? '*'}`
  return type === undefined ? '' : `/${type}`
}

const linksOf = (ctx: Ctx, path: string, page: Page): Link[] => {
  const url = (query: string): string => `${ctx.base}${path}${query === '' ? '' : `?${query}`}`
  const link = (relation: string, query: string | undefined): Link[] =>
    query === undefined ? [] : [{ relation, url: url(query) }]
  return [
    ...link('self', page.self),
    ...link('first', page.first),
    ...link('previous', page.previous),
    ...link('next', page.next),
  ]
}

/** The matches of a page that is all there is. Containers are not what a search of what they contain counts. */
const wholeTotal = ({ total, cursor, contained }: Plan, { rows, next }: Page): number | undefined =>
  total === 'known' && !cursor && !contained?.alone && next === undefined ? rows.length : undefined

const totalOf = async (
  house: House,
  ctx: Ctx,
  plan: Plan,
  finder: Finder | undefined,
): Promise<number | undefined> => {
  if ((plan.total === 'none' || plan.total === 'known') && plan.count > 0) return undefined
  if (finder) return finder.count(plan)
  if (plan.contained?.alone) return containedTotal(house, ctx, plan, plan.contained)
  const count = async (): Promise<number> => {
    const [row] = await house.store.select<{ count: string }>(house.search.countStatement(plan), ctx)
    return Number(row?.count ?? 0)
  }
  return plan.total === 'estimate' ? estimatedTotal(house, ctx, plan, count) : count()
}

/** Makes entries of rows, cut down to the shape; what to keep is found out once for each type. */
const entriesOf = (
  house: House,
  ctx: Ctx,
  rows: readonly Row[],
  shape: Plan['shape'],
  mode: 'match' | 'include',
): EntryText[] => {
  const cutters = new Map<number, ReturnType<typeof cutter>>()
  return rows.map((row) => {
    const type = typeName(row.type) ?? ''
    if (!cutters.has(row.type)) cutters.set(row.type, cutter(house, type, shape))
    const cut = cutters.get(row.type)
    return {
      fullUrl: `${ctx.base}/${type}/${row.fhir_id ?? row.id}`,
      resource: cut ? cut(row.content) : row.content,
      search: row.score === undefined ? { mode } : { mode, score: Number(row.score.toFixed(4)) },
    }
  })
}

const outcomeEntry = (issues: readonly Issue[]): EntryText[] =>
  issues.length === 0 ? [] : [{ resource: outcomeText(issues), search: { mode: 'outcome' } }]

/** The page, which has fewer rows than were asked for when they are large. */
const pageOf = async (house: House, ctx: Ctx, plan: Plan, found: readonly FoundRow[]): Promise<Page<Row>> => {
  const room = { bytes: house.options.maxPageBytes, first: true }
  const rows: Row[] = await fillContents(house, ctx, found.slice(0, plan.count), room)
  const more = found[rows.length]
  return house.search.page(
    { ...plan, count: rows.length },
    more === undefined ? rows : [...rows, { ...more, content: '' }],
  )
}

const searchset = async (
  house: House,
  ctx: Ctx,
  path: string,
  plan: Plan,
  issues: readonly Issue[],
  finder: Finder | undefined,
): Promise<Reply> => {
  const onlyTotal = plan.count === 0 || plan.shape.summary === 'count'
  const find = (): Promise<readonly FoundRow[]> =>
    finder ? finder.find(plan) : house.store.select<FoundRow>(house.search.statement(plan), ctx)
  const [rows, total] = await Promise.all([
    onlyTotal ? [] : find(),
    onlyTotal
      ? totalOf(house, ctx, { ...plan, total: 'accurate' }, finder)
      : totalOf(house, ctx, plan, finder),
  ])
  const page = await pageOf(house, ctx, plan, rows)
  const included = await bringIncluded(house, ctx, plan, page.rows)
  const entries = [
    ...(plan.contained?.alone
      ? containedEntries(house, ctx, plan.contained, page.rows, plan.shape)
      : entriesOf(house, ctx, page.rows, plan.shape, 'match')),
    // `_elements` names elements of what was searched for: what comes along is whole, or cut by `_summary`.
    ...entriesOf(house, ctx, included.rows, { summary: plan.shape.summary }, 'include'),
    ...outcomeEntry(included.isWhole ? issues : [...issues, cutNote(house)]),
  ]
  const head = {
    type: 'searchset',
    id: newId(ctx.at),
    lastUpdated: instant(ctx.at),
    total: total ?? wholeTotal(plan, page),
    link: linksOf(ctx, path, page),
  } as const
  const reply: Reply = { status: 200, resourceType: 'Bundle', body: bundleText(head, entries) }
  return finder ? { ...reply, patients: patientsOf(ctx, plan, included.rows) } : reply
}

/** Whose data came along. Whom the finder's own resources are about is what was asked for. */
const patientsOf = (ctx: Ctx, plan: Plan, rows: readonly Row[]): readonly string[] => {
  const found = new Set<string>()
  for (const { type, id, fhir_id, content } of rows) {
    const name = typeName(type)
    if (name === plan.type) continue
    if (name === 'Patient') found.add(`Patient/${fhir_id ?? id}`)
    patientsIn([content], ctx.base, found)
  }
  return [...found]
}

/** The compartments and what may be in them are those of http://hl7.org/fhir/R4/compartmentdefinition.html */
const checkCompartment = (house: House, { type, compartment }: Request): void => {
  if (!compartment) return
  if (!isId(compartment.id)) throw notFound(`${JSON.stringify(compartment.id)} cannot be an id.`)
  const known = house.definitions.compartments
  const inside = known.get(compartment.type)
  if (!inside)
    throw notFound(`${compartment.type} has no compartment. These have: ${[...known.keys()].join(', ')}.`)
  if (type !== undefined && type !== compartment.type && !inside.has(type))
    throw notFound(
      `Resources of type ${type} are in no compartment of a ${compartment.type}. Search /${type} by its parameters.`,
    )
}

export const search: Step = async (house, ctx, turn) => ({
  ...turn,
  reply: await searchReply(house, ctx, turn.request),
})

/** Judges a search as every other, and answers it from the store, or by what a finder knows. Throws `Problem`. */
export const searchReply = async (
  house: House,
  ctx: Ctx,
  request: Request,
  finder?: Finder,
): Promise<Reply> => {
  const { type, query, lenient = false, compartment } = request
  checkCompartment(house, request)
  const { defaultCount, maxCount } = house.options
  const limits = { lenient, defaultCount, maxCount, ...(compartment ? { compartment } : {}) }
  const valueSets = await expandNamed(house, ctx, query)
  const options = { tenant: ctx.tenant, base: ctx.base, at: ctx.at, ...limits, ...valueSets }
  const { plan, issues: found } = house.search.plan(type, query, options)
  const issues = finder && !hasErrors(found) ? [...found, ...finder.judge(plan)] : found
  if (hasErrors(issues)) throw new Problem(400, issues)
  if (plan.explain) {
    if (isRestricted(ctx))
      throw forbidden(
        '_explain tells what the database expects of all resources, and you see a part of them: leave it out.',
      )
    const body = [await (finder ? finder.explain(plan) : explanation(house, ctx, plan))]
    return { status: 200, resourceType: 'Parameters', body }
  }
  if (!finder) {
    await refuseUnbuilt(house, plan)
    await refuseCostly(house, ctx, plan)
  }
  return searchset(house, ctx, pathOf(request), plan, issues, finder)
}
