/** The regular expressions of `matches()`: http://hl7.org/fhirpath/N1/#matchesregex-string-boolean */
import { Failure } from './failure.ts'
import type { Expression } from './syntax.ts'

/** Makes the pattern once when it is a literal, and else remembers the last one. `whole`: all of the text must match. */
export const matcher = (argument: Expression | undefined, whole: boolean): ((pattern: string) => RegExp) => {
  let last: string | undefined
  let made = /(?:)/
  const match = (pattern: string): RegExp => {
    if (pattern === last) return made
    made = compile(whole ? `^(?:${pattern})$` : pattern)
    last = pattern
    return made
  }
  if (argument?.op === 'literal' && typeof argument.value === 'string') match(argument.value)
  return match
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
