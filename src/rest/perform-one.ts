/** Performs one interaction that stands alone: through the pipeline, or as a transaction of one when it has a condition. */
import type { Ctx } from '../access/ctx.ts'
import { invalid } from '../base/problem.ts'
import { isRestricted } from './guard/guarded.ts'
import { checkPermitted } from './guard/permitted.ts'
import type { House } from './house.ts'
import { Contended } from './interactions/patch.ts'
import { checkTarget, runPipeline } from './pipeline.ts'
import { ifNoneExistQuery } from './preconditions.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { checkConditions } from './steps/known-conditions.ts'
import { checkQuery } from './steps/known-query.ts'
import { commitEntries } from './transaction/commit.ts'
import { lookUp, matchesOf, readCondition } from './transaction/conditions.ts'
import { aloneResource, type Entry } from './transaction/entry.ts'
import { createPendingSet } from './transaction/pending.ts'
import { alone } from './transaction/place.ts'
import { isConditional, isWriting } from './transaction/settle.ts'
import { writtenReply } from './written.ts'

/** A request as the only entry of a transaction. */
export const entryOf = (house: House, request: Request): Entry => {
  const { body, interaction, type } = request
  if (interaction !== 'create' && interaction !== 'update') return { index: 0, request }
  if (!body) throw invalid(`The body is empty; send a ${type} resource.`)
  const { text } = body
  return { index: 0, request, resource: aloneResource(house, text) }
}

/** Most conditional creates that find something need no lock and no transaction. */
const foundAlready = async (house: House, ctx: Ctx, request: Request): Promise<Reply | undefined> => {
  if (request.interaction !== 'create' || request.ifNoneExist === undefined) return undefined
  checkQuery(request)
  checkConditions(request)
  const { type = '', ifNoneExist = '' } = request
  const condition = await readCondition(house, ctx, type, ifNoneExistQuery(ifNoneExist, type), 0)
  const matches = matchesOf(
    house,
    ctx,
    condition,
    await lookUp(house, house.store, condition),
    createPendingSet(),
  )
  const row = matches.length === 1 ? matches[0]?.row : undefined
  if (!row) return undefined
  const version = { type, id: row.fhir_id ?? row.id, version: row.version, lastUpdated: row.last_updated }
  return writtenReply(request, 200, version, () => row.content)
}

/** Undefined for a patch that lost every race: it is done once more behind a lock. */
const patience = async (running: Promise<Reply>): Promise<Reply | undefined> => {
  try {
    return await running
  } catch (error) {
    if (error instanceof Contended) return undefined
    throw error
  }
}

export const performOne = async (house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  checkTarget(request)
  checkPermitted(house, ctx, request)
  const isCheckedAfter = isRestricted(ctx) && isWriting({ index: 0, request })
  const isGuarded = request.interaction === 'delete' && house.store.references === 'enforced'
  if (!isGuarded && !isCheckedAfter && !isConditional(request)) {
    const running = runPipeline(house, ctx, request)
    const reply = await (request.interaction === 'patch' ? patience(running) : running)
    if (reply) return reply
  }
  const found = await foundAlready(house, ctx, request)
  if (found) return found
  const [reply] = await commitEntries(house, ctx, [entryOf(house, request)], alone)
  return reply!
}
