/** Which representation is asked for: http://hl7.org/fhir/R4/http.html#mime-type and RFC 9110, section 12.5.1. */
import { notAcceptable } from '../base/problem.ts'

/** One member of an Accept-like header, lower case, without its weight. */
type Wish = {
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
  readonly weight: number
}

export const fhirJson = 'application/fhir+json; charset=utf-8'
const versionedFhirJson = 'application/fhir+json; charset=utf-8; fhirVersion=4.0'

const jsonTypes = new Set([
  'application/fhir+json',
  'application/json',
  'application/json+fhir',
  'text/json',
  'application/*',
  'text/*',
  '*/*',
])
const xmlTypes = new Set([
  'application/fhir+xml',
  'application/xml',
  'application/xml+fhir',
  'text/xml',
  'xml',
])
const jsonFormats = new Set([
  'json',
  'application/fhir+json',
  'application/json',
  'text/json',
  'application/json+fhir',
])

/**
 * The Content-Type of the answer. `format` is the value of `_format` and wins over `accept`.
 * Throws 406 when neither allows FHIR JSON in version 4.0.
 */
export const negotiate = (accept: string | undefined, format: string | undefined): string => {
  if (format !== undefined) return negotiateFormat(format)
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') return fhirJson
  const wishes = parseWishes(accept)
  if (wishes.length === 0) return fhirJson
  const wish = wishes
    .filter((w) => jsonTypes.has(w.name) && w.weight > 0 && isVersion4(w) && isUtf8(w))
    .reduce<Wish | undefined>((best, w) => (best && best.weight >= w.weight ? best : w), undefined)
  if (wish) return wish.parameters.has('fhirversion') ? versionedFhirJson : fhirJson
  throw notAcceptable(explain(wishes))
}

const negotiateFormat = (format: string): string => {
  // An unescaped `+` of a query string arrives as a space.
  const [wish] = parseWishes(format.trim().replace(/^application\/fhir (json|xml)/i, 'application/fhir+$1'))
  if (wish && jsonFormats.has(wish.name) && isVersion4(wish)) {
    return wish.parameters.has('fhirversion') ? versionedFhirJson : fhirJson
  }
  throw notAcceptable(wish ? explain([wish]) : 'The value of _format is empty. Use _format=json.')
}

const isVersion4 = (wish: Wish): boolean => {
  const version = wish.parameters.get('fhirversion')
  return version === undefined || version === '4.0' || version === '4.0.1'
}

const isUtf8 = (wish: Wish): boolean => {
  const charset = wish.parameters.get('charset')
  return charset === undefined || charset === 'utf-8' || charset === 'utf8'
}

const explain = (wishes: readonly Wish[]): string => {
  if (wishes.some((w) => !isVersion4(w))) {
    return 'This endpoint speaks FHIR version 4.0 only. Ask for application/fhir+json; fhirVersion=4.0.'
  }
  if (wishes.some((w) => xmlTypes.has(w.name))) {
    return 'This version of the server answers in JSON only. Ask for application/fhir+json, or _format=json.'
  }
  if (wishes.some((w) => !isUtf8(w))) return 'Answers are encoded in UTF-8 only.'
  return 'None of the formats asked for can be produced. Ask for application/fhir+json, or _format=json.'
}

/** Members of an Accept-like header in order: `text/html;q=0.8, *\/*` → two wishes. A malformed weight counts as 1. */
export const parseWishes = (header: string): Wish[] =>
  header
    .toLowerCase()
    .split(',')
    .map(parseWish)
    .filter((wish) => wish.name !== '')

const parseWish = (text: string): Wish => {
  const [name, ...rest] = text.split(';')
  const parameters = new Map<string, string>()
  for (const part of rest) {
    const equals = part.indexOf('=')
    if (equals > 0) parameters.set(part.slice(0, equals).trim(), unquote(part.slice(equals + 1).trim()))
  }
  const weight = Number(parameters.get('q') ?? 1)
  return { name: name!.trim(), parameters, weight: Number.isNaN(weight) ? 1 : weight }
}

const unquote = (text: string): string => text.replace(/^"(.*)"$/, '$1')

/** Whether the client asks for the FHIR form of a Binary by name: http://hl7.org/fhir/R4/binary.html#rest */
export const asksForFhir = (accept: string | undefined): boolean =>
  accept !== undefined &&
  parseWishes(accept).some((w) => w.weight > 0 && (w.name.includes('fhir+') || w.name.includes('+fhir')))
