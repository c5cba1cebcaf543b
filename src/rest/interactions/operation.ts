/** operation: http://hl7.org/fhir/R4/operations.html */
import { performOperation } from '../perform-operation.ts'
import type { Step } from '../step.ts'

export const operation: Step = async (house, ctx, turn) => ({
  ...turn,
  reply: await performOperation(house, ctx, turn.request),
})
