/** The score of a row, see score.ts. */
import type { Ask } from './score.ts'
import { textsIn } from './text-sql.ts'
import type { Add } from './value-sql.ts'

/** As float8, of the row `r`; its texts are found by its tokens. */
export const scoreText = (asks: readonly Ask[], add: Add): string => {
  const tokens =
    '(select x.tokens from resource x where x.tenant = $1::int and x.type = r.type and x.id = r.id)::bigint[]'
  const parts = asks.map(
    (ask) =>
      `coalesce((select max(1 / (1 + ln(greatest(1, length(t.words) / ${asks.length}::float8)))) from search_text t where ${textsIn(ask, add)} and t.token = any(${tokens})), 0)`,
  )
  return `((${parts.join(' + ')}) / ${asks.length}::float8)`
}
