/** Any FHIRPath, compiled where that is possible and given to the full engine where it is not: http://hl7.org/fhirpath/N1/ */
import { testByEngine } from '../path.ts'
import type { Env } from './code.ts'
import type { Fhirpath } from './compile.ts'
import type { Truth } from './equality.ts'
import { Beyond } from './failure.ts'
import type { Item } from './item.ts'

/** Throws Failure, TooManySteps, or whatever the engine throws when neither can evaluate it. */
export type Prepared = (focus: Item, env: Env) => Truth

/** Throws SyntaxError for what is no FHIRPath. `trusted`: of the published definitions, so that no bound is needed. */
export const prepare = (fhirpath: Fhirpath, expression: string, trusted: boolean): Prepared => {
  const engine: Prepared = (focus, env) =>
    testByEngine(expression, focus.type.name, focus.value, {
      resource: env.resource[0]?.value,
      rootResource: env.rootResource[0]?.value,
    })
  try {
    const { test } = fhirpath.compile(expression, trusted)
    return (focus, env) => {
      try {
        return test(focus, env)
      } catch (cause) {
        if (!(cause instanceof Beyond)) throw cause
        return engine(focus, env)
      }
    }
  } catch (cause) {
    if (!(cause instanceof Beyond)) throw cause
    return engine
  }
}
