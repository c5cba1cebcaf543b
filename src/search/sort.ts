/** `_sort`: what orders the matches. http://hl7.org/fhir/R4/search.html#sort */
import { type Issue, issue } from '../base/issue.ts'
import { rowsOf } from './composite-walk.ts'
import type { Extractor, Indexed } from './extract.ts'
import { jsonPaths } from './json-path.ts'
import type { Sort } from './plan.ts'

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

const kinds = {
  string: 'strings',
  uri: 'strings',
  date: 'dates',
  number: 'quantities',
  quantity: 'quantities',
} as const

const isSideType = (type: string): type is keyof typeof kinds => Object.hasOwn(kinds, type)

const keyOf = (
  extractor: Extractor,
  type: string,
  indexed: Indexed,
  descending: boolean,
): SortKey | undefined => {
  const { definition, parameter, primary } = indexed
  if (primary) return { kind: 'date', descending }
  if (isSideType(definition.type) && !(definition.type === 'uri' && definition.code.startsWith('_')))
    return { kind: kinds[definition.type], parameters: rowsOf(parameter), descending }
  const paths = jsonPaths(extractor.definitions, type, definition)
  return paths.length === 0 ? undefined : { kind: 'json', paths, descending }
}

const unusable = (extractor: Extractor, types: readonly string[], code: string): Issue => {
  const [type = ''] = types
  const known = ['_id', '_lastUpdated', ...(types.length > 1 ? [] : extractor.indexed(type).keys())].sort()
  return issue(
    'not-supported',
    `This server cannot sort ${types.length > 1 ? 'several types at once' : type} by "${code.slice(0, 64)}". It can by: ${known.join(', ')}, each with "-" before it for descending order.`,
    'http._sort',
  )
}

/** More keys than these nobody wants. */
const mostKeys = 10

/** The order that the text asks for. */
export const readSort = (
  extractor: Extractor,
  types: readonly string[],
  text: string,
): { readonly sort: Sort } | { readonly issue: Issue } => {
  const keys: SortKey[] = []
  const parts = text.split(',')
  if (parts.length > mostKeys)
    return { issue: issue('too-costly', `"_sort" takes at most ${mostKeys} parameters.`, 'http._sort') }
  for (const part of parts) {
    const descending = part.startsWith('-')
    const code = descending ? part.slice(1) : part
    const [type = ''] = types
    const indexed = types.length > 1 ? undefined : extractor.indexed(type).get(code)
    const key: SortKey | undefined =
      code === '_id'
        ? { kind: 'id', descending }
        : code === '_lastUpdated'
          ? { kind: 'updated', descending }
          : indexed && keyOf(extractor, type, indexed, descending)
    if (!key || (types.length > 1 && parts.length > 1)) return { issue: unusable(extractor, types, code) }
    keys.push(key)
  }
  const [first] = keys
  const isSimple =
    keys.length === 1 && (first?.kind === 'id' || first?.kind === 'updated' || first?.kind === 'date')
  if (first && isSimple) return { sort: { by: first.kind, descending: first.descending } }
  return { sort: { by: 'values', descending: false, keys } }
}

/** Whether the value of a cursor has the form that the keys give. */
export const fitsKeys = (keys: readonly SortKey[], values: readonly unknown[]): boolean =>
  keys.length === values.length &&
  keys.every(({ kind }, n) => {
    const value = values[n]
    if (value === null) return true
    const isText = kind === 'strings' || kind === 'json' || kind === 'id'
    return isText ? typeof value === 'string' : typeof value === 'number' || isInfinite(value)
  })

/** JSON has no infinite numbers; Postgres writes them as texts. */
const isInfinite = (value: unknown): boolean => value === 'Infinity' || value === '-Infinity'
