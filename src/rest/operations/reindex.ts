/** $reindex: builds the index rows of what is stored anew, in the background, or at once for one resource. */
import type { Ctx } from '../../access/ctx.ts'
import { notFound } from '../../base/problem.ts'
import type { House } from '../house.ts'
import { makerOf } from '../index-builds.ts'
import { defineOperation, type OperationCall } from '../operation.ts'
import { reindexReply } from '../reindex-state.ts'
import type { Reply } from '../reply.ts'

export const reindex = defineOperation({
  code: 'reindex',
  url: 'https://lamplight.dev/fhir/OperationDefinition/reindex',
  on: ['system', 'type', 'instance'],
  types: ['Resource'],
  affectsState: true,
  input: {},
  run: (house, ctx, call) => (call.id === undefined ? start(house, ctx, call) : one(house, ctx, call)),
})

/** One that is under way goes on, and the answer says how far it is. */
const start = async (house: House, ctx: Ctx, { type }: OperationCall): Promise<Reply> => {
  const { builds } = house.store
  await builds.reindex(ctx.tenant, type, ctx.base)
  const state = await builds.reindexState(ctx.tenant, type)
  if (!state) throw new Error('the rebuild that was asked for is not there')
  return { ...reindexReply(state), status: 202 }
}

const one = async (house: House, ctx: Ctx, { type = '', id = '' }: OperationCall): Promise<Reply> => {
  const { known } = await house.posted.of(ctx.tenant)
  const key = { type, id }
  const sums = await house.store.builds.reindexOne(ctx.tenant, key, makerOf(house, ctx, known))
  if (!sums) throw notFound(`${type}/${id} is not there; only what is stored now has index rows.`)
  return reindexReply({
    name: '',
    kind: 'reindex',
    edition: null,
    done: 1,
    total: 1,
    rows: String(sums.count),
    checksum: String(sums.checksum),
    started_at: ctx.at,
    finished_at: ctx.at,
  })
}
