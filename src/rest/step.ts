/** One rule of the pipeline. */
import type { Ctx } from '../access/ctx.ts'
import type { House } from './house.ts'
import type { Turn } from './turn.ts'

/** Adds to the turn what the step finds out; throws a `Problem` to refuse. */
export type Step = (house: House, ctx: Ctx, turn: Turn) => Turn | Promise<Turn>
