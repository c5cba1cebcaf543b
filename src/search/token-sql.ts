/** Conditions on tokens as SQL. */
import type { Condition } from './algebra.ts'
import { hashToken } from './hash.ts'
import type { Values } from './statement.ts'

/** Up to so many tokens are compared one by one; more, such as a value set's, are hashed once for all rows: 70 times faster with 3,000. */
const fewTokens = 16

/** One of the tokens is among the resource's. As a filter it is written so that the index cannot serve it. */
export const tokensFilter = (
  condition: Condition & { readonly kind: 'tokens' },
  tenant: number,
  values: Values,
  options: { readonly lookUp: boolean },
): string => {
  const hashes = condition.any.map((token) => hashToken(tenant, token))
  const [only] = hashes
  if (hashes.length === 0 || only === undefined) return 'false'
  if (hashes.length > 1) {
    const any = values.add(hashes, 'bigint[]')
    if (options.lookUp) return `r.tokens && ${any}`
    if (hashes.length <= fewTokens) return `(r.tokens || '{}'::bigint[]) && ${any}`
    return `exists (select from unnest(r.tokens) token where (token in (select unnest(${any}))) is true)`
  }
  const one = values.add(only, 'bigint')
  return options.lookUp ? `r.tokens @> array[${one}]` : `${one} = any(r.tokens)`
}
