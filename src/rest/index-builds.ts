/** Index rows of what was stored before: how they are made, and that searches are refused until they are there. */
import { unavailable } from '../base/problem.ts'
import { readJson } from '../fhir/json/read.ts'
import { hashToken, type Plan, type Search, storedRows } from '../search/index.ts'
import { keyText, type ResourceKey, type RowsOf } from '../store/index.ts'
import type { House } from './house.ts'
import { tokensOf } from './integrity.ts'
import { localReference, referencesIn } from './references.ts'

/** Makes the rows from the text of a stored resource; `base` is the server's URL where it is known. */
export const createRowsOf =
  (search: Search, base: string, depth: number): RowsOf =>
  (tenant, type, content) => {
    const json = readJson(content, { depth })
    const rows = search.extract(type, json.value, base)
    const references = new Map<string, ResourceKey>()
    for (const reference of referencesIn(json.text)) {
      const key = localReference(reference, base)
      if (key) references.set(keyText(key), key)
    }
    return {
      tokens: tokensOf(rows, [...references.values()]).map((token) => hashToken(tenant, token)),
      rows: storedRows(tenant, rows),
    }
  }

/** What every version wrote in the same way. */
const isOld = (condition: Plan['where'][number]): boolean =>
  condition.kind === 'ids' ||
  condition.kind === 'updated' ||
  (condition.kind === 'tokens' && condition.any.every((token) => /^\w+\.identifier\|/.test(token)))

const needsRows = ({ where, sort }: Plan): boolean =>
  !where.every(isOld) || sort.by === 'date' || sort.by === 'values'

/** Refuses (503) a search that would be answered from rows which are not all built. */
export const refuseUnbuilt = async (house: House, plan: Plan): Promise<void> => {
  if (!needsRows(plan)) return
  const progress = await house.store.building()
  if (!progress) return
  const { done, total } = progress
  const share = total > 0 ? Math.min(99, Math.floor((100 * done) / total)) : 0
  throw unavailable(
    `The index of what was stored by an earlier version is being built: ${share} % (${done} of about ${total} resources). Until then only reads and searches by _id, _lastUpdated and identifier are answered.`,
    10,
  )
}
