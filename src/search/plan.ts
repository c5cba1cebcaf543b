/** The meaning of a search, ready to be turned into SQL or answered in memory: http://hl7.org/fhir/R4/search.html */
import type { Condition } from './algebra.ts'
import type { Cursor } from './cursor.ts'

/** A decoded pair of the query string. */
export type Parameter = readonly [name: string, value: string]

/**
 * What orders the matches. `key` is the storage order, used when the client asks for none; `id` the logical id as
 * text; `updated` meta.lastUpdated, then the storage order.
 */
export type Sort = { readonly by: 'key' | 'id' | 'updated'; readonly descending: boolean }

/** What of each match is wanted: http://hl7.org/fhir/R4/search.html#summary */
export type Shape = {
  readonly summary: 'true' | 'text' | 'data' | 'count' | 'false'
  /** JSON members to keep beside the mandatory ones; absent when `_elements` was not given. */
  readonly elements?: readonly string[]
}

export type Plan = {
  readonly tenant: number
  readonly type: string
  /** All of them hold. */
  readonly where: readonly Condition[]
  readonly sort: Sort
  /** Size of a page; 0 asks for the total only. */
  readonly count: number
  readonly total: 'none' | 'estimate' | 'accurate'
  readonly shape: Shape
  /** Where the page starts; absent on the first. */
  readonly cursor?: Cursor
  /** The parameters that were understood, for the links; without `_cursor`. */
  readonly used: readonly Parameter[]
}
