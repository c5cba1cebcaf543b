/** Regular expressions of callers, bounded in time: http://hl7.org/fhirpath/N1/#matchesregex-string-boolean */
import { createContext, Script } from 'node:vm'
import { Failure, TooManySteps } from './failure.ts'

/** Is told what a match cost, and throws when it was too much in all. */
export type Spend = (steps: number) => void

/** A pattern ready to be used often. */
export type Pattern = {
  test(text: string, spend: Spend): boolean
  replace(text: string, by: string, spend: Spend): string
}

/**
 * Milliseconds for one pattern on one text: a backtracking one can otherwise take hours. They pass also while a busy
 * machine lets the process wait; what a caller may spend in all is counted by the processor's time.
 */
const longest = 200

/** `whole`: all of the text must match. `trusted` patterns are of the published definitions and run as they are. */
export const createPattern = (pattern: string, whole: boolean, trusted: boolean): Pattern => {
  const made = compile(whole ? `^(?:${pattern})$` : pattern)
  const all = new RegExp(made.source, `${made.flags}g`)
  const repeats = trusted ? 0 : countRepeats(pattern)
  const isHarmless = (text: string): boolean =>
    trusted || text.length <= 12 || (repeats <= 1 && text.length <= 2_000)
  return {
    test: (text, spend) =>
      isHarmless(text) ? made.test(text) : guarded(made, text, undefined, spend) === true,
    replace: (text, by, spend) => {
      if (pattern === '') return text
      return isHarmless(text) ? text.replace(all, by) : String(guarded(all, text, by, spend))
    },
  }
}

/** The last pattern is remembered: nearly always it is a literal. */
export const rememberPattern = (whole: boolean, trusted: boolean): ((pattern: string) => Pattern) => {
  let last: string | undefined
  let made: Pattern | undefined
  return (pattern) => {
    if (!made || pattern !== last) made = createPattern(pattern, whole, trusted)
    last = pattern
    return made
  }
}

/** `.` takes line ends too. With the `u` flag JavaScript refuses needless escapes, which published patterns have. */
const compile = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern, 'us')
  } catch {
    return compileLoosely(pattern)
  }
}

const compileLoosely = (pattern: string): RegExp => {
  try {
    return new RegExp(pattern, 's')
  } catch {
    throw new Failure('the text after matches() is no regular expression')
  }
}

/** How often something may repeat: two of them can take more than linear time, and one within another far more. */
const countRepeats = (pattern: string): number =>
  pattern
    .replace(/\\./gs, 'x')
    .replace(/\[[^\]]*\]/g, 'x')
    .replace(/\(\?/g, '(')
    .match(/[*+?]|\{\d*,\d*\}/g)?.length ?? 0

/** A virtual machine of its own is what JavaScript can stop in the middle of a match. */
const names: { source?: string; flags?: string; text?: string; by?: string | undefined } = {}
const room = createContext(names)
const script = new Script(
  'by === undefined ? new RegExp(source, flags).test(text) : text.replace(new RegExp(source, flags), by)',
)

/** Microseconds of a thread of a step. */
const step = 0.5

const guarded = ({ source, flags }: RegExp, text: string, by: string | undefined, spend: Spend): unknown => {
  const begin = process.threadCpuUsage()
  const found = run({ source, flags, text, by })
  const { user, system } = process.threadCpuUsage(begin)
  spend(Math.ceil((user + system) / step))
  return found
}

const run = (given: Required<typeof names>): unknown => {
  Object.assign(names, given)
  try {
    return script.runInContext(room, { timeout: longest })
  } catch {
    throw new TooManySteps('The regular expression takes too long on this text; write a simpler one.')
  } finally {
    names.text = ''
  }
}
