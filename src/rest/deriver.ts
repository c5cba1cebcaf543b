/** Resources that are not stored, but follow from what is known: shown beside the stored ones of their type. */
import type { Ctx } from '../access/ctx.ts'
import { Problem } from '../base/problem.ts'
import type { House } from './house.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'

/** The house is the one that the caller may see. */
export type Deriver = {
  /** The answer to a search, with what is derived added to it. */
  found(house: House, ctx: Ctx, request: Request, reply: Reply): Promise<Reply>
  /** The answer to the read of what is not stored; undefined when it is not derived either. */
  missing(house: House, ctx: Ctx, request: Request): Promise<Reply | undefined>
}

/** Performs a read or a search of a type, and lets the type's deriver add to it. */
export const withDerived = (
  house: House,
  ctx: Ctx,
  request: Request,
  perform: () => Promise<Reply>,
): Promise<Reply> => {
  const deriver = request.type === undefined ? undefined : house.derivers?.get(request.type)
  return deriver && !request.compartment ? deriving(deriver, house, ctx, request, perform) : perform()
}

const deriving = async (
  deriver: Deriver,
  house: House,
  ctx: Ctx,
  request: Request,
  perform: () => Promise<Reply>,
): Promise<Reply> => {
  if (request.interaction === 'search-type') return deriver.found(house, ctx, request, await perform())
  if (request.interaction !== 'read') return perform()
  try {
    return await perform()
  } catch (error) {
    if (!(error instanceof Problem) || error.status !== 404) throw error
    const derived = await deriver.missing(house, ctx, request)
    if (!derived) throw error
    return derived
  }
}
