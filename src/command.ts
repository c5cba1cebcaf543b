/** How a command of the console ends when it cannot do what was asked: with a sentence instead of a stack. */
import { ConfigError } from './config.ts'
import { StartError } from './start-error.ts'

const isOfStart = (error: unknown): boolean =>
  error instanceof ConfigError ||
  error instanceof StartError ||
  (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS') === true

/** Errors of every start, and those that `isTold` knows, end the process with status 1; anything else is thrown. */
export const command = (main: () => Promise<void>, isTold = (_error: unknown): boolean => false): void => {
  main().catch((error: unknown) => {
    if (!isOfStart(error) && !isTold(error)) throw error
    process.stderr.write(`${(error as Error).message}\n`)
    process.exitCode = 1
  })
}
