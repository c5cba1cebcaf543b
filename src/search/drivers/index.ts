/** The table of drivers: how the database comes to the rows of a page. Decisions 0012, 0016 and 0017. */
import { inOrder } from '../cost.ts'
import type { Plan } from '../plan.ts'
import type { Values } from '../statement.ts'
import { codeInOrder } from './code-in-order.ts'
import type { Driver } from './driver.ts'
import { lookUp } from './look-up.ts'
import { referred } from './referred.ts'
import { referring } from './referring.ts'
import { sorted } from './sorted.ts'
import { stream } from './stream.ts'
import { valuesInOrder } from './values-in-order.ts'
import { lookedAtFirst } from './window.ts'

/** The first that can lead a search does. */
const drivers: readonly Driver[] = [
  sorted,
  valuesInOrder,
  lookUp,
  codeInOrder,
  referred,
  referring,
  lookedAtFirst,
  stream,
]

/** The rows of a page, selected by the best driver. */
export const driven = (plan: Plan, values: Values, limit: string): string => {
  const search = { plan, where: inOrder(plan.where), values, limit }
  const driver = drivers.find((one) => one.leads(search)) ?? stream
  return driver.rows(search)
}
