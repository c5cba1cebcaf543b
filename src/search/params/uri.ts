/** Uri parameters: the whole uri, or with `:above` and `:below` a place in its hierarchy. http://hl7.org/fhir/R4/search.html#uri */
import { type Issue, issue } from '../../base/issue.ts'
import { anyToken, type Condition, type StringTest } from '../algebra.ts'
import { clean } from '../fold.ts'
import { unescapeValue } from '../values.ts'

/** Modifiers of uri parameters besides `:missing`. */
export const uriModifiers: readonly string[] = ['above', 'below']

/** `http://a/b/c` → itself, `http://a/b/`, `http://a/b`, `http://a/`, `http://a`; an URN is only itself. */
const ancestors = (uri: string): readonly string[] => {
  const found = [uri]
  const start = uri.indexOf('://') + 3
  if (start < 3) return found
  for (let at = uri.length - 1; at > start; at--)
    if (uri[at] === '/') {
      found.push(uri.slice(0, at + 1), uri.slice(0, at))
    }
  return [...new Set(found)]
}

/** The condition of one uri parameter; `values` are the alternatives, still escaped. */
export const restrictUri = (
  code: string,
  parameter: string,
  values: readonly string[],
  modifier?: string,
): { readonly condition: Condition } | { readonly issue: Issue } => {
  if (modifier !== undefined && !uriModifiers.includes(modifier))
    return {
      issue: issue(
        'not-supported',
        `"${code}" is a uri: use one of :${uriModifiers.join(', :')}, :missing, or no modifier.`,
        `http.${code}`,
      ),
    }
  const any: StringTest[] = []
  for (const raw of values) {
    const uri = clean(unescapeValue(raw))
    if (uri === '') return { issue: issue('value', `The parameter "${code}" needs a URI.`, `http.${code}`) }
    if (modifier !== undefined && uri.startsWith('urn:'))
      return {
        issue: issue(
          'value',
          `"${code}:${modifier}" needs a URL: a URN has nothing above or below it.`,
          `http.${code}`,
        ),
      }
    if (modifier === 'below') any.push({ how: 'below', text: uri })
    else if (modifier === 'above')
      for (const text of ancestors(uri)) any.push({ how: 'exact', text, exact: text })
    else any.push({ how: 'exact', text: uri, exact: uri })
  }
  return { condition: Object.freeze({ kind: 'strings', parameter, any: Object.freeze(any) }) }
}

/** The condition of `_profile` and `_source`, which are tokens. What lies below a uri cannot be asked of those. */
export const restrictTokenUri = (
  code: string,
  prefix: string,
  values: readonly string[],
  modifier?: string,
): { readonly condition: Condition } | { readonly issue: Issue } => {
  if (modifier !== undefined && modifier !== 'above')
    return {
      issue: issue('not-supported', `"${code}" takes :above, :missing, or no modifier.`, `http.${code}`),
    }
  const found = restrictUri(code, prefix, values, modifier)
  if ('issue' in found || found.condition.kind !== 'strings') return found
  return {
    condition: anyToken(
      found.condition.any.map(({ text }) => prefix + text),
      'many',
    ),
  }
}

/** Whether a uri is another one or lies below it. */
export const isBelow = (uri: string, other: string): boolean =>
  uri === other || uri.startsWith(other.endsWith('/') ? other : `${other}/`)
