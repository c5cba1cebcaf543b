/** Drops insignificant whitespace from JSON text and touches nothing else, in one pass that also refuses what FHIR's strings forbid. */
import { invalidAt } from './position.ts'
import { skipSpace, stringEnd, valueEnd } from './scan.ts'
import { syntaxProblem } from './syntax.ts'

/** `members`: colons outside of strings, one per member of any object. `end`: index after the value in the original. */
export type Compact = { readonly text: string; readonly members: number; readonly end: number }

/** Arrays and objects inside each other, the outermost included. */
export const defaultDepth = 100

const hex = (text: string, at: number): number => {
  const digits = text.slice(at, at + 4)
  return /^[0-9a-fA-F]{4}$/.test(digits) ? Number.parseInt(digits, 16) : -1
}

/**
 * Refuses escapes that stand for a null character or half of a surrogate pair: neither Postgres nor any other system
 * can keep those as text. Between `from` and `to`; all that is not JSON is left to the parser.
 */
const refuseEscapes = (text: string, from: number, to: number): void => {
  let at = from
  for (;;) {
    at = text.indexOf('\\', at)
    if (at < 0 || at >= to) return
    at = escapeEnd(text, at)
  }
}

const escapeEnd = (text: string, at: number): number => {
  if (text.charCodeAt(at + 1) !== 117) return at + 2
  const unit = hex(text, at + 2)
  if (unit < 0) return at + 2
  if (unit === 0)
    throw invalidAt(text, at, 'the null character \\u0000 is not allowed in FHIR strings; remove it.')
  if (unit < 0xd800 || unit > 0xdfff) return at + 6
  const next = unit < 0xdc00 && text.startsWith('\\u', at + 6) ? hex(text, at + 8) : -1
  if (next >= 0xdc00 && next <= 0xdfff) return at + 12
  throw invalidAt(text, at, 'half of a surrogate pair stands alone; write the whole character.')
}

const delimiters = new Set(Array.from('{}[]:,"', (c) => c.charCodeAt(0)))

const isScalar = (c: number): boolean => !delimiters.has(c)

/**
 * Copies the value that begins at `from` without whitespace. Checks depth, escapes, and that no whitespace
 * stood inside a number or word; all other grammar is left to the parser that reads the copy.
 */
export const compact = (text: string, from: number, depthLimit: number): Compact => {
  const n = text.length
  if (isScalar(text.charCodeAt(from))) {
    const end = valueEnd(text, from)
    return { text: text.slice(from, end), members: 0, end }
  }
  let copied = ''
  let kept = from
  let depth = 0
  let members = 0
  let at = from
  for (; at < n; at++) {
    const c = text.charCodeAt(at)
    if (c === 34) {
      at = stringEnd(text, at) - 1
      if (depth === 0) {
        at++
        break
      }
    } else if (c <= 32) {
      const next = skipSpace(text, at)
      if (next === at) throw syntaxProblem(text)
      if (next < n && isScalar(text.charCodeAt(at - 1)) && isScalar(text.charCodeAt(next)))
        throw syntaxProblem(text)
      copied += text.slice(kept, at)
      kept = next
      at = next - 1
    } else if (c === 58) members++
    else if (c === 123 || c === 91) {
      if (++depth > depthLimit) throw tooDeep(text, at, depthLimit)
    } else if ((c === 125 || c === 93) && --depth <= 0) {
      at++
      break
    }
  }
  if (text.slice(from, at).includes('\\u')) refuseEscapes(text, from, at)
  const last = kept === 0 && at === n ? text : text.slice(kept, at)
  return { text: copied + last, members, end: at }
}

const tooDeep = (text: string, at: number, limit: number) =>
  invalidAt(
    text,
    at,
    `more than ${limit} arrays and objects stand inside each other; send a flatter resource.`,
  )
