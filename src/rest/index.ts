/** The one door: whatever arrives goes through `perform`. */
import type { Ctx } from '../access/ctx.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

export type { Reply } from './reply.ts'
export type { Interaction, PatchFormat, Request } from './request.ts'

export type Rest = {
  /** Performs one interaction, batch and transaction included. Throws `Problem` for a refusal. */
  perform(ctx: Ctx, request: Request): Promise<Reply>
}
