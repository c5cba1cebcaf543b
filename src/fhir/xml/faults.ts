/** What is wrong in an XML document, with the place as people count and the place in the resource. */
import { type Issue, type IssueCode, issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import { positionAt } from '../json/position.ts'

/** Finding the line of each costs a look at the text before it. */
const mostFound = 50

/** Names come from the client and may be of any length. */
export const shown = (name: string): string => (name.length > 64 ? `${name.slice(0, 64)}…` : name)

export type Faults = {
  /** Notes what is wrong at the offset; ends the reading when there is enough of it. */
  add(code: IssueCode, offset: number, sentence: string, path: string): void
  /** Notes what makes reading on impossible: throws Problem 400 with all that was found. */
  stop(code: IssueCode, offset: number, sentence: string): never
  /** Throws Problem 400 when something was found. */
  settle(): void
}

export const createFaults = (text: string): Faults => {
  const found: Issue[] = []
  const note = (code: IssueCode, offset: number, sentence: string, path: string): void => {
    const { line, column } = positionAt(text, offset)
    const diagnostics = `Line ${line}, column ${column}: ${sentence}`
    found.push({ ...issue(code, diagnostics, ...(path === '' ? [] : [path])), line, column })
  }
  const refuse = (): never => {
    throw new Problem(400, found)
  }
  return {
    add: (code, offset, sentence, path) => {
      note(code, offset, sentence, path)
      if (found.length >= mostFound) refuse()
    },
    stop: (code, offset, sentence) => {
      note(code, offset, sentence, '')
      return refuse()
    },
    settle: () => {
      if (found.length > 0) refuse()
    },
  }
}
