/** Which representation is asked for: http://hl7.org/fhir/R4/http.html#mime-type and RFC 9110, section 12.5.1. */
import { notAcceptable } from '../base/problem.ts'

/** One member of an Accept-like header, lower case, without its weight. */
type Wish = {
  readonly name: string
  readonly parameters: ReadonlyMap<string, string>
  readonly weight: number
}

/** How resources are written in an answer. NDJSON has one resource a line, so only lists of resources are given in it. */
export type Form = 'json' | 'xml' | 'ndjson'
export type Representation = { readonly form: Form; readonly contentType: string }

const representation = (form: Form, version = ''): Representation => ({
  form,
  contentType: `application/fhir+${form}; charset=utf-8${version}`,
})
export const fhirJson = representation('json')
const plain = { json: fhirJson, xml: representation('xml'), ndjson: representation('ndjson') }
const versioned = {
  json: representation('json', '; fhirVersion=4.0'),
  xml: representation('xml', '; fhirVersion=4.0'),
  ndjson: representation('ndjson', '; fhirVersion=4.0'),
}

/** The types that name a form. */
const types: ReadonlyMap<string, Form> = new Map([
  ['application/fhir+json', 'json'],
  ['application/json', 'json'],
  ['application/json+fhir', 'json'],
  ['text/json', 'json'],
  ['application/fhir+xml', 'xml'],
  ['application/xml', 'xml'],
  ['application/xml+fhir', 'xml'],
  ['text/xml', 'xml'],
  ['application/fhir+ndjson', 'ndjson'],
  ['application/ndjson', 'ndjson'],
  ['application/x-ndjson', 'ndjson'],
])
const wildcards = new Set(['application/*', 'text/*', '*/*'])
const shortNames: ReadonlyMap<string, Form> = new Map([
  ['json', 'json'],
  ['xml', 'xml'],
  ['ndjson', 'ndjson'],
])

/**
 * How to answer. `format` is the value of `_format` and wins over `accept`; `isList` says whether the answer is a list
 * of resources. JSON when the client has no wish. Throws 406 when nothing that is allowed can be made in version 4.0.
 */
export const negotiate = (
  accept: string | undefined,
  format: string | undefined,
  isList = false,
): Representation => {
  if (format !== undefined) return negotiateFormat(format, isList)
  if (accept === undefined || accept === '*/*' || accept === 'application/fhir+json') return fhirJson
  const wishes = parseWishes(accept)
  if (wishes.length === 0) return fhirJson
  const possible = wishes.filter((w) => w.weight > 0 && isVersion4(w) && isUtf8(w) && isPossible(w, isList))
  const best = withoutBrowsersXml(wishes, possible).reduce<Wish | undefined>(better, undefined)
  if (best) return chosen(best, types.get(best.name) ?? 'json')
  throw notAcceptable(explain(wishes), 'http.Accept')
}

const isPossible = ({ name }: Wish, isList: boolean): boolean =>
  wildcards.has(name) || (types.has(name) && (isList || types.get(name) !== 'ndjson'))

/** The heavier; of equals one that names a form, then the one that stands first. */
const better = (best: Wish | undefined, wish: Wish): Wish => {
  if (best === undefined || wish.weight > best.weight) return wish
  if (wish.weight < best.weight) return best
  return wildcards.has(best.name) && !wildcards.has(wish.name) ? wish : best
}

/** Browsers accept XML beside HTML, meaning XHTML and feeds: they get what they get without it, if they take that. */
const withoutBrowsersXml = (wishes: readonly Wish[], possible: readonly Wish[]): readonly Wish[] => {
  if (!wishes.some(({ name }) => name === 'text/html')) return possible
  const rest = possible.filter(({ name }) => name !== 'application/xml' && name !== 'text/xml')
  return rest.length > 0 ? rest : possible
}

const chosen = (wish: Wish, form: Form): Representation =>
  (wish.parameters.has('fhirversion') ? versioned : plain)[form]

const negotiateFormat = (format: string, isList: boolean): Representation => {
  // An unescaped `+` of a query string arrives as a space.
  const [wish] = parseWishes(
    format.trim().replace(/^application\/fhir (json|xml|ndjson)/i, 'application/fhir+$1'),
  )
  const form = wish && (shortNames.get(wish.name) ?? types.get(wish.name))
  if (wish && form && isVersion4(wish) && (isList || form !== 'ndjson')) return chosen(wish, form)
  const said = wish ? explain([wish]) : 'The value of _format is empty. Use _format=json.'
  throw notAcceptable(said, 'http._format')
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
  if (wishes.some((w) => types.get(w.name) === 'ndjson' || w.name === 'ndjson')) {
    return 'Only the results of searches and histories are given as NDJSON, one resource a line. Ask for application/fhir+json or application/fhir+xml here.'
  }
  if (wishes.some((w) => !isUtf8(w))) return 'Answers are encoded in UTF-8 only.'
  return 'None of the formats asked for can be produced. Ask for application/fhir+json or application/fhir+xml, or with _format=json or _format=xml.'
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
