/** What leads a search: how the database comes to the rows of a page. */
import type { Condition } from '../algebra.ts'
import type { Plan } from '../plan.ts'
import type { Values } from '../statement.ts'

/** A search to be driven: `where` in the order of cost, `limit` the number of rows as SQL. */
export type Search = {
  readonly plan: Plan
  readonly where: readonly Condition[]
  readonly values: Values
  readonly limit: string
}

export type Driver = {
  readonly name: string
  /** Whether it can lead the search; of those that can, the first in the table does. */
  leads(search: Search): boolean
  /** Selects the `columns` of row-sql.ts, in the order of the plan and no more than `limit`. */
  rows(search: Search): string
}

/** Whether it is a condition on the date that stands in the resource's row. */
export const isPrimaryDate = (condition: Condition): boolean =>
  condition.kind === 'dates' && condition.primary
