/** A page of matches and the links around it: http://hl7.org/fhir/R4/http.html#paging */
import { type Cursor, writeCursor, writePlaces } from './cursor.ts'
import type { Plan } from './plan.ts'

/** A match as the statement gives it. `last_updated` in ms since 1970; `fhir_id` null where the id is `id` itself. */
export type Row = {
  readonly type: number
  readonly id: string
  readonly fhir_id: string | null
  readonly version: number
  readonly last_updated: number
  readonly content: string
  /** Its value in the order: of the primary date in ms, or of all keys as JSON; for `date` and `values` only. */
  readonly place?: number | string | null
  /** From 0 to 1, in searches for words. */
  readonly score?: number
}

/** The same before large contents are fetched, which are null until then. */
export type FoundRow = Omit<Row, 'content'> & { readonly content: string | null }

/** Links are query strings without `?`. */
export type Page<R extends Row = Row> = {
  readonly rows: readonly R[]
  readonly self: string
  readonly first: string
  readonly next?: string
  readonly previous?: string
}

/** The page among the rows of the plan's statement, which brings one row more than the page when there are more. */
export const page = <R extends Row>(plan: Plan, rows: readonly R[]): Page<R> => {
  const backward = plan.cursor?.backward ?? false
  const hasMore = rows.length > plan.count
  const taken = hasMore ? rows.slice(0, plan.count) : rows
  const shown = backward ? [...taken].reverse() : taken
  const first = shown[0]
  const last = shown.at(-1)
  const hasNext = last !== undefined && (backward || hasMore)
  const hasPrevious = first !== undefined && (backward ? hasMore : plan.cursor !== undefined)
  return {
    rows: shown,
    self: plan.cursor ? link(plan, plan.cursor) : link(plan),
    first: link(plan),
    ...(hasNext ? { next: link(plan, cursorAt(plan, last, false)) } : {}),
    ...(hasPrevious ? { previous: link(plan, cursorAt(plan, first, true)) } : {}),
  }
}

const valueAt = (by: Cursor['by'], row: Row): string | number => {
  if (by === 'updated') return row.last_updated
  if (by === 'id') return row.fhir_id ?? row.id
  if (by === 'date') return String(row.place ?? '')
  return by === 'values' ? writePlaces(String(row.place)) : ''
}

const cursorAt = (plan: Plan, row: Row, backward: boolean): Cursor => {
  const { by } = plan.sort
  const value = valueAt(by, row)
  const place = { by, backward, value, key: row.id }
  return plan.across ? { ...place, type: row.type } : place
}

const link = (plan: Plan, cursor?: Cursor): string => {
  const pairs = cursor ? [...plan.used, ['_cursor', writeCursor(cursor)] as const] : plan.used
  return pairs.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
}

/** Percent-encoding that leaves what queries are full of (`|`, `,`, `:`, `/`) readable where RFC 3986 allows it. */
const encode = (text: string): string =>
  encodeURIComponent(text.toWellFormed()).replace(/%(?:3A|2C|2F|24)/g, decodeURIComponent)
