/** `_sort`: what orders the matches. http://hl7.org/fhir/R4/search.html#sort */
import { type Issue, issue } from '../base/issue.ts'
import { sharedBy } from '../base/shared.ts'
import type { Condition, Near } from './algebra.ts'
import { combinationsOf } from './composite-order.ts'
import { rowsOf } from './composite-walk.ts'
import type { Extractor, Indexed } from './extract.ts'
import { jsonPaths } from './json-path.ts'
import type { Sort } from './plan.ts'
import { type Ask, asksIn } from './score.ts'
import { isTextKey, type SortKey } from './sort-key.ts'

const kinds = {
  string: 'strings',
  uri: 'strings',
  date: 'dates',
  number: 'quantities',
  quantity: 'quantities',
} as const

const isSideType = (type: string): type is keyof typeof kinds => Object.hasOwn(kinds, type)

/** Keys, or the sentence that says why there are none. */
type Keys = readonly SortKey[] | string

const keysOf = (extractor: Extractor, type: string, indexed: Indexed, how: How): Keys => {
  const { definition, parameter, primary } = indexed
  const { descending, circles } = how
  if (primary) return [{ kind: 'date', descending }]
  if (isSideType(definition.type) && !(definition.type === 'uri' && definition.code.startsWith('_')))
    return [{ kind: kinds[definition.type], parameters: rowsOf(parameter), descending }]
  if (definition.type === 'special')
    return circles.length > 0
      ? [{ kind: 'distance', circles, descending }]
      : `Only searches near a position know how far a ${type} is from it: sort by "${definition.code}" beside "${definition.code}=[latitude]|[longitude]|[distance]|[units]".`
  if (definition.type === 'composite') {
    const of = combinationsOf(extractor, type, indexed)
    return of
      ? indexed.kinds.map((_, part): SortKey => ({ kind: 'component', of, part, descending }))
      : `The components of "${definition.code}" are not all values that SQL can read in the same element of ${type}, which is what sorting by a composite needs: sort by one of its components.`
  }
  const paths = jsonPaths(extractor.definitions, type, definition, indexed.types)
  return paths.length > 0
    ? [{ kind: 'json', paths, descending }]
    : `The expression of "${definition.code}" is more than a path in a ${type}, which is what sorting by a ${definition.type} needs.`
}

/** A sort by a code: the direction, and what else the search says that an order may go by. */
type How = {
  readonly descending: boolean
  readonly asks: readonly Ask[]
  readonly circles: readonly Near[]
}

/** The positions that a search is about; what must not be near has no order. */
const circlesIn = (where: readonly Condition[]): readonly Near[] =>
  where.flatMap((condition) => {
    if (condition.kind === 'near') return [condition]
    return condition.kind === 'every' || condition.kind === 'some' ? circlesIn(condition.of) : []
  })

const refuse = (text: string): Issue => issue('not-supported', text, 'http._sort')

const unknown = (extractor: Extractor, types: readonly string[], code: string, how: How): Issue => {
  const common = sharedBy(types.map((type) => extractor.indexed(type).keys())).filter(
    (one) => typeof parameterKeys(extractor, types, one, how) !== 'string',
  )
  const known = ['_id', '_lastUpdated', '_score', ...common].sort()
  const subject =
    types.length > 1 ? `${types.slice(0, 5).join(', ')}${types.length > 5 ? ' …' : ''}` : types[0]
  return refuse(
    `This server cannot sort ${subject} by "${code.slice(0, 64)}". It can by: ${known.join(', ')}, each with "-" before it for descending order.`,
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

type Read = { readonly sort: Sort } | { readonly issues: readonly Issue[] }

/** The order that the text asks for; `where` are the conditions of the search, as an order may go by what is asked. */
export const readSort = (
  extractor: Extractor,
  types: readonly string[],
  text: string,
  where: readonly Condition[],
): Read => {
  const parts = text.split(',')
  if (parts.length > mostKeys)
    return { issues: [issue('too-costly', `"_sort" takes at most ${mostKeys} parameters.`, 'http._sort')] }
  const [asks, circles] = [asksIn(where), circlesIn(where)]
  const read = parts.map((part) => {
    const descending = part.startsWith('-')
    return readPart(extractor, types, descending ? part.slice(1) : part, { descending, asks, circles })
  })
  const issues = read.flatMap((one) => ('diagnostics' in one ? [one] : []))
  if (issues.length > 0) return { issues }
  return {
    sort: orderOf(
      types,
      read.flatMap((one) => ('diagnostics' in one ? [] : one)),
    ),
  }
}

const orderOf = (types: readonly string[], keys: readonly SortKey[]): Sort => {
  const [first] = keys
  const isColumn = first?.kind === 'id' || first?.kind === 'updated'
  const isSimple = keys.length === 1 && (isColumn || (first?.kind === 'date' && types.length === 1))
  if (first && isSimple) return { by: first.kind, descending: first.descending }
  const last: readonly SortKey[] = types.length > 1 ? [{ kind: 'type', descending: false }] : []
  return { by: 'values', descending: false, keys: [...keys, ...last] }
}

const readPart = (
  extractor: Extractor,
  types: readonly string[],
  code: string,
  how: How,
): readonly SortKey[] | Issue => {
  const { descending, asks } = how
  if (code === '')
    return issue(
      'value',
      '"_sort" has an empty value: name what to sort by, such as _lastUpdated.',
      'http._sort',
    )
  if (code === '_id') return [{ kind: 'id', descending }]
  if (code === '_lastUpdated') return [{ kind: 'updated', descending }]
  if (code === '_score')
    return asks.length > 0 ? [{ kind: 'score', asks, descending: !descending }] : noScore()
  if (code === '_content' || code === '_text')
    return refuse(`Whole texts have no order that says anything: sort by "_score" beside "${code}".`)
  if (types.some((type) => !extractor.indexed(type).has(code))) return unknown(extractor, types, code, how)
  const keys = parameterKeys(extractor, types, code, how)
  return typeof keys === 'string' ? refuse(keys) : keys
}

const noScore = (): Issue =>
  issue(
    'invalid',
    'Only searches for words have a score: sort by "_score" beside "_content", "_text" or the modifier ":text".',
    'http._sort',
  )

const parameterKeys = (extractor: Extractor, types: readonly string[], code: string, how: How): Keys => {
  const all: (readonly [string, readonly SortKey[]])[] = []
  for (const type of types) {
    const indexed = extractor.indexed(type).get(code)
    const keys = indexed ? keysOf(extractor, type, indexed, how) : `${type} has no parameter "${code}".`
    if (typeof keys === 'string') return keys
    all.push([type, keys])
  }
  const [[, first = []] = []] = all
  if (all.length === 1) return first
  const unlike = `The values of "${code}" are not of one kind in all types that are searched, so they have no order.`
  if (all.some(([, keys]) => keys.length !== first.length)) return unlike
  const keys = first.flatMap(
    (_, n) => acrossTypes(all.flatMap(([type, own]) => (own[n] ? [[type, own[n]] as const] : []))) ?? [],
  )
  return keys.length === first.length ? keys : unlike
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
