/** Composite parameters: values that belong to the same element. http://hl7.org/fhir/R4/search.html#composite */

import { type Issue, issue } from '../../base/issue.ts'
import type { JsonValue } from '../../fhir/json/value.ts'
import {
  anyToken,
  type Bounds,
  type Condition,
  type QuantityRow,
  type QuantityTest,
  some,
} from '../algebra.ts'
import { readPrefix } from '../bounds.ts'
import { isThere } from '../distinct.ts'
import { remembering } from '../remembered.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'
import { restrictDate } from './date.ts'
import { notANumber, numberBounds, readPrecise } from './number.ts'
import { type Code, readQuantity } from './quantity.ts'
import { link } from './reference.ts'
import { restrictString } from './string.ts'

/*
 * The first component is a code, which is written with and without its system; a code without system is `|code`.
 * Further codes and references make tokens, one per pair of forms; a quantity's row holds the code; rows of other
 * values have the parameter `Type.composite|code`.
 */

/** What a component is compared as. */
export type ComponentKind = 'token' | 'reference' | 'quantity' | 'number' | 'date' | 'string'

type Members = { readonly [member: string]: JsonValue | undefined }

const special = /[\\|$]/
const escaped = (text: string): string => (special.test(text) ? text.replace(/[\\|$]/g, '\\$&') : text)

const knownCode = remembering((_, system, code): Code => {
  const bare = escaped(code)
  return { code: bare, coded: `${escaped(system)}|${bare}` }
})

const pushCode = (codes: Code[], system: JsonValue | undefined, code: JsonValue | undefined): void => {
  if (typeof code !== 'string' || code === '') return
  const made = knownCode('', typeof system === 'string' ? system : '', code)
  if (!isThere(codes, (known) => known.coded === made.coded)) codes.push(made)
}

/** The codes of a Coding. */
export const codingCodes = (codes: Code[], value: Members): void => pushCode(codes, value.system, value.code)

/** The codes of a CodeableConcept. */
export const conceptCodes = (codes: Code[], value: Members): void => {
  if (!Array.isArray(value.coding)) return
  for (const one of value.coding)
    if (typeof one === 'object' && one !== null && !Array.isArray(one)) codingCodes(codes, one)
}

/** The code that an Identifier is. */
export const identifierCodes = (codes: Code[], value: Members): void =>
  pushCode(codes, value.system, value.value)

/** The code that a primitive is. */
export const plainCodes = (codes: Code[], value: JsonValue): void => pushCode(codes, undefined, String(value))

/** The forms of a Reference. */
export const referenceCodes = (codes: Code[], value: Members, base: string): void => {
  const links: string[] = []
  link(links, '', value.reference, base)
  for (const text of links) codes.push({ code: escaped(text), coded: escaped(text) })
}

/** Which of the functions above reads the codes of an element of a type. */
export const codeReaders: Readonly<Record<'token' | 'reference', Readonly<Record<string, string>>>> = {
  token: {
    Coding: 'codingCodes',
    CodeableConcept: 'conceptCodes',
    Identifier: 'identifierCodes',
    code: 'plainCodes',
    string: 'plainCodes',
    boolean: 'plainCodes',
    id: 'plainCodes',
    uri: 'plainCodes',
  },
  reference: { Reference: 'referenceCodes' },
}

/** The tokens of a pair of codes. */
export const pairs = (
  out: string[],
  prefix: string,
  firsts: readonly Code[],
  seconds: readonly Code[],
): void => {
  for (const a of firsts)
    for (const b of seconds)
      for (const first of new Set([a.code, a.coded]))
        for (const second of new Set([b.code, b.coded])) out.push(`${prefix}${first}$${second}`)
}

/** The parameters under which rows of a code are written. */
export const codedParameters = (parameter: string, codes: readonly Code[]): readonly string[] =>
  codes.flatMap(({ code, coded }) => [`${parameter}|${code}`, `${parameter}|${coded}`])

/** Rows of a code and two numbers of the same element: from the first to the second. */
export const numberPairs = (
  rows: { readonly quantities: QuantityRow[] },
  parameter: string,
  codes: readonly Code[],
  [low]: readonly JsonValue[],
  [high]: readonly JsonValue[],
): void => {
  if (typeof low !== 'number' || typeof high !== 'number') return
  for (const { code, coded } of codes) rows.quantities.push({ parameter, low, high, code, coded })
}

/** A composite as it is searched. `parameters` hold the rows, or `prefixes` begin the tokens. */
export type Composite = {
  readonly code: string
  readonly kinds: readonly ComponentKind[]
  readonly parameters: readonly string[]
  /** Resource types that a reference among the components may name. */
  readonly targets: readonly string[]
  readonly base: string
  readonly at: number
}

type Found = { readonly condition: Condition } | { readonly issue: Issue }

