/** What the database expects of a search: for `_explain`, `_total=estimate`, and to refuse what costs too much. */
import type { Ctx } from '../access/ctx.ts'
import { tooCostly } from '../base/problem.ts'
import type { Plan, Statement } from '../search/index.ts'
import { isRestricted } from './guard/guarded.ts'
import type { House } from './house.ts'

/** A node of EXPLAIN: https://www.postgresql.org/docs/current/using-explain.html */
export type Node = {
  readonly 'Node Type': string
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly Plans?: readonly Node[]
}

/** `cost` in the planner's units (about 100,000 a second), `rows` before they are counted or cut to a page. */
export type Estimate = { readonly cost: number; readonly rows: number }

/** What PostgreSQL adds for each kind of scan that the sessions forbid and that it sees no way around. */
const forbidden = 1e10

const explained = async (house: House, ctx: Ctx, { tenant, text, values }: Statement): Promise<Node> => {
  const explain = { name: '', tenant, text: `explain (format json) ${text}`, values }
  const [row] = await house.store.select<{ 'QUERY PLAN': readonly [{ readonly Plan: Node }] }>(explain, ctx)
  return row!['QUERY PLAN'][0].Plan
}

/** What counting all matches would cost, and how many the planner expects. */
export const estimate = async (house: House, ctx: Ctx, plan: Plan): Promise<Estimate> => {
  const root = await explained(house, ctx, house.search.countStatement(plan))
  const counted = root.Plans?.find((node) => !('Subplan Name' in node)) ?? root
  return { cost: root['Total Cost'] % forbidden, rows: counted['Plan Rows'] }
}

/** Fewer than this are counted rather than estimated. */
const countable = 10_000

/** The number of matches, by estimate where there are many: http://hl7.org/fhir/R4/search.html#total */
export const estimatedTotal = async (
  house: House,
  ctx: Ctx,
  plan: Plan,
  count: () => Promise<number>,
): Promise<number> => {
  const { rows } = await estimate(house, ctx, plan)
  return rows < countable ? await count() : Math.round(rows)
}

/** Throws 403 for a search that no index leads and that the database expects to be long about. */
export const refuseCostly = async (house: House, ctx: Ctx, plan: Plan): Promise<void> => {
  if (!house.search.isSuspect(plan)) return
  const { cost } = await estimate(house, ctx, plan)
  const { maxCost } = house.options
  if (cost <= maxCost) return
  const lines = [
    `This search would have to look at every ${plan.across ? 'resource' : plan.type}: no index leads to what it asks for, and its cost${isRestricted(ctx) ? '' : ` of ${Math.round(cost)}`} is above the limit${isRestricted(ctx) ? '' : ` of ${maxCost}`}.`,
    'Add a parameter that selects few resources, such as patient, identifier, code or a date.',
  ]
  throw tooCostly(lines.join(' '))
}

/** The plan of a search, its SQL and what the database expects of it, as a Parameters resource. */
export const explanation = async (house: House, ctx: Ctx, plan: Plan): Promise<string> => {
  const statement = plan.count === 0 ? house.search.countStatement(plan) : house.search.statement(plan)
  const [root, { cost, rows }] = await Promise.all([
    explained(house, ctx, statement),
    estimate(house, ctx, plan),
  ])
  return explanationText(plan, statement, root, [
    { name: 'estimate', valueDecimal: Math.round(rows) },
    { name: 'cost', valueDecimal: Math.round(cost) },
    { name: 'limit', valueDecimal: house.options.maxCost },
    { name: 'guarded', valueBoolean: house.search.isSuspect(plan) },
  ])
}

/** The same of a statement that was explained; `more` parameters follow. */
export const explanationText = (
  { where, sort, includes, type, across }: Plan,
  statement: Pick<Statement, 'text' | 'values'>,
  root: Node,
  more: readonly object[],
): string => {
  const text = (name: string, value: unknown): object => ({
    name,
    valueString: typeof value === 'string' ? value : JSON.stringify(value, null, 2),
  })
  return JSON.stringify({
    resourceType: 'Parameters',
    parameter: [
      text('plan', { types: across ?? [type], where, sort, includes }),
      text('sql', statement.text),
      text('values', statement.values),
      text('explain', root),
      ...indexesOf(root).map((index) => text('index', index)),
      ...more,
    ],
  })
}

const indexesOf = (node: Node): readonly string[] => {
  const own = 'Index Name' in node ? [String(node['Index Name'])] : []
  return [...new Set([...own, ...(node.Plans ?? []).flatMap(indexesOf)])]
}
