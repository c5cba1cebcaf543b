/** Filter → Condition, by the type of the parameter: http://hl7.org/fhir/R4/search.html#ptypes */
import { isId } from '../base/id.ts'
import { type Issue, issue } from '../base/issue.ts'
import { anyId, type Condition, every, not, updatedWithin } from './algebra.ts'
import { type Reach, reach, readChain, restrictChain } from './chain.ts'
import { rowsOf } from './composite-walk.ts'
import { everywhere } from './everywhere.ts'
import type { Extractor, Indexed } from './extract.ts'
import { restrictFilter } from './filter.ts'
import { includeParameters } from './include.ts'
import { beyondLimits } from './limits.ts'
import { modifiersOf } from './modifiers.ts'
import { restrictComposite } from './params/composite.ts'
import { restrictDate, restrictInstant } from './params/date.ts'
import { restrictLineage } from './params/lineage.ts'
import { restrictList } from './params/list.ts'
import { restrictNear } from './params/near.ts'
import { restrictNumber } from './params/number.ts'
import { restrictQuantity } from './params/quantity.ts'
import { identifierPrefix, isTypeModifier, restrictReference, restrictVersions } from './params/reference.ts'
import { restrictString } from './params/string.ts'
import { hasTexts, restrictContent, restrictText } from './params/text.ts'
import { type Restriction, restrictToken } from './params/token.ts'
import { restrictTokenBy, type ValueSets } from './params/token-modifiers.ts'
import { restrictTokenUri, restrictUri } from './params/uri.ts'
import type { Filter } from './parse.ts'
import { resultParameters } from './results.ts'
import { unescapeValue } from './values.ts'
import { isTokenUri } from './writers.ts'

type Context = {
  readonly type: string
  readonly base: string
  readonly at: number
  /** Whether the search names the patients that it is about: functional lists are those of a patient. */
  readonly ofPatient: boolean
  /** What was found out beforehand about the value sets that the search names. */
  readonly valueSets?: ValueSets
  /** Of the chain that this is a part of. */
  readonly reach?: Reach
}

/** The condition that a filter stands for, or why it cannot be used. */
export const restrict = (extractor: Extractor, filter: Filter, context: Context): Restriction => {
  const { code, modifier, values } = filter
  if (code === '_filter' && modifier === undefined)
    return restrictFilter(extractor, filter, context.type, (type, inner) =>
      restrict(extractor, inner, { ...context, type }),
    )
  if (values.some((value) => value === ''))
    return { issue: issue('value', `The parameter "${code}" has an empty value.`, `http.${code}`) }
  if (code === '_id') return byId(modifier, values)
  if (code === '_lastUpdated') return byUpdate(modifier, values, context.at)
  if (code === '_list')
    return modifier === undefined
      ? restrictList(extractor, filter, { ...context, inner: (one) => restrict(extractor, one, context) })
      : noModifier(code, [])
  if (code === '_query') return { issue: noNamedQuery(values) }
  if (code === '_content' || code === '_text')
    return extractor.hidesText?.(context.type)
      ? { issue: unknown(extractor, context.type, code) }
      : byContent(extractor, filter, context.type)
  const chain = readChain(filter)
  if (chain) {
    const step = { ...context, reach: context.reach ?? reach() }
    const found = restrictChain(extractor, chain, filter, step, (type, inner) =>
      restrict(extractor, inner, { ...step, type }),
    )
    return 'issue' in found ? { issue: { ...found.issue, expression: [placeOf(filter)] } } : found
  }
  const indexed = extractor.indexed(context.type).get(code)
  if (!indexed)
    return resultParameters.includes(code)
      ? noModifier(code, includeParameters.includes(`${code}:iterate`) ? ['iterate'] : [])
      : { issue: unknown(extractor, context.type, code) }
  const beyond = beyondLimits(indexed.definition, filter)
  if (beyond) return { issue: beyond }
  if (modifier === 'missing') return byMissing(code, indexed.present, values)
  if (indexed.definition.type === 'special')
    return modifier === undefined ? restrictNear(indexed, values) : noModifier(code, ['missing'])
  const found = byValue(indexed, modifier, values, context)
  if (found) return 'issue' in found ? found : { ...found, locks: [] }
  if (indexed.definition.type === 'token') return byToken(extractor, indexed, modifier, filter, context)
  return byReference(extractor, indexed, modifier, values, context)
}

/** Where the client finds what is meant: the name as it was written, and not the end of a chain. */
const placeOf = ({ source: [name] }: Filter): string => `http.${name}`

/** The condition on strings, dates, numbers, quantities, uris and composites; undefined for other types. */
const byValue = (
  indexed: Indexed,
  modifier: string | undefined,
  values: readonly string[],
  { base, at }: Context,
): { readonly condition: Condition } | { readonly issue: Issue } | undefined => {
  const { parameter, definition, targets, kinds } = indexed
  const { code, type } = definition
  if (type === 'string') return restrictString(code, parameter, values, modifier)
  if (type === 'uri')
    return isTokenUri(definition)
      ? restrictTokenUri(code, parameter, values, modifier)
      : restrictUri(code, parameter, values, modifier)
  const isKnown = type === 'date' || type === 'number' || type === 'quantity' || type === 'composite'
  if (isKnown && modifier !== undefined) return noModifier(code, ['missing'])
  if (type === 'date') return restrictDate(code, indexed, values, at)
  if (type === 'number') return restrictNumber(code, parameter, values)
  if (type === 'quantity') return restrictQuantity(code, rowsOf(parameter), values)
  if (type !== 'composite') return undefined
  return restrictComposite({ code, kinds, parameters: rowsOf(parameter), targets, base, at }, values)
}

