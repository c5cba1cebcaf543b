/** Finds the first mistake in a text that is not JSON (RFC 8259): V8's own messages quote content and often lack the place. */
import type { Problem } from '../../base/problem.ts'
import { invalidAt } from './position.ts'
import { skipSpace } from './scan.ts'

type Fault = { readonly offset: number; readonly sentence: string }

const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const literal = /true|false|null/y
const plain = /[^"\\\x00-\x1f]*/y
const escapeSequence = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y
const wordEnd = /[\s,:{}[\]"]|$/y

const endOf = (pattern: RegExp, text: string, at: number): number => {
  pattern.lastIndex = at
  return pattern.test(text) ? pattern.lastIndex : -1
}

const fault = (offset: number, sentence: string): Fault => ({ offset, sentence })

const stringFault = (text: string, open: number): number | Fault => {
  let at = open + 1
  for (;;) {
    at = endOf(plain, text, at)
    if (at >= text.length) return fault(open, 'this string is never closed; end it with a quotation mark.')
    const c = text.charCodeAt(at)
    if (c === 34) return at + 1
    if (c !== 92)
      return fault(at, 'a control character stands in a string; write it as an escape such as \\n.')
    const end = endOf(escapeSequence, text, at)
    if (end < 0) return fault(at, 'this is not an escape that JSON knows; write a backslash itself as \\\\.')
    at = end
  }
}

const containerFault = (text: string, open: number): number | Fault => {
  const inObject = text.charCodeAt(open) === 123
  const close = inObject ? 125 : 93
  const closer = inObject ? '}' : ']'
  let at = skipSpace(text, open + 1)
  if (text.charCodeAt(at) === close) return at + 1
  for (;;) {
    if (inObject) {
      if (at >= text.length) return fault(at, 'the text ends inside an object; close it with }.')
      if (text.charCodeAt(at) !== 34)
        return fault(at, 'the name of a member in quotation marks must stand here.')
      const name = stringFault(text, at)
      if (typeof name !== 'number') return name
      at = skipSpace(text, name)
      if (text.charCodeAt(at) !== 58) return fault(at, 'a colon must stand between a name and its value.')
      at = skipSpace(text, at + 1)
    }
    const value = valueFault(text, at)
    if (typeof value !== 'number') return value
    at = skipSpace(text, value)
    const c = text.charCodeAt(at)
    if (c === close) return at + 1
    if (at >= text.length) return fault(at, `the text ends too early; a comma or ${closer} must follow.`)
    if (c !== 44) return fault(at, `a comma or ${closer} must stand here.`)
    at = skipSpace(text, at + 1)
  }
}

const valueFault = (text: string, at: number): number | Fault => {
  if (at >= text.length) return fault(at, 'the text ends where a value must stand.')
  const c = text.charCodeAt(at)
  if (c === 34) return stringFault(text, at)
  if (c === 123 || c === 91) return containerFault(text, at)
  const end = Math.max(endOf(number, text, at), endOf(literal, text, at))
  if (end < 0)
    return fault(at, 'a value must stand here: an object, array, string, number, true, false or null.')
  if (endOf(wordEnd, text, end) < 0)
    return fault(at, 'this is neither a JSON number nor true, false or null.')
  return end
}

/** 400 for the first mistake in `text`. Recursive: only for text whose depth was bounded before. */
export const syntaxProblem = (text: string): Problem => {
  const end = valueFault(text, skipSpace(text, 0))
  if (typeof end !== 'number') return invalidAt(text, end.offset, end.sentence)
  return invalidAt(text, skipSpace(text, end), 'nothing may follow after the end of the JSON value.')
}
