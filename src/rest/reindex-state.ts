/** How far a rebuild of the index is, as the answer of $reindex and $reindex-status. */

import { instant } from '../base/instant.ts'
import type { BuildState } from '../store/index.ts'
import { resourceReply } from './operation.ts'
import type { Reply } from './reply.ts'

/**
 * `done` and `total` are resources. `rows` are index rows that were written, read back and found equal, by count and
 * checksum, to those that were made of the resources; `checksum` is the sum of what stands in them.
 */
export const reindexReply = (state: BuildState): Reply =>
  resourceReply({
    resourceType: 'Parameters',
    parameter: [
      { name: 'status', valueCode: state.finished_at === null ? 'in-progress' : 'completed' },
      { name: 'done', valueDecimal: state.done },
      { name: 'total', valueDecimal: state.total },
      { name: 'rows', valueDecimal: Number(state.rows) },
      { name: 'checksum', valueString: state.checksum },
      { name: 'started', valueInstant: instant(state.started_at) },
      ...(state.finished_at === null ? [] : [{ name: 'finished', valueInstant: instant(state.finished_at) }]),
    ],
  })
