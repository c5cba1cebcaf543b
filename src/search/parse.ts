/** Query text → Query: what the client said, with everything that cannot be used judged. http://hl7.org/fhir/R4/search.html */
import { type Issue, issue } from '../base/issue.ts'
import { includeParameters } from './include.ts'
import type { Parameter } from './plan.ts'
import { splitUnescaped } from './values.ts'

/** A parameter that selects. `values` are its alternatives, still escaped. */
export type Filter = {
  readonly code: string
  readonly modifier?: string
  readonly values: readonly string[]
  readonly source: Parameter
}

export type Query = {
  readonly filters: readonly Filter[]
  /** Parameters that shape the result. */
  readonly results: readonly Parameter[]
}

/** More than these is refused, whatever the handling: nobody writes such a query by hand. */
const bounds = Object.freeze({ parameters: 100, alternatives: 1000, value: 65_536 })

/** Splits the pairs into filters and result parameters; issues are those that no leniency forgives. */
export const parse = (
  query: readonly Parameter[],
  resultParameters: readonly string[],
): { readonly query: Query; readonly issues: readonly Issue[] } => {
  const issues: Issue[] = []
  const filters: Filter[] = []
  const results: Parameter[] = []
  if (query.length > bounds.parameters)
    issues.push(issue('too-costly', `A search may have at most ${bounds.parameters} parameters.`))
  for (const source of query.slice(0, bounds.parameters)) {
    const [name, value] = source
    const values = splitUnescaped(value.length > bounds.value ? '' : value, ',')
    const [code = '', ...rest] = name.split(':')
    const tooMany = bound(code, value, values.length)
    if (tooMany) issues.push(tooMany)
    else if (resultParameters.includes(name)) {
      if (!includeParameters.includes(name) && results.some(([known]) => known === name))
        issues.push(issue('invalid', `Give "${name}" once.`, `http.${name}`))
      else results.push(source)
    } else {
      const filter = { code, values, source }
      filters.push(rest.length > 0 ? { ...filter, modifier: rest.join(':') } : filter)
    }
  }
  return { query: { filters, results }, issues }
}

const bound = (code: string, value: string, alternatives: number): Issue | undefined => {
  const at = `http.${code.slice(0, 64)}`
  if (code.length > 200)
    return issue('too-long', 'The name of a parameter is longer than any that exists.', at)
  if (value.length > bounds.value)
    return issue('too-long', `A parameter may have at most ${bounds.value} characters: split the search.`, at)
  if (alternatives > bounds.alternatives)
    return issue(
      'too-costly',
      `A parameter may have at most ${bounds.alternatives} alternatives: split the search.`,
      at,
    )
  return undefined
}

/** Decodes the text after `?` of a URL, as application/x-www-form-urlencoded. */
export const readQueryString = (text: string): readonly Parameter[] => [...new URLSearchParams(text)]
