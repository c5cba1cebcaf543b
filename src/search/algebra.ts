/** What a search asks of a resource's index rows: inert nodes that sql.ts and memory.ts read. http://hl7.org/fhir/R4/search.html */

/** What is written beside a resource so that searches find it. */
export type IndexRows = {
  /** Token texts as params/token.ts and params/reference.ts write them, each once. */
  readonly tokens: readonly string[]
}

/** Milliseconds since 1970: `from <= t < to`; an absent end is open. */
export type Interval = { readonly from?: number; readonly to?: number }

/**
 * How many resources a token is expected to select, the fewest first: `unique` an identifier, `few` a reference,
 * `many` a coded concept, `most` a status or flag. It decides which condition of a search the database looks up.
 */
export type Rank = 'unique' | 'few' | 'many' | 'most'

/** One condition. Alternatives stand in `any`; a search holds when all of its conditions hold. */
export type Condition =
  | { readonly kind: 'tokens'; readonly any: readonly string[]; readonly rank: Rank }
  | { readonly kind: 'ids'; readonly any: readonly string[] }
  | { readonly kind: 'updated'; readonly any: readonly Interval[] }

/** A condition that one of the tokens is among the resource's. */
export const anyToken = (any: readonly string[], rank: Rank): Condition =>
  Object.freeze({ kind: 'tokens', any: Object.freeze([...new Set(any)]), rank })

/** A condition that the logical id is one of these. */
export const anyId = (any: readonly string[]): Condition =>
  Object.freeze({ kind: 'ids', any: Object.freeze([...new Set(any)]) })

/** A condition that meta.lastUpdated is within one of the intervals. */
export const updatedWithin = (any: readonly Interval[]): Condition =>
  Object.freeze({ kind: 'updated', any: Object.freeze([...any]) })
