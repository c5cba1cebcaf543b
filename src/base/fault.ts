/** An unexpected error for the log: enough to find the bug, nothing that could be a patient's. */

/** Messages of these are made of names in code; others may quote a value (`JSON.parse` and PostgreSQL do). */
const harmless = new Set(['TypeError', 'ReferenceError', 'AssertionError'])

export type Fault = {
  readonly name: string
  readonly code?: string
  readonly message?: string
  readonly at: readonly string[]
  readonly cause?: Fault
}

/** Name, code, stack frames and causes of `error`. */
export const faultOf = (error: unknown, depth = 0): Fault => {
  if (!(error instanceof Error)) return { name: typeof error, at: [] }
  const { code } = error as { code?: unknown }
  const frames = (error.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line))
  return {
    name: error.name,
    ...(typeof code === 'string' ? { code } : {}),
    ...(harmless.has(error.name) ? { message: error.message } : {}),
    at: frames.slice(0, 12).map((line) => line.trim()),
    ...(error.cause !== undefined && depth < 3 ? { cause: faultOf(error.cause, depth + 1) } : {}),
  }
}
