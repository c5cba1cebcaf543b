/** Which searches may have to look at every resource of a type, and how to ask for less. */

import { canLookUp } from './cost.ts'
import type { Plan } from './plan.ts'

/** Whether no condition of the search leads to its matches by an index, so that only an estimate tells its cost. */
export const isSuspect = ({ where }: Plan): boolean =>
  where.some(({ kind }) => kind !== 'updated') && !where.some(canLookUp)
