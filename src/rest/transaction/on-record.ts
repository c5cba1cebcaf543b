/** Puts on record what a transaction did: https://profiles.ihe.net/ITI/BALP/ */
import type { Ctx } from '../../access/ctx.ts'
import type { Happening } from '../../access/happening.ts'
import { happeningOf, recordParts } from '../audited.ts'
import type { House } from '../house.ts'
import type { Reply } from '../reply.ts'
import type { Request } from '../request.ts'

/** So many entries that are alike have an event each; of more, as an import has them, one event tells of up to `together`. */
const few = 20
const together = 50

/** Alike is what one person did in one way to resources of the same patients; undefined for what stands alone. */
const kindOf = ({ code, outcome, data = [], query, patients = [] }: Happening): string | undefined =>
  data.length === 1 && query === undefined ? `${code} ${outcome} ${patients.join(' ')}` : undefined

/** One for each, or with all that they touched in one for many. */
const united = (group: readonly Happening[]): readonly Happening[] => {
  if (group.length <= few) return group
  const data = group.flatMap((one) => one.data ?? [])
  return Array.from({ length: Math.ceil(data.length / together) }, (_, n) => ({
    ...group[0]!,
    data: data.slice(n * together, (n + 1) * together),
  }))
}

/** Records every entry of a transaction. Wait for it before anybody is told. */
export const recordEntries = async (
  house: House,
  ctx: Ctx,
  entries: readonly { readonly request: Request; readonly reply: Reply }[],
): Promise<void> => {
  if (!house.recording) return
  const happenings = await Promise.all(
    entries.map(({ request, reply }) => happeningOf(house, ctx, request, reply)),
  )
  const alike = Map.groupBy(happenings, (one) => kindOf(one) ?? one)
  await Promise.all(
    [...alike.values()].flatMap(united).map((happening) => recordParts(house, ctx, happening)),
  )
}
