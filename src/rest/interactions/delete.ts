/** http://hl7.org/fhir/R4/http.html#delete */

import { ifMatchVersion, versionMismatch } from '../preconditions.ts'
import type { Step } from '../step.ts'

export const deleteResource: Step = async (house, ctx, turn) => {
  const { type = '', id = '' } = turn.request
  const over = ifMatchVersion(turn.request.ifMatch)
  const removed = await house.store.remove(ctx.tenant, { type, id }, ctx.at, over)
  if (removed)
    return {
      ...turn,
      reply: { status: 204, versionId: String(removed.version), lastModified: removed.lastUpdated },
    }
  if (over !== undefined) {
    const current = await house.store.current(ctx.tenant, { type, id })
    throw versionMismatch(type, id, current?.content ? current.version : undefined)
  }
  // Deleting what is not there leaves it not there: the same answer.
  return { ...turn, reply: { status: 204 } }
}
