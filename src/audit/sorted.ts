/** Pages of a search in an order that no index has: all matches are put in order in memory. */
import { type Plan, readPlaces, type SortKey } from '../search/index.ts'
import type { Asked } from './asked.ts'
import { inOrder, type Placed, placesOf } from './order.ts'
import type { Seen } from './seen.ts'
import type { Viewer } from './viewer.ts'
import { everything, tooMany, walk } from './walk.ts'

/** Events that are put in order at most. */
const mostSorted = 5000

/** The page of the plan and one more, each with its place in the order. */
export const sortedPage = async (
  viewer: Viewer,
  plan: Plan,
  asked: Asked,
  keys: readonly SortKey[],
): Promise<readonly { readonly seen: Seen; readonly place: string }[]> => {
  const all = await allMatches(viewer, plan, asked)
  const placed = await placesOf(viewer.log, viewer.ctx.tenant, keys, all)
  const byId = new Map(all.map((one) => [one.id, one]))
  const { cursor } = plan
  const order = inOrder(keys)
  const sorted = [...placed].sort(order)
  if (cursor?.backward) sorted.reverse()
  const start = cursor && { id: cursor.key, places: readPlaces(String(cursor.value)) ?? [] }
  const isBeyond = (one: Placed): boolean =>
    !start || (cursor.backward ? order(one, start) < 0 : order(one, start) > 0)
  return sorted
    .filter(isBeyond)
    .slice(0, plan.count + 1)
    .map(({ id, places }) => ({ seen: byId.get(id)!, place: JSON.stringify(places) }))
}

const allMatches = async (viewer: Viewer, plan: Plan, asked: Asked): Promise<readonly Seen[]> => {
  const all: Seen[] = []
  for await (const some of walk(viewer, plan.where, asked, everything)) {
    all.push(...some)
    if (all.length > mostSorted)
      throw tooMany(
        `More than ${mostSorted} events would have to be put in this order; sort by date, _lastUpdated or _id, or search for fewer.`,
      )
  }
  return all
}
