/** Types of resources that are not kept as the others are, and who answers for them. */
import type { Ctx } from '../access/ctx.ts'
import { unsupported } from '../base/problem.ts'
import { withDerived } from './deriver.ts'
import type { Bring } from './finder.ts'
import { checkPermitted } from './guard/permitted.ts'
import type { House } from './house.ts'
import { performOne } from './perform-one.ts'
import { checkTarget } from './pipeline.ts'
import { withDefinitions } from './posted/with-definitions.ts'
import type { Reply } from './reply.ts'
import type { Request } from './request.ts'
import { checkConditions } from './steps/known-conditions.ts'
import { checkQuery } from './steps/known-query.ts'
import { performWithProvenance } from './with-provenance.ts'

/**
 * What can be done with such a type, as the CapabilityStatement has it, and what is to be said of its searches. `along`
 * are the codes of parameters by which such resources come along with what they refer to.
 */
export type Kept = {
  readonly interactions: readonly string[]
  readonly along: readonly string[]
  readonly documentation: string
}

export type Keeper = Kept & {
  /** Performs any interaction with resources of its type but operations. Throws `Problem`. */
  perform(house: House, ctx: Ctx, request: Request): Promise<Reply>
  /** Which of its resources come along with others; see `Bring`. Throws `Problem`. */
  bring(house: House, ctx: Ctx, ...found: Parameters<Bring>): ReturnType<Bring>
}

const keeperOf = ({ keepers }: House, { type, interaction }: Request): Keeper | undefined =>
  type === undefined || interaction === 'operation' ? undefined : keepers?.get(type)

/** Performs one interaction, no batch or transaction. */
export const performSingle = (house: House, ctx: Ctx, request: Request): Promise<Reply> =>
  withDefinitions(house, ctx, [request], async (inside) => {
    const keeper = keeperOf(house, request)
    const { provenance } = request
    refuseAlong(house, request)
    if (keeper && provenance !== undefined)
      throw unsupported(`X-Provenance cannot be stored with ${request.type} resources.`, 'http.X-Provenance')
    if (provenance !== undefined) return performWithProvenance(inside, ctx, { ...request, provenance })
    if (!keeper) {
      refuseNamed(house, request)
      return withDerived(inside, ctx, request, () => performOne(inside, ctx, request))
    }
    checkTarget(request)
    checkPermitted(inside, ctx, request)
    checkConditions(request)
    if (request.interaction === 'create') checkQuery(request)
    return keeper.perform(inside, ctx, request)
  })

/** Whether a parameter of a search reaches for resources of the type where only stored ones are found. */
const names = (type: string, name: string, value: string): boolean =>
  (name === '_type' && value.split(',').includes(type)) ||
  name.includes(`_has:${type}:`) ||
  // A chain: `item:AuditEvent.action`.
  name.includes(`:${type}.`)

/** Throws 400: with what they refer to they come along by some parameters only. */
const refuseAlong = ({ keepers }: House, { query }: Request): void => {
  if (!keepers) return
  for (const [name, value] of query) {
    if (!name.startsWith('_revinclude')) continue
    const [type = '', code = ''] = value.split(':')
    const along = keepers.get(type)?.along
    if (along && code !== '*' && !along.includes(code))
      throw unsupported(
        `"_revinclude" brings ${type} resources by ${along.join(', ')}, and not by ${JSON.stringify(code)}.`,
        `http.${name}`,
      )
  }
}

/** Throws 400: searches and histories of other resources do not find them. */
const refuseNamed = ({ keepers }: House, { query }: Request): void => {
  if (!keepers || query.length === 0) return
  for (const type of keepers.keys())
    if (query.some(([name, value]) => names(type, name, value)))
      throw unsupported(`${type} resources are found at /${type} only, not together with others.`)
}

/** Throws 400: what a transaction does to them could not be taken back. */
export const refuseKept = (house: House, request: Request): void => {
  if (keeperOf(house, request))
    throw unsupported(
      `${request.type} resources cannot be part of a transaction; use a batch, or ask for them on their own.`,
    )
}
