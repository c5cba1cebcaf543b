/** Events in an order that no index has: http://hl7.org/fhir/R4/search.html#sort */
import { isTextKey, type Plan, type SortKey, scoreOf } from '../search/index.ts'
import type { AuditLog } from '../store/index.ts'
import type { Seen } from './seen.ts'

/** Texts, numbers, and null where there is none, one for each key. */
export type Places = readonly (string | number | null)[]

export type Placed = { readonly id: string; readonly places: Places }

const kinds: ReadonlySet<string> = new Set([
  'id',
  'updated',
  'date',
  'strings',
  'dates',
  'quantities',
  'json',
  'score',
])

/** Whether events can be put in the order of the key. */
export const isSortable = ({ kind }: SortKey): boolean => kinds.has(kind)

const best = <T extends string | number>(values: readonly T[], descending: boolean): T | null =>
  values.reduce<T | null>(
    (one, value) => (one === null || compare(value, one) < 0 !== descending ? value : one),
    null,
  )

/** Texts in the order of their characters' numbers, as the database has them. */
const compare = (a: string | number, b: string | number): number => {
  if (typeof a === 'number' || typeof b === 'number') return Number(a) - Number(b)
  return Buffer.compare(Buffer.from(a), Buffer.from(b))
}

/** As much of a text as the links to other pages carry. */
const headOf = (text: string): string => (text.length > 200 ? [...text].slice(0, 200).join('') : text)

/** Of a key that the rows of an event tell; the database reads the others from the resource. */
const placeOf = (key: SortKey, { id, at, lastUpdated, rows }: Seen): string | number | null => {
  const { descending } = key
  if (key.kind === 'id') return id
  if (key.kind === 'updated') return lastUpdated
  if (key.kind === 'date') return rows.date?.low ?? at
  if (key.kind === 'score') return scoreOf(key.asks, rows.tokens)
  if (!('parameters' in key)) return null
  const isOne = ({ parameter }: { readonly parameter: string }): boolean => key.parameters.includes(parameter)
  if (key.kind === 'strings')
    return best(
      rows.strings.filter(isOne).map(({ folded }) => headOf(folded)),
      descending,
    )
  const numbers =
    key.kind === 'dates'
      ? rows.dates.filter(isOne).map(({ low }) => low)
      : rows.quantities.filter(isOne).map(({ low, canonical }) => canonical?.low ?? low)
  return best(numbers, descending)
}

/** The places of the events in the order of the plan. */
export const placesOf = async (
  log: AuditLog,
  tenant: number,
  keys: readonly SortKey[],
  events: readonly Seen[],
): Promise<readonly Placed[]> => {
  const columns = await Promise.all(
    keys.map((key) =>
      key.kind === 'json'
        ? log.values(
            tenant,
            key.paths,
            events.map(({ resource }) => JSON.stringify(resource)),
            key.descending ? 'max' : 'min',
          )
        : events.map((event) => placeOf(key, event)),
    ),
  )
  return events.map(({ id }, n) => ({ id, places: columns.map((column) => column[n] ?? null) }))
}

/** Which comes first: what has no value comes last, ties go by the id. */
export const inOrder =
  (keys: readonly SortKey[]) =>
  (a: Placed, b: Placed): number => {
    for (const [n, key] of keys.entries()) {
      const [one, other] = [a.places[n] ?? null, b.places[n] ?? null]
      if (one === other) continue
      if (one === null) return 1
      if (other === null) return -1
      const order = isTextKey(key) ? compare(String(one), String(other)) : Number(one) - Number(other)
      if (order !== 0) return key.descending ? -order : order
    }
    return compare(a.id, b.id)
  }

/** What orders events that no index has in order; undefined where one has. */
export const keysIn = ({ sort }: Plan): readonly SortKey[] | undefined =>
  sort.by === 'values' ? sort.keys : undefined
