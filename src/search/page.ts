/** A page of matches and the links around it: http://hl7.org/fhir/R4/http.html#paging */

/** A match as the statement gives it. `last_updated` in ms since 1970; `fhir_id` null where the id is `id` itself. */
export type Row = {
  readonly type: number
  readonly id: string
  readonly fhir_id: string | null
  readonly version: number
  readonly last_updated: number
  readonly content: string
}

/** Links are query strings without `?`. */
export type Page = {
  readonly rows: readonly Row[]
  readonly self: string
  readonly first: string
  readonly next?: string
  readonly previous?: string
}
