/** Visits JSON text without parsing it (RFC 8259): the members of one object, the elements of one array. */
import { skipSpace, stringEnd } from './scan.ts'
import { syntaxProblem } from './syntax.ts'

/** The string that stands between `from` and `to`, quotation marks included. */
export const stringAt = (text: string, from: number, to: number): string => {
  const inner = text.slice(from + 1, to - 1)
  if (!inner.includes('\\')) return inner
  try {
    return JSON.parse(text.slice(from, to)) as string
  } catch {
    throw syntaxProblem(text)
  }
}

/** Gets a member's name, where the name's text begins, and where its value begins; says where the value ended, or -1 to stop. */
export type VisitMember = (name: string, nameAt: number, valueAt: number) => number

/** Visits the members of the object that opens at `open`; gives the index after its `}`, or -1 when stopped. */
export const walkObject = (text: string, open: number, visit: VisitMember): number => {
  let at = skipSpace(text, open + 1)
  if (text.charCodeAt(at) === 125) return at + 1
  for (;;) {
    if (text.charCodeAt(at) !== 34) throw syntaxProblem(text)
    const nameEnd = stringEnd(text, at)
    const colon = skipSpace(text, nameEnd)
    if (text.charCodeAt(colon) !== 58) throw syntaxProblem(text)
    const end = visit(stringAt(text, at, nameEnd), at, skipSpace(text, colon + 1))
    if (end < 0) return -1
    at = skipSpace(text, end)
    const c = text.charCodeAt(at)
    if (c === 125) return at + 1
    if (c !== 44) throw syntaxProblem(text)
    at = skipSpace(text, at + 1)
  }
}

/** Visits the elements of the array that opens at `open`; gives the index after its `]`. */
export const walkArray = (text: string, open: number, visit: (valueAt: number) => number): number => {
  let at = skipSpace(text, open + 1)
  if (text.charCodeAt(at) === 93) return at + 1
  for (;;) {
    at = skipSpace(text, visit(at))
    const c = text.charCodeAt(at)
    if (c === 93) return at + 1
    if (c !== 44) throw syntaxProblem(text)
    at = skipSpace(text, at + 1)
  }
}
