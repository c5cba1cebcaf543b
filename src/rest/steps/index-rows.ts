/** Makes the index rows and the list of references of the body. */

import { prepare } from '../prepare.ts'
import type { Step } from '../step.ts'

export const indexRows: Step = (house, ctx, turn) => ({
  ...turn,
  prepared: prepare(house, ctx, turn.json!, turn.request.type!),
})
