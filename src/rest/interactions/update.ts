/** http://hl7.org/fhir/R4/http.html#update */

import type { Ctx } from '../../access/ctx.ts'
import { instant } from '../../base/instant.ts'
import { methodNotAllowed, notFound, preconditionFailed } from '../../base/problem.ts'
import { seal } from '../../fhir/json/stamp.ts'
import type { Condition, ResourceKey } from '../../store/index.ts'
import type { House } from '../house.ts'
import { versionMismatch } from '../preconditions.ts'
import { missingProblem, writeOf } from '../prepare.ts'
import type { Step } from '../step.ts'
import { writtenReply } from '../written.ts'

/** Why nothing was written although no reference was missing. */
export const refusal = async (
  house: House,
  ctx: Ctx,
  key: ResourceKey,
  condition: Condition,
): Promise<Error> => {
  const current = await house.store.current(ctx.tenant, key)
  const exists = current !== undefined && current.content !== null
  if (typeof condition === 'object')
    return versionMismatch(key.type, key.id, exists ? current.version : undefined)
  if (condition === 'absent')
    return preconditionFailed(
      `${key.type}/${key.id} exists already; leave If-None-Match out to replace it.`,
      'http.If-None-Match',
    )
  if (current !== undefined)
    return notFound(`${key.type}/${key.id} was deleted, and this server does not create with an update.`)
  return methodNotAllowed(
    `${key.type}/${key.id} does not exist, and this server does not create with an update; POST to ${key.type} instead.`,
  )
}

/** What must be there already: a resource may refer to itself from the start. */
const others = (keys: readonly ResourceKey[], type: string, id: string): readonly ResourceKey[] =>
  keys.some((key) => key.id === id && key.type === type)
    ? keys.filter((key) => key.id !== id || key.type !== type)
    : keys

export const update: Step = async (house, ctx, turn) => {
  const prepared = turn.prepared!
  const id = turn.id!
  const { type } = prepared
  const write = { ...writeOf(ctx, prepared, id), references: others(prepared.references, type, id) }
  const { written, missing } = await house.store.update(ctx.tenant, write, turn.method!, turn.condition!)
  if (missing.length > 0) throw missingProblem(house, ctx, prepared, missing)
  if (!written) throw await refusal(house, ctx, { type, id }, turn.condition!)
  const { version, lastUpdated, created } = written
  const text = (): string => seal(write.content, version, instant(lastUpdated))
  return {
    ...turn,
    reply: writtenReply(
      turn.request,
      created ? 201 : 200,
      { type, id, version, lastUpdated },
      text,
      turn.findings,
    ),
  }
}
