/** Token parameters: what is written for a value, and what a query looks up. http://hl7.org/fhir/R4/search.html#token */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonObject, JsonValue } from '../../fhir/json/value.ts'
import { anyToken, type Condition, type Rank, some } from '../algebra.ts'
import { remembering } from '../remembered.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'
import { contactForm } from './contact-point.ts'
import { type ImpliedSystems, noSystems } from './implied-systems.ts'

/*
 * A token is `Type.parameter|` followed by the query form that must find it, with `|` and `\` of its parts escaped, so
 * that each of the four forms is one exact lookup:
 *   code           a code, whatever its system     every value with a code
 *   system|code    a code of a system              Coding, Identifier with both
 *   |code          a code without a system         Coding, Identifier without system
 *   system|        anything of a system            Coding, Identifier with system
 * A code, boolean, uri, id or ContactPoint has only the first form; a string too, folded to lower case because
 * strings match whatever their case. E-mail addresses and telephone numbers are written as they are and in the form of
 * contact-point.ts. See CLARIFICATIONS 1 to 4 and 55.
 */

/** Collects the tokens of a resource. */
export type Out = string[]

const special = /[\\|]/
export const escapePart = (text: string): string =>
  special.test(text) ? text.replace(/[\\|]/g, '\\$&') : text

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== ''

/** Empty texts stand for absent ones. */
const pairOf = (prefix: string, system: string, code: string): readonly string[] => {
  const space = system === '' ? '' : `${escapePart(system)}|`
  const own = system === '' ? [] : [prefix + space]
  if (code === '') return own
  const text = escapePart(code)
  return [...own, prefix + text, system === '' ? `${prefix}|${text}` : prefix + space + text]
}

const knownPair = remembering(pairOf)

const textOf = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '')

const pushAll = (out: Out, tokens: readonly string[]): void => {
  for (let n = 0; n < tokens.length; n++) out.push(tokens[n] as string)
}

type Members = { readonly [member: string]: JsonValue | undefined }

/** Tokens of a Coding. */
export const coding = (out: Out, prefix: string, value: Members): void =>
  pushAll(out, knownPair(prefix, textOf(value.system), textOf(value.code)))

/** Tokens of every coding of a CodeableConcept. */
export const concept = (out: Out, prefix: string, value: Members): void => {
  const codings = value.coding
  if (!Array.isArray(codings)) return
  for (const one of codings) {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) coding(out, prefix, one)
  }
}

/** Tokens of an Identifier; with a coded type also `Type.parameter:of-type|system|code|value`. */
export const identifier = (out: Out, prefix: string, value: Members): void => {
  pushAll(out, pairOf(prefix, textOf(value.system), textOf(value.value)))
  const codings = isObject(value.type) ? value.type.coding : undefined
  if (!Array.isArray(codings) || !isText(value.value)) return
  for (const one of codings)
    if (isObject(one) && isText(one.code))
      out.push(ofTypeToken(prefix, isText(one.system) ? one.system : '', one.code, value.value))
}

