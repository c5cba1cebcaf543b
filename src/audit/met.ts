/** Which events meet conditions: the rows of the log as they are shown, read by the interpreter of searches. */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { matches, type RowCondition } from '../search/index.ts'
import type { AuditEntry } from '../store/index.ts'
import type { Links } from './links.ts'
import type { Seen } from './seen.ts'
import type { Viewer } from './viewer.ts'

/** Events that are read before others get a turn. */
export const turn = 200

/** Those that meet all conditions, as they are shown; of the `sure` ones that is known. */
export const met = async (
  { see }: Viewer,
  entries: readonly (AuditEntry & { readonly sure?: boolean })[],
  where: readonly RowCondition[],
  { learn, follow }: Links,
): Promise<readonly Seen[]> => {
  const found: Seen[] = []
  for (let from = 0; from < entries.length; from += turn) {
    if (from > 0) await nextTurn()
    const some = entries
      .slice(from, from + turn)
      .map((entry) => ({ seen: see(entry), sure: entry.sure === true }))
    await learn(some.flatMap(({ seen, sure }) => (sure ? [] : [seen])))
    for (const { seen, sure } of some) if (sure || matches(where, { ...seen, follow })) found.push(seen)
  }
  return found
}
