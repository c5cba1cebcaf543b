/** Where something stands in a text, as people count: lines and columns from 1. */
import { invalid, type Problem } from '../../base/problem.ts'

export type Position = { readonly line: number; readonly column: number }

/** The position of the character at `offset`; the column counts UTF-16 units. */
export const positionAt = (text: string, offset: number): Position => {
  let line = 1
  let lineStart = 0
  for (let at = text.indexOf('\n'); at >= 0 && at < offset; at = text.indexOf('\n', at + 1)) {
    line++
    lineStart = at + 1
  }
  return { line, column: offset - lineStart + 1 }
}

/** 400 with the position in front of the sentence. The sentence must not quote content. */
export const invalidAt = (text: string, offset: number, sentence: string): Problem => {
  const { line, column } = positionAt(text, offset)
  return invalid(`Line ${line}, column ${column}: ${sentence}`)
}
