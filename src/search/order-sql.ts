/** The order of matches and what lies after a cursor, in SQL: http://hl7.org/fhir/R4/search.html#sort */
import type { Plan } from './plan.ts'
import { afterDate, afterKeys, orderByDate, orderByKeys } from './sort-sql.ts'
import type { Values } from './statement.ts'
import { instant } from './updated-sql.ts'

/** The logical id as text: the order of `_sort=_id`. */
export const logicalId = 'coalesce(r.fhir_id, r.id::text) collate "C"'

/** Whether the rows are read downwards: backwards from a cursor is the other way round. */
export const isDescending = (plan: Plan): boolean => plan.sort.descending !== (plan.cursor?.backward ?? false)

/** What orders the rows `r`. */
export const orderBy = (plan: Plan): string => {
  if (plan.sort.by === 'date') return orderByDate(plan)
  if (plan.sort.by === 'values') return orderByKeys(plan, plan.sort.keys)
  const direction = isDescending(plan) ? ' desc' : ''
  if (plan.sort.by === 'key') return `r.id${direction}`
  return plan.sort.by === 'id' ? logicalId + direction : `r.last_updated${direction}, r.id${direction}`
}

/** Conditions that only rows after the cursor meet. */
export const afterCursor = (plan: Plan, values: Values): readonly string[] => {
  const { cursor } = plan
  if (!cursor) return []
  if (plan.sort.by === 'date') return afterDate(plan, values.add)
  if (plan.sort.by === 'values') return afterKeys(plan, plan.sort.keys, values.add)
  const beyond = isDescending(plan) ? '<' : '>'
  if (cursor.by === 'key') return [`r.id ${beyond} ${values.add(cursor.key, 'uuid')}`]
  if (cursor.by === 'id') return [`${logicalId} ${beyond} ${values.add(cursor.value, 'text')}`]
  const at = values.add(instant(Number(cursor.value)), 'timestamptz')
  const key = values.add(cursor.key, 'uuid')
  // The first comparison is the one that the index on last_updated can serve.
  return [`r.last_updated ${beyond}= ${at}`, `(r.last_updated ${beyond} ${at} or r.id ${beyond} ${key})`]
}
