/** The one door: whatever arrives goes through `perform`. */
import type { Ctx } from '../access/ctx.ts'
import { type Claims, createCapabilities } from './capability-statement.ts'
import type { House } from './house.ts'
import { createReferrerTokens } from './integrity.ts'
import { performOne } from './perform-one.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { performBundle } from './transaction/bundle.ts'

export type { House, RestOptions } from './house.ts'
export { createRowsOf } from './index-builds.ts'
export { loadOperations } from './operations/index.ts'
export type { Reply } from './reply.ts'
export type { Interaction, PatchFormat, Request } from './request.ts'

export type Rest = {
  /** Performs one interaction, batch and transaction included. Throws `Problem` for a refusal. */
  perform(ctx: Ctx, request: Request): Promise<Reply>
}

export { createCapabilities } from './capability-statement.ts'

/** The rooms below, and what only the CapabilityStatement says: version of this software, CORS. */
export type RestRooms = Omit<House, 'referrerTokens' | 'capabilities'> & Pick<Claims, 'version' | 'cors'>

/** Makes the door from the rooms below. */
export const createRest = (rooms: RestRooms): Rest => {
  const house: House = {
    ...rooms,
    referrerTokens: createReferrerTokens(rooms.definitions),
    capabilities: createCapabilities({ ...rooms, references: rooms.store.references }),
  }
  return {
    perform: (ctx, request) =>
      request.interaction === 'batch' || request.interaction === 'transaction'
        ? performBundle(house, ctx, request)
        : performOne(house, ctx, request),
  }
}
