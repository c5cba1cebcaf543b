/** The number of a search's matches as one statement: http://hl7.org/fhir/R4/search.html#total */
import { typeNumber } from '../fhir/resource-types.ts'
import type { Condition } from './algebra.ts'
import { all, filter, typed } from './condition-sql.ts'
import { inOrder } from './cost.ts'
import { isPrimaryDate } from './drivers/driver.ts'
import type { Plan } from './plan.ts'
import { current, ofType } from './row-sql.ts'
import { collect, type Statement, statement, type Values } from './statement.ts'
import { updatedFilter } from './updated-sql.ts'
import { primaryRanges } from './value-sql.ts'

/** The ranges of the index of dates do not overlap, so the sum of their counts is the count. */
const countByDate = (where: readonly Condition[], plan: Plan, values: Values): Statement => {
  const rest = where.filter((condition) => !isPrimaryDate(condition))
  const filters = rest.map((condition) => filter(condition, plan, values))
  const counts = primaryRanges(where, values.add).map(
    (range) =>
      `select count(*) as n from resource r where ${all([ofType, 'r.date_low is not null', ...range, ...filters])}`,
  )
  const text = `select sum(n)::bigint as count from (${counts.join(' union all ')}) c`
  return statement(values.with(text), values.list)
}

/** The number of all matches, as one row `{ count }` (a bigint, which pg gives as text). */
export const countStatement = (plan: Plan): Statement => {
  const values = collect(plan.tenant, typeNumber(plan.type))
  const where = inOrder(plan.where)
  if (where.length > 0 && where.every((condition) => condition.kind === 'updated')) {
    const ranges = where.map((condition) => updatedFilter(condition, 'v.last_updated', values))
    const text = `select count(*) from resource_version v ${current} where ${all(['v.tenant = $1::int and v.type = $2::smallint', ...ranges])}`
    return statement(text, values.list)
  }
  if (where[0] && isPrimaryDate(where[0])) return countByDate(where, plan, values)
  const filters = where.map((condition, index) => filter(condition, plan, values, { lookUp: index === 0 }))
  return statement(
    values.with(
      `select count(*) from resource r where ${all([typed(where[0], '$2::smallint'), ...filters])}`,
    ),
    values.list,
  )
}
