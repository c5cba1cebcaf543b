/** The opaque position between two pages: http://hl7.org/fhir/R4/http.html#paging */
import type { Sort } from './plan.ts'

/**
 * The row after (or, `backward`, before) which a page lies. `value` is the row's place in the order: milliseconds for
 * `updated`, the logical id for `id`, nothing for `key`; `key` is the row's UUID.
 */
export type Cursor = {
  readonly by: Sort['by']
  readonly backward: boolean
  readonly value: number | string
  readonly key: string
  /** Number of the row's resource type, in a search of several types. */
  readonly type?: number
}

const letters = { key: 'k', id: 'i', updated: 'u' } as const
const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/
/** The end of the year 9999: later times are nobody's. */
const latest = 253_402_300_799_999
const form = /^([kiu])([fb])(?:(\d{1,5})\+)?([^~]*)~(.+)$/

/** The text of `_cursor`. */
export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(
    `${letters[cursor.by]}${cursor.backward ? 'b' : 'f'}${cursor.type === undefined ? '' : `${cursor.type}+`}${cursor.value}~${cursor.key}`,
  ).toString('base64url')

const readValue = (by: Sort['by'], text: string): number | string | undefined => {
  if (by === 'key') return text === '' ? '' : undefined
  if (by === 'id') return /^[A-Za-z0-9\-.]{1,64}$/.test(text) ? text : undefined
  return /^\d{1,15}$/.test(text) && Number(text) <= latest ? Number(text) : undefined
}

/** The position, or undefined for a text that `writeCursor` did not make. */
export const readCursor = (text: string): Cursor | undefined => {
  if (text.length > 200 || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const match = form.exec(Buffer.from(text, 'base64url').toString('latin1'))
  if (!match) return undefined
  const [, letter, direction, type, rest = '', key = ''] = match
  const by = letter === 'k' ? 'key' : letter === 'i' ? 'id' : 'updated'
  const value = readValue(by, rest)
  if (value === undefined || !uuid.test(key)) return undefined
  const place: Cursor = { by, backward: direction === 'b', value, key }
  const cursor: Cursor = type === undefined ? place : { ...place, type: Number(type) }
  return writeCursor(cursor) === text ? cursor : undefined
}
