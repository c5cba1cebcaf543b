/** Conditions on words as SQL: the texts that have them, then the resources that have the texts. */
import type { Condition } from './algebra.ts'
import { parameterNumber } from './hash.ts'
import type { Values } from './statement.ts'

/** The texts that have the words, then the resources that have the texts. */
export const textsFilter = (
  { parameters, words }: Condition & { readonly kind: 'texts' },
  values: Values,
  options: { readonly lookUp: boolean },
): string => {
  // Words consist of letters, marks and digits: quotes keep them whole, nothing in them ends a quote.
  const query = words.map(({ text, isBeginning }) => `'${text}'${isBeginning ? ':*' : ''}`).join(' & ')
  const texts = `select t.token from search_text t where t.tenant = $1::int and t.words @@ ${values.add(query, 'tsquery')} and t.parameter = any(${values.add(parameters.map(parameterNumber), 'int[]')})`
  // Not as a join: what is looked for is hashed once.
  return options.lookUp
    ? `r.tokens && array(${texts})`
    : `exists (select from unnest(r.tokens) token where (token in (${texts})) is true)`
}
