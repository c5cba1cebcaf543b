/** The one door: whatever arrives goes through `perform`. */
import type { Ctx } from '../access/ctx.ts'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import { expandValueSet } from '../fhir/definitions/value-set.ts'
import { createMembershipTest, createTerminology } from '../terminology/index.ts'
import { audited } from './audited.ts'
import { type Claims, createCapabilities } from './capability-statement.ts'
import type { House } from './house.ts'
import { createReferrerTokens } from './integrity.ts'
import { performSingle } from './keeper.ts'
import { performLocated } from './located.ts'
import type { PostedDefinitions } from './posted/model.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { performBundle } from './transaction/bundle.ts'
import { createValidity, type ValiditySettings } from './validity.ts'

export type { Deriver } from './deriver.ts'
export type { Bring, Finder } from './finder.ts'
export { type Callers, createCallers, judgeBy } from './guard/callers.ts'
export { masker } from './guard/mask.ts'
export type { House, RestOptions } from './house.ts'
export { createRowsOf, refuseUnbuilt } from './index-builds.ts'
export { searchReply } from './interactions/search.ts'
export type { Keeper, Kept } from './keeper.ts'
export { createOpenApi } from './openapi/text.ts'
export { loadOperations } from './operations/index.ts'
export { fillContents } from './page-bytes.ts'
export { parseResource } from './parse-resource.ts'
export { runPipeline } from './pipeline.ts'
export { createPosted } from './posted/definitions.ts'
export type { PostedDefinitions } from './posted/model.ts'
export { watchDefinitions } from './posted/watch.ts'
export type { Reply } from './reply.ts'
export type { Interaction, PatchFormat, Request } from './request.ts'
export { explanationText, type Node, refuseCostly } from './search-cost.ts'

export { writtenReply } from './written.ts'

export type Rest = {
  /** Performs one interaction, batch and transaction included. Throws `Problem` for a refusal. */
  perform(ctx: Ctx, request: Request): Promise<Reply>
}

export { createCapabilities } from './capability-statement.ts'

/** The rooms below, and what only the CapabilityStatement says: version of this software, CORS. */
export type RestRooms = Omit<
  House,
  | 'referrerTokens'
  | 'capabilities'
  | 'claims'
  | 'canonicals'
  | 'posted'
  | 'validity'
  | 'terminology'
  | 'expand'
> &
  Pick<Claims, 'version' | 'cors' | 'authorization'> & {
    /** Without it only the structure of contents is judged. */
    readonly validation?: ValiditySettings
    readonly posted: PostedDefinitions
    /** Of packages. */
    readonly canonicals: Canonicals
  }

/** Makes the door from the rooms below. */
export const createRest = (rooms: RestRooms): Rest => {
  const claims: House['claims'] = (search) =>
    createCapabilities({ ...rooms, search, references: rooms.store.references })
  const canonicals: House['canonicals'] = (tenant) =>
    rooms.posted.loaded(tenant)?.canonicals ?? rooms.canonicals
  const { definitions, concepts, validation } = rooms
  const terminology = createTerminology(canonicals, concepts)
  const house: House = {
    ...rooms,
    validity:
      validation &&
      createValidity({
        definitions,
        canonicals,
        membership: (tenant, known) => createMembershipTest(known, concepts, tenant),
        settings: (tenant) => {
          const mode = rooms.tenants?.byNumber(tenant)?.settings.validation
          return mode === undefined ? validation : { ...validation, mode }
        },
      }),
    terminology,
    expand: async (ctx, valueSet) => {
      const found = await terminology.codes(ctx.tenant, valueSet)
      return typeof found === 'string' && definitions.valueSets.has(valueSet.replace(/\|[^|]*$/, ''))
        ? expandValueSet(definitions, valueSet)
        : found
    },
    referrerTokens: createReferrerTokens(rooms.definitions),
    capabilities: claims(rooms.search),
    claims,
    canonicals,
  }
  return {
    perform: (ctx, request) =>
      performLocated(request, () =>
        request.interaction === 'batch' || request.interaction === 'transaction'
          ? performBundle(house, ctx, request)
          : audited(house, ctx, request, () => performSingle(house, ctx, request)),
      ),
  }
}
