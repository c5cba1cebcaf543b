/** The modifiers of token parameters: http://hl7.org/fhir/R4/search.html#modifiers */
import { type Issue, issue } from '../../base/issue.ts'
import type { Definitions } from '../../fhir/definitions/model.ts'
import { type Expansion, expandValueSet, subsumed } from '../../fhir/definitions/value-set.ts'
import { anyToken, type Condition, not, some } from '../algebra.ts'
import { codesKey } from '../codes-key.ts'
import type { Indexed } from '../extract.ts'
import { splitUnescaped, unescapeValue } from '../values.ts'
import { impliedSystems } from './implied-systems.ts'
import { escapePart, ofTypeToken, type Restriction, readToken, restrictToken } from './token.ts'

/** Codes of value sets by the URL that the search gives, or a sentence that says why they cannot be told. */
export type ValueSets = ReadonlyMap<string, Expansion | string>

/** What is not among the `valueSets` is asked of the definitions. */
type Room = { readonly definitions: Definitions; readonly valueSets?: ValueSets }
type Made = Condition | Issue

/** The modifiers that a token parameter takes besides `missing`. */
export const tokenModifiers = ({ definitions }: Room, { types, valueSets }: Indexed): readonly string[] => {
  const isCoded =
    types.has('Coding') ||
    types.has('CodeableConcept') ||
    impliedSystems(definitions, valueSets).systems.length > 0
  return [
    'not',
    ...(isCoded ? ['in', 'not-in', 'above', 'below'] : []),
    ...(types.has('Identifier') ? ['of-type'] : []),
  ]
}

/** The condition of a token parameter with a modifier that `tokenModifiers` names, or with none. */
export const restrictTokenBy = (
  room: Room,
  indexed: Indexed,
  modifier: string | undefined,
  values: readonly string[],
): Restriction => {
  const made =
    modifier === undefined ? plainly(room, indexed, values) : byModifier(room, indexed, modifier, values)
  if ('condition' in made || 'issue' in made) return made
  return 'severity' in made ? { issue: made } : { condition: made, locks: [] }
}

const plainly = ({ definitions }: Room, indexed: Indexed, values: readonly string[]): Restriction => {
  const { definition, prefix, types, valueSets, present } = indexed
  return restrictToken(definition.code, prefix, types, values, {
    ...impliedSystems(definitions, valueSets),
    present,
  })
}

const byModifier = (room: Room, indexed: Indexed, modifier: string, values: readonly string[]): Made => {
  if (modifier === 'not') {
    const found = plainly(room, indexed, values)
    return 'issue' in found ? found.issue : not(found.condition)
  }
  const alternatives: Condition[] = []
  for (const value of values) {
    const made = oneByModifier(room, indexed, modifier, value)
    if ('severity' in made) return made
    alternatives.push(made)
  }
  const any = some(alternatives)
  return modifier === 'not-in' ? not(any) : any
}

const oneByModifier = (room: Room, indexed: Indexed, modifier: string, value: string): Made => {
  if (modifier === 'of-type') return ofType(indexed, value)
  if (modifier === 'above' || modifier === 'below') return related(room, indexed, modifier, value)
  return within(room, indexed, unescapeValue(value))
}

/** `[type system]|[type code]|[value]`, all three present. */
const ofType = ({ definition, prefix }: Indexed, value: string): Made => {
  const [system = '', code = '', number = '', ...rest] = splitUnescaped(value, '|').map(unescapeValue)
  if (system === '' || code === '' || number === '' || rest.length > 0)
    return issue(
      'value',
      `"${definition.code}:of-type" needs [system]|[code]|[value]: the coding of the identifier's type, and its value.`,
      `http.${definition.code}`,
    )
  return anyToken([ofTypeToken(prefix, system, code, number)], 'unique')
}

const withoutModifier = 'Search without the modifier, for the codes that you mean.'

/** The code itself and every code that the code system places above or below it. */
const related = (
  { definitions, valueSets: named }: Room,
  indexed: Indexed,
  modifier: 'above' | 'below',
  value: string,
): Made => {
  const { definition, valueSets } = indexed
  const at = `http.${definition.code}`
  const { system: given, code } = readToken(value)
  const { systems } = impliedSystems(definitions, valueSets)
  const system = given || systems[0]
  if (!system || code === '' || (given && systems.length > 0 && !systems.includes(given)))
    return issue(
      'value',
      `"${definition.code}:${modifier}" needs ${systems.length > 0 ? `a code of ${systems.join(' or ')}` : '[system]|[code]'}.`,
      at,
    )
  const told = given ? named?.get(codesKey({ system, code, side: modifier })) : undefined
  if (typeof told === 'object') return anyCode(definitions, indexed, told)
  if (told !== undefined) return issue('not-supported', `${told} ${withoutModifier}`, at)
  const codes = subsumed(definitions, system, code, modifier)
  if (!codes)
    return issue(
      'not-supported',
      `What is ${modifier} the code ${code} of ${system} is not known to this server. ${withoutModifier}`,
      at,
    )
  return anyCode(definitions, indexed, new Map([[system, codes]]))
}

/** The codes of a value set. */
const within = ({ definitions, valueSets }: Room, indexed: Indexed, url: string): Made => {
  const expansion = valueSets?.get(url) ?? expandValueSet(definitions, url)
  if (typeof expansion !== 'string') return anyCode(definitions, indexed, expansion)
  const advice = 'Name the codes instead, separated by commas.'
  return issue('not-supported', `${expansion} ${advice}`, `http.${indexed.definition.code}`)
}

/** The systems of elements of type code are implied, and are not written. */
const anyCode = (definitions: Definitions, indexed: Indexed, codes: Expansion): Condition => {
  const { prefix, types, valueSets, present } = indexed
  if (!types.has('code'))
    return anyToken(
      [...codes].flatMap(([system, some]) => pairs(prefix, system, some)),
      'most',
    )
  const { systems } = impliedSystems(definitions, valueSets)
  const own = [...codes].filter(([system]) => systems.includes(system))
  if (own.some(([, some]) => some === 'all')) return present
  return anyToken(
    own.flatMap(([, some]) => [...some]).map((code) => prefix + escapePart(code)),
    'most',
  )
}

const pairs = (prefix: string, system: string, codes: ReadonlySet<string> | 'all'): readonly string[] => {
  const space = `${prefix}${escapePart(system)}|`
  return codes === 'all' ? [space] : [...codes].map((code) => space + escapePart(code))
}
