/** How well a match fits the words that were asked for: http://hl7.org/fhir/R4/search.html#score */
import type { Condition } from './algebra.ts'
import { hasWords, readTextToken } from './params/text.ts'

/** Words that were asked for. */
export type Ask = Condition & { readonly kind: 'texts' }

/*
 * Each condition on words counts by the best text that meets it: of k conditions and a text of n different words
 * 1 / (1 + ln (n / k)), and 1 where the text has no more words than were asked for. The score is the mean of all
 * conditions, those that are not met being 0. See CLARIFICATIONS 40.
 */

/** The conditions on words that matches are found by; what must not be there has no score. */
export const asksIn = (where: readonly Condition[]): readonly Ask[] =>
  where.flatMap((condition) => {
    if (condition.kind === 'texts') return isUri(condition) ? [] : [condition]
    return condition.kind === 'every' || condition.kind === 'some' ? asksIn(condition.of) : []
  })

/** URIs are in the table of texts, too: what lies below one fits or does not. */
const isUri = ({ words }: Ask): boolean => words.some(({ text }) => text.includes(':'))

/** The score of a resource by its tokens. */
export const scoreOf = (asks: readonly Ask[], tokens: readonly string[]): number => {
  const best = asks.map((ask) => {
    const all = tokens.flatMap((token) => {
      if (!hasWords(ask, [token])) return []
      const words = readTextToken(token)?.words.split(' ') ?? []
      return [1 / (1 + Math.log(Math.max(1, new Set(words).size / asks.length)))]
    })
    return Math.max(0, ...all)
  })
  return best.reduce((sum, one) => sum + one, 0) / asks.length
}
