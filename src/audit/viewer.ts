/** Who looks at the log, and what of it is theirs. */
import type { Ctx } from '../access/ctx.ts'
import type { House } from '../rest/index.ts'
import type { AuditLog } from '../store/index.ts'
import { type Sighted, sighted } from './seen.ts'
import type { Keys } from './shown.ts'

/** `reach`: lists of keys, of each of which an event must have one. */
export type Viewer = Sighted & {
  readonly log: AuditLog
  readonly house: House
  readonly ctx: Ctx
  readonly reach: Keys
}

export const viewerOf = (log: AuditLog, house: House, ctx: Ctx, reach: Keys): Viewer => ({
  log,
  house,
  ctx,
  reach,
  ...sighted(house, ctx, reach),
})
