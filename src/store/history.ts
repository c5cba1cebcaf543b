/** History of an instance, a type or everything: http://hl7.org/fhir/R4/http.html#history */
import { idKey } from '../base/id.ts'
import { collectInto, statement, type Values } from '../search/index.ts'
import { numberOf } from './key.ts'
import type { Statement } from './statement.ts'

/** After which row a page begins. */
export type HistoryCursor = {
  readonly lastUpdated: number
  /** The writing transaction: of what happened in one millisecond, the later one has the larger number. */
  readonly tx: string
  readonly type: number
  readonly id: string
  readonly version: number
}

/** Times in milliseconds since 1970; `at` selects versions that were current at some moment of the interval. */
export type HistoryQuery = {
  readonly type?: string
  readonly id?: string
  readonly since?: number
  readonly at?: { readonly from: number; readonly to: number }
  readonly ascending: boolean
  readonly after?: HistoryCursor
  readonly limit: number
  /** A filter of the current rows `r`: only what it lets through has a history. */
  readonly guard?: (values: Values) => string
}

const order = (ascending: boolean): string =>
  ['last_updated', 'tx', 'type', 'id', 'version'].map((c) => `${c}${ascending ? '' : ' desc'}`).join(', ')

/** Nothing was ever changed outside of these years, and the database does not read what JavaScript writes for others. */
const earliest = Date.parse('0001-01-01T00:00:00Z')
const latest = Date.parse('9999-12-31T23:59:59.999Z')

const iso = (ms: number): string => new Date(Math.min(Math.max(ms, earliest), latest)).toISOString()

/** An update that brought a deleted resource back made it, as a first version does. */
const revived = `v.method = 'U' and v.version > 1 and exists (
  select from resource_version d
  where d.tenant = v.tenant and d.type = v.type and d.id = v.id and d.version = v.version - 1 and d.method = 'D')`

/** As in a search: large contents are fetched when there is room for them. */
const small = 'case when octet_length(content) <= 32768 then content end as content'

/**
 * Rows of `HistoryRow` form. The name follows the shape, so that each shape is prepared once. The limit is a part of the
 * text: for a limit that it does not know the planner prepares to read a tenth of the table.
 */
export const historyStatement = (tenant: number, query: HistoryQuery): Statement => {
  const values: unknown[] = [tenant]
  const shape: string[] = []
  const where = ['tenant = $1']
  const add = (name: string, value: unknown, condition: (p: string) => string): void => {
    values.push(value)
    shape.push(name)
    where.push(condition(`$${values.length}`))
  }
  if (query.type !== undefined) add('type', numberOf(query.type), (p) => `type = ${p}`)
  if (query.id !== undefined) add('id', idKey(query.id), (p) => `id = ${p}`)
  if (query.since !== undefined) add('since', iso(query.since), (p) => `last_updated >= ${p}`)
  if (query.at !== undefined) {
    add('before', iso(query.at.to), (p) => `last_updated < ${p}`)
    add(
      'from',
      iso(query.at.from),
      (p) => `not exists (
  select from resource_version n
  where n.tenant = v.tenant and n.type = v.type and n.id = v.id and n.version = v.version + 1
    and n.last_updated <= ${p})`,
    )
  }
  if (query.after !== undefined) {
    const { lastUpdated, tx, type, id, version } = query.after
    values.push(iso(lastUpdated), tx, type, id, version)
    const n = values.length
    shape.push('after')
    where.push(
      `(last_updated, tx, type, id, version) ${query.ascending ? '>' : '<'} ($${n - 4}::timestamptz, $${n - 3}::bigint, $${n - 2}::smallint, $${n - 1}::uuid, $${n}::int)`,
    )
  }
  shape.push(query.ascending ? 'asc' : 'desc')
  const limit = Math.trunc(query.limit)
  const text = (): string => `
select type, id, fhir_id, version, last_updated, tx, method, ${small}, ${revived} as revived from resource_version v
where ${where.join('\n  and ')}
order by ${order(query.ascending)}
limit ${limit}`
  if (!query.guard) return { name: `history_${shape.join('_')}_${limit}`, tenant, text: text(), values }
  const collected = collectInto(values)
  const met = query.guard(collected)
  where.push(
    `exists (select from resource r where r.tenant = v.tenant and r.type = v.type and r.id = v.id and ${met} offset 0)`,
  )
  return { ...statement(collected.with(text()), values), tenant }
}

/**
 * Comparisons of rows, which the index of times cannot follow. Where all resources are of one type, or none were there when
 * the plan was made, it looks as good as that of types, and all of the tenant would be read by it for another type.
 */
const changesText = `
select concat_ws(' ', (
    select concat_ws(' ', tx, id, version) from resource_version
    where tenant = $1 and (type, last_updated) > ($2::smallint, '-infinity') and (type, last_updated) <= ($2, 'infinity')
    order by type desc, last_updated desc, tx desc, id desc, version desc limit 1
  ), count(*), sum(tx)) as changes
from (
  select tx from resource_version
  where tenant = $1 and type = $2 and (type, last_updated) > ($2, $3::timestamptz)
  order by last_updated) recent`

/**
 * A row `{ changes }`: another text when resources of the type have changed. What began earlier may be committed later, so
 * that the newest change alone does not tell: all since then are counted.
 */
export const changesStatement = (tenant: number, type: string, since: number): Statement => ({
  name: 'changes',
  tenant,
  text: changesText,
  values: [tenant, numberOf(type), iso(since)],
})
