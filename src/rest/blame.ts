/** Which parameter of an operation a refusal is about, where whoever refuses does not know its name. */
import { Problem } from '../base/problem.ts'
import type { OperationCall } from './operation.ts'

/** Those of the parameters that were sent, as expressions of an issue. */
export const placesOf = (call: OperationCall, names: readonly string[]): readonly string[] =>
  names.filter((name) => call.inputs.some((input) => input.name === name)).map((name) => `http.${name}`)

/** Does the work; a refusal without a place is about the first of the parameters that was sent. */
export const blaming = async <T>(
  call: OperationCall,
  names: readonly string[],
  work: () => T | Promise<T>,
): Promise<T> => {
  try {
    return await work()
  } catch (error) {
    const [place] = placesOf(call, names)
    const isPlaceless =
      error instanceof Problem && error.status < 500 && error.issues.every(({ expression }) => !expression)
    if (!isPlaceless || place === undefined) throw error
    throw new Problem(
      error.status,
      error.issues.map((issue) => ({ ...issue, expression: [place] })),
      { cause: error.cause },
    )
  }
}
