/** How much memory young objects get, and keep: https://nodejs.org/api/cli.html#--max-semi-space-sizesize-in-mib */

const mb = 1024 * 1024

/** What Node gives by itself where memory is no concern, and the size beyond which little is saved, in MB. */
const usual = 64
const most = 128

/** Each process has two of these spaces: all together they may take a sixteenth of the memory. */
const part = 32

/**
 * Arguments of Node for `workers` processes on a machine with `memory` bytes: what a transaction makes lives as long as the
 * transaction, and in more room less of it is copied meanwhile. Nor is the room given back whenever nobody asks for a
 * second or two: what comes then would have to win it again. Empty where memory is scarce, and where the size is `given`
 * among the arguments already. Decision 0030.
 */
export const youngGeneration = (
  workers: number,
  memory: number,
  given: readonly string[],
): readonly string[] => {
  const size = Math.min(most, Math.floor(memory / mb / part / workers))
  if (size <= usual || given.some((argument) => /^--max[-_]semi[-_]space[-_]size/.test(argument))) return []
  return [`--max-semi-space-size=${size}`, '--no-memory-reducer']
}
