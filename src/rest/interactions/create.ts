/** http://hl7.org/fhir/R4/http.html#create */

import { instant } from '../../base/instant.ts'
import { seal } from '../../fhir/json/stamp.ts'
import { missingProblem, writeOf } from '../prepare.ts'
import type { Step } from '../step.ts'
import { writtenReply } from '../written.ts'

export const create: Step = async (house, ctx, turn) => {
  const prepared = turn.prepared!
  const id = turn.id!
  const { type } = prepared
  const write = writeOf(ctx, prepared, id)
  const whole = seal(write.content, 1, instant(ctx.at))
  const { written, missing } = await house.store.create(ctx.tenant, write, whole)
  if (!written) throw missingProblem(house, ctx, prepared, missing)
  const version = { type, id, version: 1, lastUpdated: ctx.at }
  return { ...turn, reply: writtenReply(turn.request, 201, version, () => whole, turn.findings) }
}