const byContent = (extractor: Extractor, filter: Filter, type: string): Restriction => {
  const { code, modifier, values } = filter
  if (modifier !== undefined) return noModifier(code, [])
  const texts = [...extractor.indexed(type).values()]
    .filter((one) => hasTexts(one) && one.definition.edition === undefined)
    .map(({ parameter }) => parameter)
  const parameters = code === '_text' ? [`${type}._text`] : [`${type}._text`, `${type}._content`, ...texts]
  return restrictContent(code, parameters, values)
}

const byId = (modifier: string | undefined, values: readonly string[]): Restriction => {
  if (modifier === 'missing') return byMissing('_id', everything, values)
  if (modifier !== undefined && modifier !== 'not') return noModifier('_id', ['missing', 'not'])
  const given = values.map(unescapeValue)
  const wrong = given.find((id) => !isId(id))
  if (wrong !== undefined) return { issue: noId(wrong) }
  const ids = anyId(given)
  return { condition: modifier === 'not' ? not(ids) : ids, locks: [] }
}

const noId = (text: string): Issue =>
  issue(
    'value',
    `"_id" takes ids, which are up to 64 letters, digits, "-" and "."; ${JSON.stringify(text.slice(0, 80))} is none.`,
    'http._id',
  )

/** What every resource has. */
const everything: Condition = every([])

/** http://hl7.org/fhir/R4/search.html#missing */
const byMissing = (code: string, present: Condition, values: readonly string[]): Restriction => {
  const [value] = values
  if (values.length === 1 && value === 'true') return { condition: not(present), locks: [] }
  if (values.length === 1 && value === 'false') return { condition: present, locks: [] }
  return { issue: issue('value', `"${code}:missing" is either true or false.`, `http.${code}`) }
}

const byToken = (
  extractor: Extractor,
  indexed: Indexed,
  modifier: string | undefined,
  { values }: Filter,
  { type, valueSets }: Context,
): Restriction => {
  const { code } = indexed.definition
  if (modifier === 'text' && hasTexts(indexed)) return restrictText(code, indexed.parameter, values)
  const known = modifiersOf(extractor, indexed, type)
  if (modifier !== undefined && !known.includes(modifier)) return noModifier(code, ['missing', ...known])
  const room = valueSets ? { definitions: extractor.definitions, valueSets } : extractor
  return restrictTokenBy(room, indexed, modifier, values)
}

const byReference = (
  extractor: Extractor,
  indexed: Indexed,
  modifier: string | undefined,
  values: readonly string[],
  { base, type }: Context,
): Restriction => {
  const { prefix, targets, types } = indexed
  const { code } = indexed.definition
  if (modifier === 'identifier' && types.has('Reference'))
    return restrictToken(code, identifierPrefix(prefix), identifierOnly, values)
  if (modifier === 'above' || modifier === 'below') {
    if (!types.has('Reference')) return restrictVersions(code, prefix, values, modifier)
    if (targets.includes(type)) return restrictLineage({ code, prefix, type, base }, values, modifier)
  }
  if (modifier !== undefined && !(isTypeModifier(modifier) && targets.includes(modifier)))
    return noModifier(code, ['missing', ...modifiersOf(extractor, indexed, type), ...targets])
  const only = modifier === undefined ? {} : { only: modifier }
  return restrictReference(code, prefix, values, { targets, types, base, ...only })
}

const identifierOnly: ReadonlySet<string> = new Set(['Identifier'])

const byUpdate = (modifier: string | undefined, values: readonly string[], at: number): Restriction => {
  if (modifier === 'missing') return byMissing('_lastUpdated', everything, values)
  if (modifier !== undefined) return noModifier('_lastUpdated', ['missing'])
  const found = restrictInstant('_lastUpdated', values, at)
  return 'issue' in found ? found : { condition: updatedWithin(found.intervals), locks: [] }
}

const noModifier = (code: string, known: readonly string[]): Restriction => {
  const advice = known.length > 0 ? `use one of :${known.join(', :')}, or none` : 'leave it out'
  return {
    issue: issue(
      'not-supported',
      `This server does not know that modifier of "${code}": ${advice}.`,
      `http.${code}`,
    ),
  }
}

/** http://hl7.org/fhir/R4/search.html#query */
const noNamedQuery = (values: readonly string[]): Issue =>
  issue(
    'not-supported',
    `The named query ${JSON.stringify(values.join(',').slice(0, 64))} is not known to this server: there are none. Search by parameters, or with "_filter".`,
    'http._query',
  )

const unknown = (extractor: Extractor, type: string, code: string): Issue => {
  const known = [...everywhere, ...extractor.indexed(type).keys()].sort()
  return issue(
    'not-supported',
    `This server cannot search ${type} by "${code.slice(0, 64)}". It can by: ${known.join(', ')}.`,
    `http.${code}`,
  )
}
