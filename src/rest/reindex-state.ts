/** How far a rebuild of the index is, as the answer of $reindex and $reindex-status. */

import { instant } from '../base/instant.ts'
import type { BuildState } from '../store/index.ts'
import type { Unready } from './index-builds.ts'
import { resourceReply } from './operation.ts'
import type { Reply } from './reply.ts'

/**
 * `done` and `total` are resources. `rows` are index rows that were written, read back and found equal, by count and
 * checksum, to those that were made of the resources; `checksum` is the sum of what stands in them. `building` are
 * posted parameters that cannot be searched by yet.
 */
export const reindexReply = (state: BuildState | undefined, building: readonly Unready[] = []): Reply =>
  resourceReply({
    resourceType: 'Parameters',
    parameter: [...(state ? rebuilt(state) : []), ...building.map(first)],
  })

const rebuilt = (state: BuildState) => [
  { name: 'status', valueCode: state.finished_at === null ? 'in-progress' : 'completed' },
  { name: 'done', valueDecimal: state.done },
  { name: 'total', valueDecimal: state.total },
  { name: 'rows', valueDecimal: Number(state.rows) },
  { name: 'checksum', valueString: state.checksum },
  { name: 'started', valueInstant: instant(state.started_at) },
  ...(state.finished_at === null ? [] : [{ name: 'finished', valueInstant: instant(state.finished_at) }]),
]

const first = ({ parameter: { url, code }, build }: Unready) => ({
  name: 'building',
  part: [
    { name: 'parameter', valueUri: url },
    { name: 'code', valueCode: code },
    { name: 'done', valueDecimal: build?.done ?? 0 },
    ...(build ? [{ name: 'total', valueDecimal: build.total }] : []),
  ],
})
