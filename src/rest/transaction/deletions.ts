/** The deletions of a transaction come first: http://hl7.org/fhir/R4/http.html#trules */
import type { Ctx } from '../../access/ctx.ts'
import { keyText, type StoreTransaction } from '../../store/index.ts'
import { reachable } from '../guard/written.ts'
import type { House } from '../house.ts'
import { forEachEntry, type Place } from './place.ts'
import { type ParsedEntry, refuseOverlap, type SettledEntry, settleDelete } from './settle.ts'
import { currentVersion, nextVersion, type Written } from './versions.ts'

/** Writes the deletions; what is not there has no `written`. */
export const deletions = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entries: readonly ParsedEntry[],
  place: Place,
): Promise<{ settled: SettledEntry[]; written: Written[] }> => {
  const settled: SettledEntry[] = []
  const written: Written[] = []
  const doomed = entries.filter(({ request }) => request.interaction === 'delete')
  if (doomed.length === 0) return { settled, written }
  await forEachEntry(doomed, place, async (entry) => {
    const target = await settleDelete(house, ctx, tx, entry)
    if (target) settled.push(target)
  })
  refuseOverlap(settled, place)
  const keys = settled.map(({ key }) => key)
  const priors = await reachable(house, ctx, tx, settled, await tx.lock(ctx.tenant, keys))
  await forEachEntry(settled, place, (entry) => {
    const { key } = entry
    const prior = priors.get(keyText(key))
    if (currentVersion(entry, prior) === undefined) return
    const write = { ...key, ...nextVersion(ctx, prior), method: 'DELETE', content: null } as const
    written.push({ entry, write, created: false, findings: [] })
  })
  await tx.write(
    ctx.tenant,
    written.map(({ write }) => write),
  )
  return { settled, written }
}
