/** Rows that may be seen, as SQL: one that is read, some that were written, those of a history. */
import { idKey } from '../base/id.ts'
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition } from './algebra.ts'
import { filter } from './condition-sql.ts'
import { acrossGuard } from './guard.ts'
import type { Plan } from './plan.ts'
import { type Guard, isNever } from './reach.ts'
import { collect, type Statement, statement, type Values } from './statement.ts'

/** Of no search: what conditions need to know to be written. */
export const noPlan = (tenant: number, types: readonly string[]): Plan => ({
  tenant,
  type: types[0] ?? '',
  ...(types.length > 1 ? { across: types } : {}),
  where: [],
  sort: { by: 'key', descending: false },
  count: 0,
  total: 'none',
  shape: { summary: 'false' },
  includes: [],
  used: [],
})

/** Makes statements that read the current version of a resource if it meets the condition; made once for many ids. */
export const guardedRead = (
  tenant: number,
  type: string,
  condition: Condition,
): ((id: string) => Statement) => {
  const values = collect(tenant, typeNumber(type))
  const id = values.add('', 'uuid')
  const test = filter(condition, noPlan(tenant, [type]), values)
  const text = `select v.version, v.last_updated, v.method, v.content from resource r cross join lateral (select * from resource_version v where v.tenant = r.tenant and v.type = r.type and v.id = r.id and v.version = r.version offset 0) v where r.tenant = $1::int and r.type = $2::smallint and r.id = ${id} and ${test}`
  const made = statement(values.with(text), values.list)
  return (wanted) => ({ ...made, values: made.values.with(2, idKey(wanted)) })
}

/** Rows `{ id }` (the logical id) of those among the ids that meet the condition. */
export const withinStatement = (
  tenant: number,
  type: string,
  ids: readonly string[],
  condition: Condition,
): Statement => {
  const values = collect(tenant, typeNumber(type))
  const keys = values.add(ids.map(idKey), 'uuid[]')
  const test = filter(condition, noPlan(tenant, [type]), values)
  const text = `select coalesce(r.fhir_id, r.id::text) as id from resource r where r.tenant = $1::int and r.type = $2::smallint and r.id = any(${keys}) and ${test}`
  return statement(values.with(text), values.list)
}

/** A filter of rows `r` of the types; `$1` of the statement is the tenant. */
export const guardFilter = (
  tenant: number,
  types: readonly string[],
  guard: Guard,
  values: Values,
): string => {
  const seen = types.filter((type) => !isNever(guard(type)))
  const own = acrossGuard(seen, guard)
  const ofTypes = `r.type = any(${values.add(seen.map(typeNumber), 'smallint[]')})`
  return own ? `${ofTypes} and ${filter(own, noPlan(tenant, seen), values)}` : ofTypes
}
