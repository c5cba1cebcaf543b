/** What lies above a URI or a version of a canonical, as words of a text. http://hl7.org/fhir/R4/search.html#uri, #versions */
import { hash } from 'node:crypto'

/*
 * `:below` asks for values that begin like another one. Different values are few, so they are kept in the table of
 * texts (params/text.ts), each with everything above it as its words: the answer is then one word.
 */

/** `http://a/b/c` → itself, `http://a/b/`, `http://a/b`, `http://a/`, `http://a`; a URN is only itself. */
export const ancestors = (uri: string): readonly string[] => {
  const found = [uri]
  const start = uri.indexOf('://') + 3
  if (start < 3) return found
  for (let at = uri.length - 1; at > start; at--)
    if (uri[at] === '/') {
      found.push(uri.slice(0, at + 1), uri.slice(0, at))
    }
  return [...new Set(found)]
}

/** `http://a|1.2.3` → itself, `http://a|1.2`, `http://a|1`; without a version only itself. */
export const versionsAbove = (canonical: string): readonly string[] => {
  const bar = canonical.lastIndexOf('|')
  if (bar < 0) return [canonical]
  const parts = canonical.slice(bar + 1).split('.')
  return parts.map((_, n) => `${canonical.slice(0, bar + 1)}${parts.slice(0, parts.length - n).join('.')}`)
}

const plain = /^[\w:/.|#?=&%+@-]{1,200}$/

/** A URI as a word: what is too long, or has what separates words, becomes its hash. */
export const uriWord = (uri: string): string => (plain.test(uri) ? uri : hash('sha256', uri))

/** The words of a canonical with a version of several parts; empty for others. */
export const versionWords = (canonical: string): string => {
  const all = versionsAbove(canonical)
  return all.length > 1 ? all.map(uriWord).join(' ') : ''
}

const form = /^([A-Z][A-Za-z]*\._(?:profile|source))\|(.+)$/s

const underscore = 95

/** The parameter and the words of a token of `_profile` or `_source`; undefined for other tokens. */
export const readUriToken = (
  token: string,
): { readonly parameter: string; readonly words: string } | undefined => {
  // Nearly all tokens are others.
  const dot = token.indexOf('.')
  if (dot < 0 || token.charCodeAt(dot + 1) !== underscore) return undefined
  const [, parameter, uri] = form.exec(token) ?? []
  if (parameter === undefined || uri === undefined) return undefined
  const all = uri.includes('|') ? versionsAbove(uri) : ancestors(uri)
  return { parameter, words: all.map(uriWord).join(' ') }
}
