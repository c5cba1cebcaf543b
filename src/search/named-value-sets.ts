/** The codes that a search means without naming them, to be found before it is planned: http://hl7.org/fhir/R4/search.html#token */
import { codesKey, type NamedCodes } from './codes-key.ts'
import { type FilterTree, type Operator, readFilter } from './filter-text.ts'
import { readToken } from './params/token.ts'
import type { Parameter } from './plan.ts'
import { splitUnescaped, unescapeValue } from './values.ts'

/** What a query names, each once; what has another form is left to the planner to refuse. */
export const namedValueSets = (query: readonly Parameter[]): readonly NamedCodes[] => {
  const named = query.flatMap(([name, value]) => {
    const modifier = /:(in|not-in|above|below)$/.exec(name)?.[1]
    if (modifier !== undefined)
      return splitUnescaped(value, ',').flatMap((one) => namedBy(modifier, unescapeValue(one), one))
    if (name !== '_filter') return []
    const tree = readFilter(value)
    return typeof tree === 'string' ? [] : inTree(tree)
  })
  return [...new Map(named.map((one) => [codesKey(one), one])).values()]
}

const namedBy = (modifier: string, url: string, token: string): readonly NamedCodes[] => {
  if (modifier !== 'above' && modifier !== 'below')
    return /^(?:[a-z][a-z0-9+.-]*:|ValueSet\/)/i.test(url) ? [{ valueSet: url }] : []
  const { system, code } = readToken(token)
  return system && code !== '' ? [{ system, code, side: modifier }] : []
}

const byOperator: Readonly<Partial<Record<Operator, string>>> = {
  in: 'in',
  ni: 'in',
  ss: 'below',
  sb: 'above',
}

const inTree = (tree: FilterTree): readonly NamedCodes[] => {
  if (tree.op === 'not') return inTree(tree.of)
  if (tree.op !== 'test') return tree.of.flatMap(inTree)
  const inner = tree.path.flatMap(({ filter }) => (filter ? inTree(filter) : []))
  const modifier = byOperator[tree.operator]
  return modifier === undefined ? inner : [...inner, ...namedBy(modifier, tree.value, tree.value)]
}
