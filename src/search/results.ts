/** Parameters that shape the result instead of selecting: http://hl7.org/fhir/R4/search.html#return */
import { type Issue, issue } from '../base/issue.ts'
import { type Cursor, readCursor } from './cursor.ts'
import { includeParameters } from './include.ts'
import type { Parameter, Plan } from './plan.ts'
import { shapeParameters } from './shape.ts'

/** Every parameter that shapes the result and is understood. */
export const resultParameters: readonly string[] = [
  '_count',
  '_sort',
  '_total',
  '_cursor',
  '_explain',
  '_contained',
  '_containedType',
  ...includeParameters,
  ...shapeParameters,
]

export type Results = {
  readonly count?: number
  /** As it was written: what can be sorted by depends on the type. */
  readonly sort?: string
  readonly total: Plan['total']
  readonly cursor?: Cursor
  readonly explain?: boolean
  readonly contained?: (typeof containments)[number]
  readonly containedType?: 'container' | 'contained'
}

const containments = ['true', 'false', 'both'] as const
const totals = ['none', 'estimate', 'accurate'] as const

type Found = Partial<Results> | Issue

const readers: Readonly<Record<string, (value: string) => Found>> = {
  _count: (value) =>
    /^\d{1,9}$/.test(value)
      ? { count: Number(value) }
      : issue('value', '"_count" needs a number, 0 or more.', 'http._count'),
  _sort: (value) => ({ sort: value }),
  _total: (value) => {
    const total = totals.find((t) => t === value)
    return total ? { total } : issue('value', `Use one of ${totals.join(', ')} for "_total".`, 'http._total')
  },
  _contained: (value) => {
    const contained = containments.find((one) => one === value)
    return contained
      ? { contained }
      : issue('value', 'Use true, false or both for "_contained".', 'http._contained')
  },
  _containedType: (value) =>
    value === 'container' || value === 'contained'
      ? { containedType: value }
      : issue('value', 'Use container or contained for "_containedType".', 'http._containedType'),
  _explain: (value) =>
    value === 'true' || value === 'false'
      ? { explain: value === 'true' }
      : issue('value', '"_explain" is either true or false.', 'http._explain'),
  _cursor: (value) => {
    const cursor = readCursor(value)
    return cursor ? { cursor } : badCursor()
  },
}

/** A page position that this server did not write, or wrote for another search. */
export const badCursor = (): Issue =>
  issue(
    'invalid',
    'The page position "_cursor" is not one that this server gave: start from the first page.',
    'http._cursor',
  )

/** What the result parameters ask for; other parameters are left alone. */
export const readResults = (
  query: readonly Parameter[],
): { readonly results: Results; readonly issues: readonly Issue[] } => {
  const issues: Issue[] = []
  let results: Results = { total: 'known' }
  for (const [name, value] of query) {
    const reader = readers[name]
    if (!reader) continue
    const found = reader(value)
    if ('severity' in found) issues.push(found)
    else results = { ...results, ...found }
  }
  return { results, issues }
}
