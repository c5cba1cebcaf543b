/** What the server itself does, in nobody's name: without restrictions, and in no trace. */
import { unrestricted } from './access/access.ts'
import type { Ctx } from './access/ctx.ts'
import { internal } from './access/principal.ts'

/** Of now. `given` is what depends on the occasion. */
export const ownCtx = (given: Pick<Ctx, 'tenant' | 'log' | 'signal' | 'base'>): Ctx => ({
  ...given,
  at: Date.now(),
  who: internal,
  access: unrestricted,
  trace: '0'.repeat(32),
})
