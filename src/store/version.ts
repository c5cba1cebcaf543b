/** One version of a resource as storage gives it. */

/** How a version came about, as the history's `request.method` tells it. */
export type Method = 'POST' | 'PUT' | 'PATCH' | 'DELETE'

/** What the column `method` holds. */
export const methodCode: Record<Method, string> = { POST: 'C', PUT: 'U', PATCH: 'P', DELETE: 'D' }
const methodOf: Record<string, Method> = { C: 'POST', U: 'PUT', P: 'PATCH', D: 'DELETE' }

/** `content` is the exact text, null for a deletion. `lastUpdated` in milliseconds since 1970. */
export type Version = {
  readonly type: string
  readonly id: string
  readonly version: number
  readonly lastUpdated: number
  readonly method: Method
  readonly content: string | null
}

/** Columns as they come out of the database. */
export type VersionRow = {
  readonly type: number
  readonly id: string
  readonly fhir_id: string | null
  readonly version: number
  readonly last_updated: number
  readonly method: string
  readonly content: string | null
}

/** `revived` tells that the version before was a deletion. */
export type HistoryRow = VersionRow & { readonly revived: boolean; readonly tx: string }

/** `typeName` gives the name for the number. */
export const toVersion = (row: VersionRow, type: string): Version => ({
  type,
  id: row.fhir_id ?? row.id,
  version: row.version,
  lastUpdated: row.last_updated,
  method: methodOf[row.method] ?? 'PUT',
  content: row.content,
})
