/** Filter → Condition, by the type of the parameter: http://hl7.org/fhir/R4/search.html#ptypes */
import { type Issue, issue } from '../base/issue.ts'
import { anyId, updatedWithin } from './algebra.ts'
import type { Extractor } from './extract.ts'
import { restrictInstant } from './params/date.ts'
import { isTypeModifier, restrictReference } from './params/reference.ts'
import { type Restriction, restrictToken } from './params/token.ts'
import type { Filter } from './parse.ts'
import { unescapeValue } from './values.ts'

type Context = { readonly type: string; readonly base: string; readonly at: number }

/** The condition that a filter stands for, or why it cannot be used. */
export const restrict = (extractor: Extractor, filter: Filter, context: Context): Restriction => {
  const { code, modifier, values } = filter
  if (values.some((value) => value === ''))
    return { issue: issue('value', `The parameter "${code}" has an empty value.`, `http.${code}`) }
  if (code === '_id') return modifier === undefined ? byId(values) : noModifier(code, [])
  if (code === '_lastUpdated')
    return modifier === undefined ? byUpdate(values, context.at) : noModifier(code, [])
  const indexed = extractor.indexed(context.type).get(code)
  if (!indexed) return { issue: unknown(extractor, context.type, code) }
  const { prefix, types, targets, definition } = indexed
  if (definition.type === 'token')
    return modifier === undefined ? restrictToken(code, prefix, types, values) : noModifier(code, [])
  if (modifier !== undefined && !(isTypeModifier(modifier) && targets.includes(modifier)))
    return noModifier(code, targets)
  const only = modifier === undefined ? {} : { only: modifier }
  return restrictReference(code, prefix, values, { targets, types, base: context.base, ...only })
}

const byId = (values: readonly string[]): Restriction => ({
  condition: anyId(values.map(unescapeValue)),
  locks: [],
})

const byUpdate = (values: readonly string[], at: number): Restriction => {
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

const unknown = (extractor: Extractor, type: string, code: string): Issue => {
  const known = ['_id', '_lastUpdated', ...extractor.indexed(type).keys()].sort()
  return issue(
    'not-supported',
    `This server cannot search ${type} by "${code.slice(0, 64)}". It can by: ${known.join(', ')}.`,
    `http.${code}`,
  )
}
