/** Turns the precondition headers of an update into the condition of its write. http://hl7.org/fhir/R4/http.html#concurrency */
import type { Condition } from '../../store/index.ts'
import type { House } from '../house.ts'
import { ifMatchVersion, onlyIfAbsent } from '../preconditions.ts'
import type { Request } from '../request.ts'
import type { Step } from '../step.ts'

/** What must hold for an update by the request's headers and the server's settings. */
export const updateCondition = (house: House, request: Request): Condition => {
  const over = ifMatchVersion(request.ifMatch)
  if (over !== undefined) return { over }
  if (onlyIfAbsent(request.ifNoneMatch)) return 'absent'
  return house.options.updateAsCreate ? 'any' : 'present'
}

export const ifMatch: Step = (house, _ctx, turn) => ({
  ...turn,
  condition: updateCondition(house, turn.request),
})
