/** Which of some resources a caller may touch, asked of the database. */
import type { Permission } from '../../access/scope.ts'
import { withinStatement } from '../../search/index.ts'
import type { Reader, ResourceKey } from '../../store/index.ts'
import type { Sight, Viewer } from './sight.ts'

/** Those of the keys that are there and within the reach of the permission, in one statement for each type. */
export const visibleKeys = async <K extends ResourceKey>(
  sight: Sight,
  { tenant }: Pick<Viewer, 'tenant'>,
  reader: Pick<Reader, 'select'>,
  keys: readonly K[],
  permission: Permission,
): Promise<ReadonlySet<K>> => {
  const seen = new Set<K>()
  for (const [type, ofType] of Map.groupBy(keys, (key) => key.type)) {
    const condition = sight.of(type, permission)
    if (!condition) {
      for (const key of ofType) seen.add(key)
      continue
    }
    if (sight.isNothing(type, permission)) continue
    const ids = ofType.map(({ id }) => id)
    const rows = await reader.select<{ id: string }>(withinStatement(tenant, type, ids, condition))
    const found = new Set(rows.map(({ id }) => id))
    for (const key of ofType) if (found.has(key.id)) seen.add(key)
  }
  return seen
}
