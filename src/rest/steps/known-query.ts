/** Refuses query parameters that an interaction has no use for: nothing is ignored. */

import { issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import type { Request } from '../request.ts'
import type { Step } from '../step.ts'

/** What may stand in the query besides `_format` and `_pretty`, which the HTTP edge takes out. */
const known: Record<string, readonly string[]> = {
  read: ['_summary', '_elements'],
  vread: ['_summary', '_elements'],
  capabilities: ['mode'],
}

/** Throws 400 for parameters without meaning: only a search has a place to report, to a lenient client, what it left out. */
export const checkQuery = ({ interaction, query }: Request): void => {
  if (query.length === 0) return
  const names = known[interaction] ?? []
  const unknown = query.filter(([name]) => !names.includes(name))
  if (unknown.length === 0) return
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

export const knownQuery: Step = (_house, _ctx, turn) => {
  checkQuery(turn.request)
  return turn
}
