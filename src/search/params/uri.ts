/** Uri parameters: the whole uri, or with `:above` and `:below` a place in its hierarchy. http://hl7.org/fhir/R4/search.html#uri */
import { type Issue, issue } from '../../base/issue.ts'
import { anyToken, type Condition, type StringTest, some } from '../algebra.ts'
import { clean } from '../fold.ts'
import { unescapeValue } from '../values.ts'
import { ancestors, uriWord, versionsAbove } from './uri-words.ts'

/** Modifiers of uri parameters besides `:missing`. */
export const uriModifiers: readonly string[] = ['above', 'below']

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

/** The condition of `_profile` and `_source`, which are tokens; what is above each stands in the table of texts. */
export const restrictTokenUri = (
  code: string,
  parameter: string,
  values: readonly string[],
  modifier?: string,
): { readonly condition: Condition } | { readonly issue: Issue } => {
  const found = restrictUri(code, parameter, values, modifier)
  if ('issue' in found) return found
  const tokens: string[] = []
  const below: Condition[] = []
  for (const raw of values) {
    const uri = clean(unescapeValue(raw))
    if (modifier === 'below')
      below.push({
        kind: 'texts',
        parameters: [parameter],
        words: [{ text: uriWord(uri), isBeginning: false }],
      })
    else if (modifier === undefined) tokens.push(uri)
    else tokens.push(...(uri.includes('|') ? versionsAbove(uri) : ancestors(uri)))
  }
  const condition =
    modifier === 'below'
      ? some(below)
      : anyToken(
          tokens.map((text) => `${parameter}|${text}`),
          'many',
        )
  return { condition }
}

/** Whether a uri is another one or lies below it. */
export const isBelow = (uri: string, other: string): boolean =>
  uri === other || uri.startsWith(other.endsWith('/') ? other : `${other}/`)
