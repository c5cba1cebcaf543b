/** The ids of what a condition finds, and nothing else of it. */
import type { Condition } from './algebra.ts'
import { linkContext } from './condition-sql.ts'
import { noPlan } from './guard-sql.ts'
import { collectInto, type Statement, statement } from './statement.ts'

/** Rows `{ id }` (logical ids), at most `limit` of them. */
export const idsStatement = (
  tenant: number,
  type: string,
  where: readonly Condition[],
  limit: number,
): Statement => {
  const values = collectInto([tenant])
  const found = linkContext(noPlan(tenant, [type]), values).rows(
    type,
    where,
    'coalesce(r.fhir_id, r.id::text) as id',
  )
  return statement(
    values.with(`select distinct id from (${found}) r limit ${values.add(limit, 'int')}`),
    values.list,
  )
}
