/** Says in every issue which entry it is about. */
import type { Issue } from '../../base/issue.ts'
import { Problem } from '../../base/problem.ts'
import type { Breath } from './breathe.ts'

/** `Patient.name[0]` → `Bundle.entry[3].resource.name[0]`; a header or parameter is in the entry's request. */
const placed = (expression: string, at: string): string => {
  if (expression.startsWith('http.')) return `${at}.request`
  const dot = expression.indexOf('.')
  return dot < 0 ? `${at}.resource` : `${at}.resource${expression.slice(dot)}`
}

const placedIssue = (issue: Issue, index: number): Issue => {
  const at = `Bundle.entry[${index}]`
  return {
    ...issue,
    diagnostics: `Entry ${index}: ${issue.diagnostics}`,
    expression: issue.expression?.map((expression) => placed(expression, at)) ?? [at],
  }
}

/** Where problems of an entry are said to be; the single request outside of a Bundle has no entry. */
export type Place = (index: number, error: unknown) => unknown

export const inBundle: Place = (index, error) =>
  error instanceof Problem
    ? new Problem(
        error.status,
        error.issues.map((issue) => placedIssue(issue, index)),
        {
          cause: error.cause,
          ...(error.retryAfter === undefined ? {} : { retryAfter: error.retryAfter }),
        },
      )
    : error

export const alone: Place = (_index, error) => error

/**
 * Runs `act` for each item, one after the other; one refusal carries the issues of all that refused in the order of the
 * entries, with the first one's status. Where `act` takes its time, others may `breathe` before each.
 */
export const forEachEntry = async <T extends { readonly index: number }>(
  items: readonly T[],
  place: Place,
  act: (item: T) => void | Promise<void>,
  breathe?: Breath,
): Promise<void> => {
  const refused: { readonly index: number; readonly problem: Problem }[] = []
  for (const item of items) {
    // Most have nothing to wait for, and waiting for nothing costs a promise and a turn.
    const pause = breathe?.()
    if (pause) await pause
    try {
      const running = act(item)
      if (running) await running
    } catch (error) {
      const said = place(item.index, error)
      if (!(said instanceof Problem)) throw said
      refused.push({ index: item.index, problem: said })
    }
  }
  if (refused.length === 0) return
  const problems = refused.sort((a, b) => a.index - b.index).map(({ problem }) => problem)
  const { status, cause } = problems[0]!
  throw new Problem(
    status,
    problems.flatMap((problem) => problem.issues),
    { cause },
  )
}
