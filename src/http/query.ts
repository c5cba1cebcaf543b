/** Query strings and form bodies as decoded pairs in order: https://url.spec.whatwg.org/#urlencoded-parsing, but strict. */
import { invalid } from '../base/problem.ts'

export type Pair = readonly [name: string, value: string]

const none: readonly Pair[] = []

/**
 * `text` without the question mark. Repeated names stay repeated, `+` is a space.
 * Throws 400 for an escape that is not UTF-8: reading it as something else would search for something else.
 */
export const parseQuery = (text: string): readonly Pair[] => {
  if (text === '') return none
  const pairs: Pair[] = []
  for (const part of text.split('&')) {
    if (part === '') continue
    const equals = part.indexOf('=')
    if (equals < 0) pairs.push([decode(part), ''])
    else pairs.push([decode(part.slice(0, equals)), decode(part.slice(equals + 1))])
  }
  return pairs
}

const decode = (text: string): string => {
  const spaced = text.includes('+') ? text.replaceAll('+', ' ') : text
  if (!spaced.includes('%')) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    throw invalid(
      'The query contains a % that does not begin an escape of UTF-8 text. Write a literal % as %25 and encode all other characters as UTF-8.',
    )
  }
}

/** The pairs that say how to answer, apart from the ones that say what is asked. */
export type Presentation = {
  readonly query: readonly Pair[]
  /** Last `_format`, as decoded. */
  readonly format?: string
  readonly pretty: boolean
}

/** Splits `_format` and `_pretty` off: http://hl7.org/fhir/R4/http.html#parameters */
export const splitPresentation = (pairs: readonly Pair[]): Presentation => {
  if (!pairs.some(isPresentation)) return { query: pairs, pretty: false }
  const format = pairs.findLast(([name]) => name === '_format')?.[1]
  const pretty = pairs.findLast(([name]) => name === '_pretty')?.[1]
  return {
    query: pairs.filter((pair) => !isPresentation(pair)),
    ...(format ? { format } : {}),
    pretty: readPretty(pretty),
  }
}

/** The pairs again, encoded, for links to pages that look the same; undefined when there are none. */
export const presentationOf = ({ format, pretty }: Omit<Presentation, 'query'>): string | undefined => {
  const pairs = [
    ...(format ? [`_format=${encodeURIComponent(format)}`] : []),
    ...(pretty ? ['_pretty=true'] : []),
  ]
  return pairs.length === 0 ? undefined : pairs.join('&')
}

const isPresentation = ([name]: Pair): boolean => name === '_format' || name === '_pretty'

const readPretty = (value: string | undefined): boolean => {
  if (value === undefined || value === 'false') return false
  if (value === 'true') return true
  throw invalid('_pretty is either true or false.', 'http._pretty')
}
