/** The meaning of `_filter`: http://hl7.org/fhir/R4/search_filter.html */
import { type Issue, issue } from '../base/issue.ts'
import { type Condition, every, not, some } from './algebra.ts'
import { reach, restrictChain } from './chain.ts'
import type { Extractor } from './extract.ts'
import { type FilterTree, type Operator, type PathStep, readFilter } from './filter-text.ts'
import type { Restriction } from './params/token.ts'
import type { Filter } from './parse.ts'

/** How one parameter of a type is restricted. */
type Inner = (type: string, filter: Filter) => Restriction

type Made = Condition | Issue
const isIssue = (made: Made): made is Issue => 'severity' in made

/** The condition of a `_filter`; `text` is decoded and, unlike values of other parameters, has no escapes of its own. */
export const restrictFilter = (
  extractor: Extractor,
  filter: Filter,
  type: string,
  inner: Inner,
): Restriction => {
  const [, text] = filter.source
  const tree = readFilter(text)
  if (typeof tree === 'string') return { issue: refused(`"_filter" cannot be read. ${tree}`) }
  const limit = reach()

  const made = (of: FilterTree, on: string): Made => {
    if (of.op === 'test') return step(of.path, of.operator, of.value, on)
    if (of.op === 'not') {
      const one = made(of.of, on)
      return isIssue(one) ? one : not(one)
    }
    const all = of.of.map((one) => made(one, on))
    const problem = all.find(isIssue)
    if (problem) return problem
    return of.op === 'and' ? every(all as Condition[]) : some(all as Condition[])
  }

  const step = (path: readonly PathStep[], operator: Operator, value: string, on: string): Made => {
    const [first, ...rest] = path as readonly [PathStep, ...PathStep[]]
    if (rest.length === 0) return test(extractor, first.name, operator, value, on, inner, filter)
    const [code = '', target] = first.name.split(':')
    const chain = {
      kind: 'through',
      code,
      rest: 'rest',
      ...(target === undefined ? {} : { type: target }),
    } as const
    const found = restrictChain(extractor, chain, filter, { type: on, reach: limit }, (end) => {
      const own = first.filter ? made(first.filter, end) : every([])
      if (isIssue(own)) return { issue: own }
      const further = step(rest, operator, value, end)
      return isIssue(further) ? { issue: further } : { condition: every([own, further]), locks: [] }
    })
    return 'issue' in found ? found.issue : found.condition
  }

  const condition = made(tree, type)
  if (!isIssue(condition)) return { condition, locks: [] }
  return { issue: { ...condition, expression: ['http._filter'] } }
}

const refused = (text: string): Issue => issue('value', text, 'http._filter')

const compared: ReadonlySet<string> = new Set(['date', 'number', 'quantity'])
/** Operators that compare, by what they mean for each kind of parameter. */
const modifiers: Readonly<Record<string, Readonly<Partial<Record<Operator, string>>>>> = {
  string: { eq: 'contains', co: 'contains', sw: '', ew: 'contains' },
  token: { eq: '', ss: 'below', sb: 'above', in: 'in', ni: 'not-in' },
  reference: { eq: '', re: '' },
  uri: { eq: '', ss: 'below', sb: 'above' },
  composite: { eq: '' },
  special: { eq: '' },
}
/** Parameters that all types have and that are no elements: operators that fit, by parameter. */
const wholes: Readonly<Record<string, readonly Operator[]>> = {
  _content: ['co'],
  _text: ['co'],
  _list: ['eq'],
}
const prefixes: readonly Operator[] = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'ap', 'sa', 'eb']

const kindOf = (extractor: Extractor, type: string, code: string): string | undefined => {
  if (code === '_id') return 'token'
  if (code === '_lastUpdated') return 'date'
  return extractor.indexed(type).get(code)?.definition.type
}

const test = (
  extractor: Extractor,
  code: string,
  operator: Operator,
  value: string,
  type: string,
  inner: Inner,
  filter: Filter,
): Made => {
  const { source } = filter
  const ask = (modifier: string, text: string): Made => {
    const found = inner(type, { code, values: [text], source, ...(modifier === '' ? {} : { modifier }) })
    return 'issue' in found ? found.issue : found.condition
  }
  const kind = kindOf(extractor, type, code)
  const fitting = wholes[code]
  if (fitting && !fitting.includes(operator))
    return refused(
      `The operator ${operator} of "_filter" cannot be used with ${code}. Use ${fitting.join(', ')}.`,
    )
  if (code === '_filter' || code === '_has' || code === '_query')
    return refused(`A test of "_filter" cannot be about ${code}: name a parameter of ${type}.`)
  // An unknown parameter is refused by whoever knows the others.
  if (kind === undefined) return ask('', escapeValue(value, true))
  if (operator === 'pr') return presence(value, ask)
  if (kind === 'date' && operator === 'po') return both(ask('', `ge${value}`), ask('', `le${value}`))
  if (compared.has(kind))
    return prefixes.includes(operator)
      ? ask('', operator + escapeValue(value, false))
      : unfit(code, kind, operator, kind === 'date' ? [...prefixes, 'po'] : prefixes)
  const known = modifiers[kind] ?? {}
  const modifier = known[operator]
  const text = kind === 'composite' ? value.replace(/[\\,]/g, '\\$&') : escapeValue(value, kind === 'string')
  if (kind === 'string' && modifier === 'contains') return contained(ask(modifier, text), operator)
  if (modifier !== undefined) return ask(modifier, text)
  if (operator === 'ne' && known.eq !== undefined)
    return unequal(ask(known.eq, text), ask('missing', 'false'))
  const others: readonly Operator[] = known.eq === undefined ? [] : ['ne']
  return unfit(code, kind, operator, [...(Object.keys(known) as Operator[]), ...others])
}

const containing: Readonly<Partial<Record<Operator, 'equals' | 'ends'>>> = { eq: 'equals', ew: 'ends' }

/** Strings that are equal or end like this also contain it; only `_filter` asks for these. */
const contained = (made: Made, operator: Operator): Made => {
  const how = containing[operator] ?? 'contains'
  if (isIssue(made) || made.kind !== 'strings' || how === 'contains') return made
  return { ...made, any: made.any.map(({ text }) => ({ how, text })) }
}

/** It has a value and none of them is equal. */
const unequal = (equal: Made, present: Made): Made => {
  if (isIssue(equal)) return equal
  return isIssue(present) ? not(equal) : every([present, not(equal)])
}

const both = (left: Made, right: Made): Made => {
  if (isIssue(left)) return left
  return isIssue(right) ? right : every([left, right])
}

/** `pr true` holds when there is a value. */
const presence = (value: string, ask: (modifier: string, text: string) => Made): Made => {
  if (value === 'true') return ask('missing', 'false')
  if (value === 'false') return ask('missing', 'true')
  return refused('The operator pr of "_filter" is followed by true or false.')
}

const unfit = (code: string, kind: string, operator: Operator, known: readonly Operator[]): Issue =>
  refused(
    `The operator ${operator} of "_filter" cannot be used with ${code}, which is of type ${kind}. Use one of ${[...known, 'pr'].join(', ')}.`,
  )

/** Values of a filter are not lists, and only the bar of tokens and quantities separates. */
const escapeValue = (text: string, isWhole: boolean): string =>
  text.replace(isWhole ? /[\\,$|]/g : /[\\,$]/g, '\\$&')
