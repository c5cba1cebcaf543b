/** What the conditions of a transaction select: http://hl7.org/fhir/R4/http.html#ccreate, #trules */
import type { Ctx } from '../../access/ctx.ts'
import { hasErrors } from '../../base/issue.ts'
import { Problem, unsupported } from '../../base/problem.ts'
import type { JsonObject } from '../../fhir/json/value.ts'
import { type Candidate, type Condition, type Row, readQueryString } from '../../search/index.ts'
import type { Reader, ResourceKey } from '../../store/index.ts'
import type { House } from '../house.ts'
import { refuseUnbuilt } from '../index-builds.ts'
import { expandNamed } from '../named-value-sets.ts'
import { type Pending, type PendingSet, pendingOf } from './pending.ts'

/** A resource that a condition selects; `row` is absent for one that this transaction is about to write. */
export type Match = { readonly key: ResourceKey; readonly row?: Row }

/**
 * Understands a condition. `rewritten` is how many resources of the type this transaction may write anew: so many
 * matches may have to be left out. Throws 400 for a condition that cannot be understood.
 */
export const readCondition = async (
  house: House,
  ctx: Ctx,
  type: string,
  query: string | readonly (readonly [string, string])[],
  rewritten: number,
): Promise<Condition> => {
  const { tenant, base, at } = ctx
  const pairs = typeof query === 'string' ? readQueryString(query) : query
  const { condition, issues } = house.search.condition(type, pairs, {
    tenant,
    base,
    at,
    rows: 2 + rewritten,
    ...(await expandNamed(house, ctx, pairs)),
  })
  if (hasErrors(issues)) throw new Problem(400, issues)
  return condition
}

/** What the database finds for a condition, by hashes of its index. */
export const lookUp = async (house: House, reader: Reader, condition: Condition): Promise<Row[]> => {
  await refuseUnbuilt(house, condition.plan)
  return reader.select<Row>(condition.statement)
}

/** Lookups that one statement takes. */
const together = 500

/** Whether the first two matches are enough, and one token finds them: such conditions are looked up together. */
const isSimple = ({ token, plan }: Condition): boolean => token !== undefined && plan.count === 1

const lookUpTogether = async (
  house: House,
  ctx: Ctx,
  reader: Reader,
  conditions: readonly Condition[],
): Promise<Row[][]> => {
  const found: Row[][] = conditions.map(() => [])
  const lookups = conditions.map(({ plan, token }) => ({
    tenant: ctx.tenant,
    type: plan.type,
    token: token ?? '',
  }))
  for (let from = 0; from < lookups.length; from += together) {
    const statement = house.search.lookupsStatement(ctx.tenant, lookups.slice(from, from + together))
    for (const row of await reader.select<Row & { n: number }>(statement)) found[from + row.n]!.push(row)
  }
  return found
}

/** The same for many conditions, in few statements. */
export const lookUpAll = async (
  house: House,
  ctx: Ctx,
  reader: Reader,
  conditions: readonly Condition[],
): Promise<Row[][]> => {
  const simple = conditions.filter(isSimple)
  await Promise.all(simple.map(({ plan }) => refuseUnbuilt(house, plan)))
  if (simple.length < 2) return Promise.all(conditions.map((condition) => lookUp(house, reader, condition)))
  const [rows, others] = await Promise.all([
    lookUpTogether(house, ctx, reader, simple),
    Promise.all(conditions.filter((condition) => !isSimple(condition)).map((c) => lookUp(house, reader, c))),
  ])
  const simpleRows = rows.values()
  const otherRows = others.values()
  return conditions.map((condition) => (isSimple(condition) ? simpleRows : otherRows).next().value ?? [])
}

type Follow = NonNullable<Candidate['follow']>

/** The database followed the chains already, by what is stored. */
const asStored: Follow = () => true

/** What a chain leads to from a resource that is not written yet nobody knows. */
const unknown: Follow = () => {
  throw unsupported(
    'A condition with a chain or _has cannot be judged in a transaction that writes resources of the type which it selects: send that entry by itself.',
  )
}

const holds = (
  house: House,
  condition: Condition,
  { key, rows }: Pending,
  lastUpdated: number,
  follow: Follow,
): boolean => house.search.matches(condition.plan, { id: key.id, lastUpdated, rows: rows(), follow })

/**
 * The resources that meet the condition, as they will be when the transaction is done: what it writes counts with its
 * new content. The index knows hashes only, so what it found is looked at once more.
 */
export const matchesOf = (
  house: House,
  ctx: Ctx,
  condition: Condition,
  rows: readonly Row[],
  pending: PendingSet,
): Match[] => {
  const { type } = condition.plan
  const stored = rows
    .map((row) => ({ key: { type, id: row.fhir_id ?? row.id }, row }))
    .filter(({ key }) => !pending.has(key))
    .filter(({ key, row }) => {
      const value = JSON.parse(row.content) as JsonObject
      return holds(house, condition, pendingOf(house, ctx, key, value), row.last_updated, asStored)
    })
  const unstored = pending
    .candidates(condition)
    .filter((p) => holds(house, condition, p, ctx.at, unknown))
    .map(({ key }): Match => ({ key }))
  return [...stored, ...unstored]
}