/** The forms of a code or reference to look up. */
const forms = (raw: string, kind: ComponentKind, { base, targets }: Composite): readonly string[] => {
  if (kind === 'reference') {
    const links: string[] = []
    link(links, '', unescapeValue(raw), base)
    const [text = ''] = links
    return text.includes('/') || text === ''
      ? links.slice(0, 1).map(escaped)
      : [text, ...targets.map((type) => `${type}/${text}`)].map(escaped)
  }
  const [first = '', ...rest] = splitUnescaped(raw, '|').map(unescapeValue)
  const code = rest.length > 0 ? rest.join('|') : first
  if (code === '') return []
  return [rest.length > 0 ? `${escaped(first)}|${escaped(code)}` : escaped(code)]
}

const quantityTests = (form: string, tests: readonly QuantityTest[]): readonly QuantityTest[] =>
  tests.map((test) => ({ ...test, ...(/(?<!\\)\|/.test(form) ? { coded: form } : {}), code: bare(form) }))

/** The form without the system. */
const bare = (form: string): string => form.replace(/^(?:[^\\|]|\\.)*\|/s, '')

const [lowest, highest] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY] as const
/** Bounds of one number, whatever end of the row it stands at. */
const ofPoint = (bounds: Bounds): readonly [number, number] => [
  Math.max(bounds.lowMin ?? lowest, bounds.highMin ?? lowest),
  Math.min(bounds.lowMax ?? highest, bounds.highMax ?? highest),
]

const finite = (name: keyof Bounds, value: number): Bounds =>
  Number.isFinite(value) ? { [name]: value } : {}

const numberTests = (
  code: string,
  parts: readonly string[],
): readonly Bounds[] | { readonly issue: Issue } => {
  const read = parts.map((part) => {
    const { prefix, rest } = readPrefix(unescapeValue(part))
    const number = readPrecise(rest)
    return number && numberBounds(prefix, number).map(ofPoint)
  })
  const [lows, highs] = read
  if (!lows || !highs) return { issue: notANumber(code) }
  return lows.flatMap(([lowMin, lowMax]) =>
    highs.map(([highMin, highMax]) => ({
      ...finite('lowMin', lowMin),
      ...finite('lowMax', lowMax),
      ...finite('highMin', highMin),
      ...finite('highMax', highMax),
    })),
  )
}

const restrictOne = (composite: Composite, raw: string): Found => {
  const { code, kinds, parameters } = composite
  const parts = splitUnescaped(raw, '$')
  const [first = '', second = '', third = ''] = parts
  const heads = parts.length === kinds.length ? forms(first, kinds[0] ?? 'token', composite) : []
  if (heads.length === 0 || parts.some((part) => part === '')) return { issue: advice(composite) }
  const kind = kinds[1]
  if (kind === 'token' || kind === 'reference') {
    const tails = forms(second, kind, composite)
    const tokens = parameters.flatMap((parameter) =>
      heads.flatMap((head) => tails.map((tail) => `${parameter}|${head}$${tail}`)),
    )
    return tails.length === 0 ? { issue: advice(composite) } : { condition: anyToken(tokens, 'many') }
  }
  if (kind === 'quantity' || kind === 'number') {
    const tests = kind === 'quantity' ? readQuantity(code, second) : numberTests(code, [second, third])
    if ('issue' in tests) return tests
    const each: readonly QuantityTest[] = 'tests' in tests ? tests.tests : tests.map((bounds) => ({ bounds }))
    return {
      condition: { kind: 'quantities', parameters, any: heads.flatMap((head) => quantityTests(head, each)) },
    }
  }
  const found = heads.flatMap((head) =>
    parameters.map((parameter) => rowCondition(composite, `${parameter}|${head}`, second)),
  )
  const conditions: Condition[] = []
  for (const one of found) {
    if ('issue' in one) return one
    conditions.push(one.condition)
  }
  return { condition: some(conditions) }
}

const rowCondition = ({ code, kinds, at }: Composite, parameter: string, raw: string): Found =>
  kinds[1] === 'date'
    ? restrictDate(code, { parameter, primary: false }, [raw], at)
    : restrictString(code, parameter, [raw])

const examples: Readonly<Record<ComponentKind, string>> = {
  token: 'http://loinc.org|8480-6',
  reference: 'Patient/1',
  quantity: 'gt140',
  number: 'gt5',
  date: 'ge2024-05',
  string: 'text',
}

const advice = ({ code, kinds }: Composite): Issue =>
  issue(
    'value',
    `"${code}" takes ${kinds.map((kind) => `[${kind}]`).join('$')}, such as ${kinds.map((kind) => examples[kind]).join('$')}; a code is [code], [system]|[code] or |[code].`,
    `http.${code}`,
  )

/** The condition of one composite parameter; `values` are the alternatives, still escaped. */
export const restrictComposite = (composite: Composite, values: readonly string[]): Found => {
  const conditions: Condition[] = []
  for (const raw of values) {
    const found = restrictOne(composite, raw)
    if ('issue' in found) return found
    conditions.push(found.condition)
  }
  return { condition: some(conditions) }
}
