/** The score of a row, see score.ts. */
import type { Ask } from './score.ts'
import { textsIn } from './text-sql.ts'
import type { Add } from './value-sql.ts'

const tokens =
  '(select x.tokens from resource x where x.tenant = $1::int and x.type = r.type and x.id = r.id)::bigint[]'

/**
 * As float8, of the row `r`; its texts are found by its tokens. `found` selects the tokens of the texts that have the
 * words, where the statement knows them: most tokens are not of texts, and need not be looked up then.
 */
export const scoreText = (asks: readonly Ask[], add: Add, found?: (ask: Ask) => string): string => {
  const parts = asks.map((ask) => {
    const score = `max(1 / (1 + ln(greatest(1, length(t.words) / ${asks.length}::float8))))`
    const text = textsIn(ask, add)
    const from = found
      ? `(select k.token from (select unnest(${tokens}) as token) k where (k.token in (${found(ask)})) is true offset 0) k cross join lateral (select t.words from search_text t where ${text} and t.token = k.token offset 0) t`
      : `search_text t where ${text} and t.token = any(${tokens})`
    return `coalesce((select ${score} from ${from}), 0)`
  })
  return `((${parts.join(' + ')}) / ${asks.length}::float8)`
}
