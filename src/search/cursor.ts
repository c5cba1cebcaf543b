/** The opaque position between two pages: http://hl7.org/fhir/R4/http.html#paging */
import { isUuid } from '../base/id.ts'
import type { Sort } from './plan.ts'

/**
 * The row after (or, `backward`, before) which a page lies. `value` is the row's place in the order: milliseconds for
 * `updated` and `date`
 * (nothing for a row without date), the logical id for `id`, nothing for `key`, what `writePlaces` makes for `values`; `key` is the row's UUID.
 */
export type Cursor = {
  readonly by: Sort['by']
  readonly backward: boolean
  readonly value: number | string
  readonly key: string
  /** Number of the row's resource type, in a search of several types. */
  readonly type?: number
}

const letters = { key: 'k', id: 'i', updated: 'u', date: 'd', values: 'v' } as const
const orders: ReadonlyMap<string, Sort['by']> = new Map(
  Object.entries(letters).map(([by, letter]) => [letter, by as Sort['by']]),
)
/** The end of the year 9999: later times are nobody's. */
const latest = 253_402_300_799_999
const form = /^([kiudv])([fb])(?:(\d{1,5})\+)?([^~]*)~(.+)$/

/** Ten keys of two hundred characters each, encoded twice. */
const longest = 20_000

/** The values of the keys of a row, as a text for `value`. */
export const writePlaces = (json: string): string => Buffer.from(json).toString('base64url')

/** The values of the keys: texts, numbers, and null where there is none. */
export const readPlaces = (text: string): readonly (string | number | null)[] | undefined => {
  try {
    const places: unknown = JSON.parse(Buffer.from(text, 'base64url').toString())
    const isPlace = (one: unknown): boolean =>
      one === null || typeof one === 'string' || typeof one === 'number'
    return Array.isArray(places) && places.every(isPlace) ? places : undefined
  } catch {
    return undefined
  }
}

/** The text of `_cursor`. */
export const writeCursor = (cursor: Cursor): string =>
  Buffer.from(
    `${letters[cursor.by]}${cursor.backward ? 'b' : 'f'}${cursor.type === undefined ? '' : `${cursor.type}+`}${cursor.value}~${cursor.key}`,
  ).toString('base64url')

const readValue = (by: Sort['by'], text: string): number | string | undefined => {
  if (by === 'key') return text === '' ? '' : undefined
  if (by === 'values') return readPlaces(text) ? text : undefined
  if (by === 'date' && text === '') return text
  if (by === 'date') return /^-?\d{1,15}$/.test(text) && Math.abs(Number(text)) <= latest ? text : undefined
  if (by === 'id') return /^[A-Za-z0-9\-.]{1,64}$/.test(text) ? text : undefined
  return /^\d{1,15}$/.test(text) && Number(text) <= latest ? Number(text) : undefined
}

/** The position, or undefined for a text that `writeCursor` did not make. */
export const readCursor = (text: string): Cursor | undefined => {
  if (text.length > longest || !/^[A-Za-z0-9_-]+$/.test(text)) return undefined
  const match = form.exec(Buffer.from(text, 'base64url').toString('latin1'))
  if (!match) return undefined
  const [, letter, direction, type, rest = '', key = ''] = match
  const by = orders.get(letter ?? '') ?? 'key'
  const value = readValue(by, rest)
  if (value === undefined || !isUuid(key)) return undefined
  const place: Cursor = { by, backward: direction === 'b', value, key }
  const cursor: Cursor = type === undefined ? place : { ...place, type: Number(type) }
  return writeCursor(cursor) === text ? cursor : undefined
}
