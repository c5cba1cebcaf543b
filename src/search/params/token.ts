/** Token parameters: what is written for a value, and what a query looks up. http://hl7.org/fhir/R4/search.html#token */
import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import { anyToken, type Condition, type Rank } from '../algebra.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'

/*
 * A token is `Type.parameter|` followed by the query form that must find it, with `|` and `\` of its parts escaped, so
 * that each of the four forms is one exact lookup:
 *   code           a code, whatever its system     every value with a code
 *   system|code    a code of a system              Coding, Identifier with both
 *   |code          a code without a system         Coding, Identifier without system
 *   system|        anything of a system            Coding, Identifier with system
 * A code, boolean, uri, id or ContactPoint has only the first form; a string too, folded to lower case because
 * strings match whatever their case. See CLARIFICATIONS 1 to 4.
 */

/** Collects the tokens of a resource. */
export type Out = string[]

const special = /[\\|]/
const escapePart = (text: string): string => (special.test(text) ? text.replace(/[\\|]/g, '\\$&') : text)

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string' && value !== ''

const pair = (out: Out, prefix: string, system: JsonValue | undefined, code: JsonValue | undefined): void => {
  const inSystem = isText(system)
  const space = inSystem ? `${escapePart(system)}|` : ''
  if (inSystem) out.push(prefix + space)
  if (!isText(code)) return
  const text = escapePart(code)
  out.push(prefix + text, inSystem ? prefix + space + text : `${prefix}|${text}`)
}

type Members = { readonly [member: string]: JsonValue | undefined }

/** Tokens of a Coding. */
export const coding = (out: Out, prefix: string, value: Members): void =>
  pair(out, prefix, value.system, value.code)

/** Tokens of every coding of a CodeableConcept. */
export const concept = (out: Out, prefix: string, value: Members): void => {
  const codings = value.coding
  if (!Array.isArray(codings)) return
  for (const one of codings) {
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) coding(out, prefix, one)
  }
}

/** Tokens of an Identifier. */
export const identifier = (out: Out, prefix: string, value: Members): void =>
  pair(out, prefix, value.system, value.value)

/** The token of a primitive that has no system. */
export const plain = (out: Out, prefix: string, value: JsonValue): void => {
  if (typeof value === 'boolean' || typeof value === 'number') out.push(prefix + value)
  else if (isText(value)) out.push(prefix + escapePart(value))
}

/** The token of a ContactPoint: its value. */
export const contact = (out: Out, prefix: string, value: Members): void =>
  plain(out, prefix, value.value ?? null)

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

/** The condition of one token parameter. `values` are the alternatives, still escaped; `types` those of its elements. */
export const restrictToken = (
  name: string,
  prefix: string,
  types: ReadonlySet<string>,
  values: readonly string[],
): Restriction => {
  const tokens: string[] = []
  const locks: string[] = []
  let rank = rankOf(types)
  for (const value of values) {
    const [first = '', ...rest] = splitUnescaped(value, '|')
    const code = unescapeValue(rest.length > 0 ? rest.join('|') : first)
    const system = rest.length > 0 ? unescapeValue(first) : undefined
    const problem = judge(name, types, system, code)
    if (problem) return { issue: problem }
    tokens.push(...lookups(prefix, types, system, code))
    if (code === '') rank = 'most'
    else locks.push(prefix + escapePart(code))
  }
  return { condition: anyToken(tokens, rank), locks: rank === 'unique' ? locks : [] }
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
  const isString = [...types].every((type) => strings.has(type))
  return [prefix + (isString ? escapePart(fold(code)) : text)]
}

const judge = (
  name: string,
  types: ReadonlySet<string>,
  system: string | undefined,
  code: string,
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
  if (system === '') return undefined
  return issue(
    'not-supported',
    `The system of the parameter "${name}" is implied by its element: use "${name}=[code]" without "[system]|".`,
    at,
  )
}
