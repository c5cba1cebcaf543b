/** The items that a parameter selects, by a compiled walk where that can be, and by FHIRPath's engine else. */
import type { Definitions, SearchParameterDefinition } from '../fhir/definitions/model.ts'
import type { JsonObject } from '../fhir/json/value.ts'
import { badCall } from '../fhir/path-functions.ts'
import { failureOf, selectByEngine, type Typed } from '../fhir/path-types.ts'
import { compileWalk, type Emit, Refusal, UnknownElement } from './walker.ts'

const mostExpressions = 1000
const made = new Map<string, ReturnType<typeof selectByEngine>>()

/** What an expression selects in a resource; a function of walkers. */
export const selected = (resource: JsonObject, expression: string): readonly Typed[] => {
  const known = made.get(expression)
  if (known) return known(resource)
  const select = selectByEngine(expression)
  if (made.size >= mostExpressions) made.clear()
  made.set(expression, select)
  return select(resource)
}

/** As `compileWalk`. Posted parameters may have any expression that the engine can read and that asks no other resource. */
export const compileItems = (
  definitions: Definitions,
  type: string,
  { edition, expression = type }: SearchParameterDefinition,
  emit: Emit,
): string => {
  try {
    return compileWalk(definitions, type, expression, { root: 'resource', base: 'base' }, emit)
  } catch (error) {
    if (edition === undefined || !(error instanceof Refusal || error instanceof SyntaxError)) throw error
    if (error instanceof UnknownElement || expression.includes('resolve(')) throw error
    return byEngine(definitions, type, expression, emit)
  }
}

const byEngine = (definitions: Definitions, type: string, expression: string, emit: Emit): string => {
  const bad = judged(type, expression)
  if (bad !== undefined) throw new Refusal(bad)
  const cases = [...definitions.types.values()]
    .filter(({ kind }) => kind === 'complex' || kind === 'primitive')
    .flatMap(({ name }) => {
      const inner = emit({ code: 'item.value', type: name, targets: [] })
      return inner === '' ? [] : [`case ${JSON.stringify(name)}: { ${inner} break }`]
    })
  return `for (const item of selected(resource, ${JSON.stringify(expression)})) switch (item.type) { ${cases.join(' ')} }`
}

/** Why the engine cannot ask resources of the type for the expression. */
const judged = (type: string, expression: string): string | undefined => {
  try {
    const bad = badCall(expression)
    if (bad !== undefined) return bad
    const failure = failureOf(expression, { resourceType: type })
    return failure === undefined ? undefined : `it cannot be evaluated: ${failure}`
  } catch (error) {
    return `it is not FHIRPath: ${(error as Error).message}`
  }
}
