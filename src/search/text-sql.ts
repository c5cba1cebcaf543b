/** Conditions on words as SQL: the texts that have them, then the resources that have the texts. */
import type { Condition } from './algebra.ts'
import { parameterNumber } from './hash.ts'
import type { Values } from './statement.ts'
import type { Add } from './value-sql.ts'

/** What a text `t` with the words meets. */
export const textsIn = ({ parameters, words }: Condition & { readonly kind: 'texts' }, add: Add): string => {
  // Words are letters, marks and digits, or what uriWord makes: quotes keep them whole, nothing in them ends a quote.
  const query = words.map(({ text, isBeginning }) => `'${text}'${isBeginning ? ':*' : ''}`).join(' & ')
  return `t.tenant = $1::int and t.words @@ ${add(query, 'tsquery')} and t.parameter = any(${add(parameters.map(parameterNumber), 'int[]')})`
}

/** Selects the tokens of the texts that have the words, which are looked for once. */
export const tokensOfTexts = (condition: Condition & { readonly kind: 'texts' }, values: Values): string => {
  const make = (): string => `select t.token from search_text t where ${textsIn(condition, values.add)}`
  return `select token from ${values.define(condition, make)}`
}

/** The texts that have the words, then the resources that have the texts. */
export const textsFilter = (
  condition: Condition & { readonly kind: 'texts' },
  values: Values,
  options: { readonly lookUp: boolean },
): string => {
  const texts = tokensOfTexts(condition, values)
  // Not as a join: what is looked for is hashed once.
  return options.lookUp
    ? `r.tokens && array(${texts})`
    : `exists (select from (select unnest(r.tokens) as token) k where (k.token in (${texts})) is true)`
}
