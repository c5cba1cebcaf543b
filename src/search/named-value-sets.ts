/** The value sets that a search names, to be expanded before it is planned: http://hl7.org/fhir/R4/search.html#token */
import { type FilterTree, readFilter } from './filter-text.ts'
import type { Parameter } from './plan.ts'
import { splitUnescaped, unescapeValue } from './values.ts'

/** Their URLs as `PlanOptions.valueSets` has them, each once; what is no URL is left to the planner to refuse. */
export const namedValueSets = (query: readonly Parameter[]): readonly string[] => {
  const urls = query.flatMap(([name, value]) => {
    if (/:(?:in|not-in)$/.test(name)) return splitUnescaped(value, ',').map(unescapeValue)
    if (name !== '_filter') return []
    const tree = readFilter(value)
    return typeof tree === 'string' ? [] : inTree(tree)
  })
  return [...new Set(urls)].filter((url) => /^[a-z][a-z0-9+.-]*:/i.test(url))
}

const inTree = (tree: FilterTree): readonly string[] => {
  if (tree.op === 'not') return inTree(tree.of)
  if (tree.op !== 'test') return tree.of.flatMap(inTree)
  const inner = tree.path.flatMap(({ filter }) => (filter ? inTree(filter) : []))
  return tree.operator === 'in' || tree.operator === 'ni' ? [...inner, tree.value] : inner
}
