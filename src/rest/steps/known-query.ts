/** Refuses query parameters that an interaction has no use for: nothing is ignored. */

import { issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import type { Step } from '../step.ts'

/** What may stand in the query besides `_format` and `_pretty`, which the HTTP edge takes out. */
const known: Record<string, readonly string[]> = {
  read: ['_summary', '_elements'],
  vread: ['_summary', '_elements'],
  capabilities: ['mode'],
}

export const knownQuery: Step = (_house, _ctx, turn) => {
  const { interaction, query, lenient } = turn.request
  if (query.length === 0 || lenient) return turn
  const names = known[interaction] ?? []
  const unknown = query.filter(([name]) => !names.includes(name))
  if (unknown.length === 0) return turn
  const help = names.length === 0 ? 'It takes none.' : `It takes ${names.join(' and ')}.`
  throw new Problem(
    400,
    unknown.map(([name]) =>
      issue(
        'not-supported',
        `The parameter ${JSON.stringify(name)} has no meaning for ${interaction}. ${help}`,
        `http.${name}`,
      ),
    ),
  )
}
