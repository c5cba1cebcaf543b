/** `_sort`: what orders the matches. http://hl7.org/fhir/R4/search.html#sort */
import { type Issue, issue } from '../base/issue.ts'
import { rowsOf } from './composite-walk.ts'
import type { Extractor, Indexed } from './extract.ts'
import { jsonPaths } from './json-path.ts'
import type { Sort } from './plan.ts'
import type { Ask } from './score.ts'

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
  /** How well a match fits the words that were asked for; the best come first. */
  | { readonly kind: 'score'; readonly asks: readonly Ask[]; readonly descending: boolean }
  /** Of several types each has its own. */
  | {
      readonly kind: 'types'
      readonly of: readonly (readonly [string, SortKey])[]
      readonly descending: boolean
    }
  /** Resources of different types may have one id. */
  | { readonly kind: 'type'; readonly descending: boolean }

/** Whether the values of a key are texts and not numbers. */
export const isTextKey = (key: SortKey): boolean => {
  if (key.kind === 'types') return key.of.every(([, one]) => isTextKey(one))
  return key.kind === 'strings' || key.kind === 'json' || key.kind === 'id'
}

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
  const [first = ''] = types
  if (code === '')
    return issue(
      'value',
      '"_sort" has an empty value: name what to sort by, such as _lastUpdated.',
      'http._sort',
    )
  const common = [...extractor.indexed(first).keys()].filter((one) =>
    parameterKey(extractor, types, one, false),
  )
  const known = ['_id', '_lastUpdated', '_score', ...common].sort()
  return issue(
    'not-supported',
    `This server cannot sort ${types.length > 1 ? `${types.slice(0, 5).join(', ')}${types.length > 5 ? ' …' : ''}` : first} by "${code.slice(0, 64)}". It can by: ${known.join(', ')}, each with "-" before it for descending order.`,
    'http._sort',
  )
}

/** The key of several types: side tables tell the types apart by their parameters. */
const acrossTypes = (all: readonly (readonly [string, SortKey])[]): SortKey | undefined => {
  const keys = all.map(([, key]) => key)
  const [first] = keys
  if (!first || new Set(keys.map(isTextKey)).size > 1) return undefined
  const { kind, descending } = first
  if (keys.every((key) => key.kind === 'date')) return first
  const parameters = keys.flatMap((key) => ('parameters' in key && key.kind === kind ? [key.parameters] : []))
  if ('parameters' in first && parameters.length === keys.length)
    return { ...first, parameters: [...new Set(parameters.flat())] }
  return { kind: 'types', of: all, descending }
}

/** More keys than these nobody wants. */
const mostKeys = 10

/** The order that the text asks for; `asks` are the words that matches are found by. */
export const readSort = (
  extractor: Extractor,
  types: readonly string[],
  text: string,
  asks: readonly Ask[],
): { readonly sort: Sort } | { readonly issue: Issue } => {
  const keys: SortKey[] = []
  const parts = text.split(',')
  if (parts.length > mostKeys)
    return { issue: issue('too-costly', `"_sort" takes at most ${mostKeys} parameters.`, 'http._sort') }
  for (const part of parts) {
    const descending = part.startsWith('-')
    const code = descending ? part.slice(1) : part
    if (code === '_score' && asks.length === 0) return { issue: noScore() }
    const key = columnKey(code, descending, asks) ?? parameterKey(extractor, types, code, descending)
    if (!key) return { issue: unusable(extractor, types, code) }
    keys.push(key)
  }
  const [first] = keys
  const isColumn = first?.kind === 'id' || first?.kind === 'updated'
  const isSimple = keys.length === 1 && (isColumn || (first?.kind === 'date' && types.length === 1))
  if (first && isSimple) return { sort: { by: first.kind, descending: first.descending } }
  if (types.length > 1) keys.push({ kind: 'type', descending: false })
  return { sort: { by: 'values', descending: false, keys } }
}

const noScore = (): Issue =>
  issue(
    'invalid',
    'Only searches for words have a score: sort by "_score" beside "_content", "_text" or the modifier ":text".',
    'http._sort',
  )

/** What every resource has. */
const columnKey = (code: string, descending: boolean, asks: readonly Ask[]): SortKey | undefined => {
  if (code === '_id') return { kind: 'id', descending }
  if (code === '_lastUpdated') return { kind: 'updated', descending }
  return code === '_score' ? { kind: 'score', asks, descending: !descending } : undefined
}

const parameterKey = (
  extractor: Extractor,
  types: readonly string[],
  code: string,
  descending: boolean,
): SortKey | undefined => {
  const all: (readonly [string, SortKey])[] = []
  for (const type of types) {
    const indexed = extractor.indexed(type).get(code)
    const key = indexed && keyOf(extractor, type, indexed, descending)
    if (!key) return undefined
    all.push([type, key])
  }
  return all.length === 1 ? all[0]?.[1] : acrossTypes(all)
}

/** Whether the value of a cursor has the form that the keys give. */
export const fitsKeys = (keys: readonly SortKey[], values: readonly unknown[]): boolean =>
  keys.length === values.length &&
  keys.every((key, n) => {
    const value = values[n]
    if (value === null) return true
    return isTextKey(key) ? typeof value === 'string' : typeof value === 'number' || isInfinite(value)
  })

/** JSON has no infinite numbers; Postgres writes them as texts. */
const isInfinite = (value: unknown): boolean => value === 'Infinity' || value === '-Infinity'
