/** Copies lossless trees, within bounds: a patch of few bytes can ask for copies of copies of copies. */
import { tooLarge, unprocessable } from '../../base/problem.ts'
import { defaultDepth } from '../json/compact.ts'
import { isRawNumber } from '../json/lossless.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { setMember } from './member.ts'

/** What one patch may still copy: characters of strings and names, plus one for every value. */
export type Budget = { left: number }

/** A patch may at most add this to a resource. */
export const newBudget = (): Budget => ({ left: 5_000_000 })

/** A copy that shares nothing with the value; `depth` is that of the container into which it is put. 413 or 422 beyond the bounds. */
export const copyTree = (
  value: JsonValue,
  depth = 0,
  budget: Budget = { left: Number.POSITIVE_INFINITY },
): JsonValue => {
  spend(budget, 1)
  if (typeof value === 'string') spend(budget, value.length)
  if (typeof value !== 'object' || value === null || isRawNumber(value)) return value
  if (depth >= defaultDepth)
    throw unprocessable(`The patch puts more than ${defaultDepth} arrays and objects inside each other.`)
  if (Array.isArray(value)) return value.map((element) => copyTree(element, depth + 1, budget))
  const copy: JsonObject = {}
  for (const name of Object.keys(value)) {
    spend(budget, name.length)
    setMember(copy, name, copyTree(value[name]!, depth + 1, budget))
  }
  return copy
}

const spend = (budget: Budget, amount: number): void => {
  budget.left -= amount
  if (budget.left < 0) throw tooLarge('The patch copies too much; send it in parts.')
}
