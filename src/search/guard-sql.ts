/** Rows that may be seen, as SQL: some that were written, those of a history. */
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
