/** $reindex-status: how far the rebuild that $reindex asked for is, and the first build of posted parameters. */
import { notFound } from '../../base/problem.ts'
import { unreadyParameters } from '../index-builds.ts'
import { defineOperation } from '../operation.ts'
import { reindexReply } from '../reindex-state.ts'

export const reindexStatus = defineOperation({
  code: 'reindex-status',
  url: 'https://lamplight.dev/fhir/OperationDefinition/reindex-status',
  on: ['system', 'type'],
  types: ['Resource'],
  affectsState: false,
  tellsOfAll: true,
  input: {},
  run: async (house, ctx, { type }) => {
    const state = await house.store.builds.reindexState(ctx.tenant, type)
    const unready = await unreadyParameters(house, ctx.tenant)
    const building = unready.filter(({ parameter: { base } }) => type === undefined || base.includes(type))
    if (!state && building.length === 0)
      throw notFound('Nobody has asked for a rebuild of this; POST $reindex to start one.')
    return reindexReply(state, building)
  },
})