const isObject = (value: JsonValue | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** The token of an identifier's type and value. */
export const ofTypeToken = (prefix: string, system: string, code: string, value: string): string =>
  `${prefix.slice(0, -1)}:of-type|${escapePart(system)}|${escapePart(code)}|${escapePart(value)}`

/** The token of a primitive that has no system. */
export const plain = (out: Out, prefix: string, value: JsonValue): void => {
  if (typeof value === 'boolean' || typeof value === 'number') out.push(prefix + value)
  else if (isText(value)) out.push(knownPlain('', prefix, value))
}

const knownPlain = remembering((_, prefix, code) => prefix + escapePart(code))

/** The tokens of a ContactPoint: its value, and the form that does not depend on how it is written. */
export const contact = (out: Out, prefix: string, { value }: Members): void => {
  if (!isText(value)) return
  out.push(prefix + escapePart(value))
  const form = contactForm(value)
  if (form !== value) out.push(prefix + escapePart(form))
}

const fold = (text: string): string => text.toLowerCase()

/** The token of a string, which matches whatever its case. */
export const folded = (out: Out, prefix: string, value: JsonValue): void => {
  if (isText(value)) out.push(prefix + escapePart(fold(value)))
}

/** Which of the functions above writes the tokens of an element of a type. */
export const tokenWriters: Readonly<Record<string, string>> = {
  Coding: 'coding',
  CodeableConcept: 'concept',
  Identifier: 'identifier',
  ContactPoint: 'contact',
  code: 'plain',
  boolean: 'plain',
  id: 'plain',
  uri: 'plain',
  url: 'plain',
  oid: 'plain',
  uuid: 'plain',
  canonical: 'plain',
  integer: 'plain',
  positiveInt: 'plain',
  unsignedInt: 'plain',
  date: 'plain',
  dateTime: 'plain',
  instant: 'plain',
  string: 'folded',
  markdown: 'folded',
}

const systemTypes: ReadonlySet<string> = new Set(['Coding', 'CodeableConcept', 'Identifier'])
const strings: ReadonlySet<string> = new Set(['string', 'markdown'])

export type Restriction =
  | { readonly condition: Condition; readonly locks: readonly string[] }
  | { readonly issue: Issue }

/** A value of a token parameter; `system` is undefined without a bar and empty for `|code`. */
export type TokenValue = { readonly system: string | undefined; readonly code: string }

/** Reads `code`, `system|code`, `|code` or `system|`. */
export const readToken = (value: string): TokenValue => {
  const [first = '', ...rest] = splitUnescaped(value, '|')
  if (rest.length === 0) return { system: undefined, code: unescapeValue(first) }
  return { system: unescapeValue(first), code: unescapeValue(rest.join('|')) }
}

const unbound = { ...noSystems, present: some([]) }

/** The condition of one token parameter. `values` are the alternatives, still escaped; `types` those of its elements. */
export const restrictToken = (
  name: string,
  prefix: string,
  types: ReadonlySet<string>,
  values: readonly string[],
  implied: ImpliedSystems & { readonly present: Condition } = unbound,
): Restriction => {
  const tokens: string[] = []
  const locks: string[] = []
  const others: Condition[] = []
  let rank = rankOf(types)
  for (const value of values) {
    const { system, code } = readToken(value)
    const problem = judge(name, types, system, code, implied)
    if (problem) return { issue: problem }
    if (system && types.has('code')) {
      const codes = implied.codesOf(system, code)
      if (codes === 'any') others.push(implied.present)
      else tokens.push(...codes.map((one) => prefix + escapePart(one)))
      continue
    }
    tokens.push(...lookups(prefix, types, system, code))
    if (code === '') rank = 'most'
    else locks.push(prefix + escapePart(code))
  }
  const condition = others.length > 0 ? some([anyToken(tokens, rank), ...others]) : anyToken(tokens, rank)
  return { condition, locks: rank === 'unique' ? locks : [] }
}

const rankOf = (types: ReadonlySet<string>): Rank => {
  if (types.has('Identifier')) return 'unique'
  return [...types].every((type) => type === 'code' || type === 'boolean') ? 'most' : 'many'
}

const lookups = (
  prefix: string,
  types: ReadonlySet<string>,
  system: string | undefined,
  code: string,
): readonly string[] => {
  const text = escapePart(code)
  if (system) return [`${prefix}${escapePart(system)}|${text}`]
  const hasSystems = [...types].some((type) => systemTypes.has(type))
  if (system === '' && hasSystems) return [`${prefix}|${text}`]
  // What was stored before the form was written is found as it was.
  if (types.has('ContactPoint'))
    return [...new Set([code, contactForm(code)])].map((one) => prefix + escapePart(one))
  const isString = [...types].every((type) => strings.has(type))
  return [prefix + (isString ? escapePart(fold(code)) : text)]
}

const judge = (
  name: string,
  types: ReadonlySet<string>,
  system: string | undefined,
  code: string,
  implied: ImpliedSystems,
): Issue | undefined => {
  const at = `http.${name}`
  if (code === '' && !system)
    return issue(
      'value',
      `The parameter "${name}" needs a code: [code], [system]|[code], |[code] or [system]|.`,
      at,
    )
  if (types.size === 1 && types.has('boolean') && system === undefined && code !== 'true' && code !== 'false')
    return issue('value', `The parameter "${name}" is a boolean: use true or false.`, at)
  if (system === undefined || [...types].some((type) => systemTypes.has(type))) return undefined
  if (!types.has('code'))
    return issue(
      'value',
      `The parameter "${name}" has values without a system: use "${name}=[code]" without "|".`,
      at,
    )
  if (system === '' || implied.systems.includes(system)) return undefined
  const advice =
    implied.systems.length === 0
      ? `use "${name}=[code]" without "[system]|"`
      : `it is ${implied.systems.join(' or ')}; use that or "${name}=[code]"`
  return issue('value', `The system of the parameter "${name}" is implied by its element: ${advice}.`, at)
}
