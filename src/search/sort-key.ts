/** What matches are ordered by: http://hl7.org/fhir/R4/search.html#sort */
import type { Near } from './algebra.ts'
import type { Combinations } from './composite-order.ts'
import type { Ask } from './score.ts'

/**
 * One key of an order. Of several values the one that comes first in the order counts; what has none comes last.
 * `json` keys are read from the current version's JSONB, as of tokens only hashes are indexed.
 */
export type SortKey =
  | { readonly kind: 'id'; readonly descending: boolean }
  | { readonly kind: 'updated'; readonly descending: boolean }
  | { readonly kind: 'date'; readonly descending: boolean }
  | {
      readonly kind: 'strings' | 'dates' | 'quantities'
      readonly parameters: readonly string[]
      readonly descending: boolean
    }
  | { readonly kind: 'json'; readonly paths: readonly string[]; readonly descending: boolean }
  /** How well a match fits the words that were asked for; the best come first. */
  | { readonly kind: 'score'; readonly asks: readonly Ask[]; readonly descending: boolean }
  /** Metres to the nearest of the positions that were asked for. */
  | { readonly kind: 'distance'; readonly circles: readonly Near[]; readonly descending: boolean }
  /** One component of a composite, which has as many keys as components. */
  | {
      readonly kind: 'component'
      readonly of: Combinations
      readonly part: number
      readonly descending: boolean
    }
  /** Of several types each has its own. */
  | {
      readonly kind: 'types'
      readonly of: readonly (readonly [string, SortKey])[]
      readonly descending: boolean
    }
  /** Resources of different types may have one id. */
  | { readonly kind: 'type'; readonly descending: boolean }

/** Whether the values of a key are texts and not numbers. */
export const isTextKey = (key: SortKey): boolean => {
  if (key.kind === 'types') return key.of.every(([, one]) => isTextKey(one))
  if (key.kind === 'component') return textKinds.has(key.of.kinds[key.part] ?? '')
  return key.kind === 'strings' || key.kind === 'json' || key.kind === 'id'
}

const textKinds: ReadonlySet<string> = new Set(['token', 'reference', 'string'])

/** The parameters whose rows a key is read from. */
export const parametersOf = (key: SortKey): readonly string[] => {
  if (key.kind === 'types') return key.of.flatMap(([, one]) => parametersOf(one))
  if (key.kind === 'component') return [key.of.parameter]
  return 'parameters' in key ? key.parameters : []
}
