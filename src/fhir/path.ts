/** The one door to FHIRPath (http://hl7.org/fhirpath/N1/), with the model of R4 and a bound on the work of one evaluation. */
import { createRequire } from 'node:module'
import type { compile, Options } from 'fhirpath'
import type r4 from 'fhirpath/fhir-context/r4'
import { invalid, Problem, tooCostly } from '../base/problem.ts'
import { TooManySteps } from './fhirpath-compile/failure.ts'
import { createPattern } from './fhirpath-compile/matching.ts'
import { readFhirpath } from './fhirpath-compile/syntax.ts'
import { tokenize } from './fhirpath-compile/tokens.ts'
import type { JsonObject } from './json/value.ts'

/** Member names and array indexes from the resource's top level. */
export type Location = readonly (string | number)[]

/** `path` is absent for a value that was computed and stands nowhere in the resource. */
export type Located = { readonly path?: Location; readonly value: unknown }

const load = createRequire(import.meta.url)

/** Loaded on first use, and remembered by the loader: the engine takes a tenth of a second of every start otherwise. */
const fhirpath = (): { compile: typeof compile; r4: typeof r4 } => ({
  compile: load('fhirpath').compile,
  r4: load('fhirpath/fhir-context/r4'),
})

const longestExpression = 1_000
/** The engine's parser may take a millisecond for three; the text above has some thousand at most. */
const mostTokens = 250
const mostSteps = 200_000

type Node = {
  readonly parentResNode: Node | null
  readonly propName: string | null
  readonly index: number | null
  readonly data: unknown
  readonly fhirNodeDataType: string | null
}

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && 'parentResNode' in value

/** The JSON member: the engine calls both `valueString` and `valueQuantity` `value`. */
const memberOf = (node: Node, propName: string): string => {
  const parent = node.parentResNode?.data
  if (typeof parent !== 'object' || parent === null || node.fhirNodeDataType === null) return propName
  if (Object.hasOwn(parent, propName) || Object.hasOwn(parent, `_${propName}`)) return propName
  return propName + node.fhirNodeDataType.charAt(0).toUpperCase() + node.fhirNodeDataType.slice(1)
}

const locationOf = (node: Node): Location => {
  const path: (string | number)[] = []
  for (let at: Node | null = node; at !== null; at = at.parentResNode) {
    if (typeof at.index === 'number') path.push(at.index)
    if (at.propName !== null) path.push(memberOf(at, at.propName))
  }
  return path.reverse()
}

/**
 * Throws Problem 400 for an expression that is longer than any that makes sense, or is not FHIRPath; to be asked before
 * anything looks into it. Reading it here takes linear time; the engine's parser takes seconds for some broken ones.
 */
export const refuseLong = (expression: string): void => {
  if (expression.length > longestExpression)
    throw invalid(
      `The FHIRPath expression is longer than ${longestExpression} characters; write a shorter one.`,
    )
  const fault = faultOf(expression)
  if (fault !== undefined) throw invalid(fault)
}

const faultOf = (expression: string): string | undefined => {
  try {
    if (tokenize(expression).length > mostTokens)
      return 'The FHIRPath expression has too many parts; write a shorter one.'
    readFhirpath(expression)
    return undefined
  } catch (cause) {
    return `"${expression}" is no FHIRPath; correct it. ${(cause as Error).message}`
  }
}

/**
 * Evaluates a caller's expression and says where in the resource each result stands. Throws Problem 400 for an
 * expression that is too long, is not FHIRPath or fails, 403 when it takes too many steps. Never leaves the process.
 */
export const evaluateLocated = (resource: JsonObject, expression: string): readonly Located[] => {
  refuseLong(expression)
  return evaluate(resource, expression).map((value) =>
    isNode(value) ? { path: locationOf(value), value: value.data } : { value },
  )
}

/** http://hl7.org/fhir/R4/fhirpath.html#variables */
const systems = { sct: 'http://snomed.info/sct', loinc: 'http://loinc.org' }

type Count = (steps: number) => void

const matching =
  (whole: boolean, spend: Count) =>
  (inputs: readonly unknown[], pattern: unknown): boolean | [] =>
    typeof inputs[0] === 'string' && typeof pattern === 'string'
      ? createPattern(pattern, whole, false).test(inputs[0], spend)
      : []

const replacing =
  (spend: Count) =>
  (inputs: readonly unknown[], pattern: unknown, by: unknown): string | [] =>
    typeof inputs[0] === 'string' && typeof pattern === 'string' && typeof by === 'string'
      ? createPattern(pattern, false, false).replace(inputs[0], by, spend)
      : []

type Bounded = Pick<Options, 'traceFn' | 'userInvocationTable' | 'debugger'>

/** `trace()` of a caller would write content to the console, and its steps and patterns could run for hours. */
const bounded = (): Bounded => {
  let steps = 0
  const spend: Count = (more) => {
    steps += more
    if (steps > mostSteps)
      throw tooCostly('The FHIRPath expression takes too many steps; write a simpler one.')
  }
  return {
    debugger: (_ctx, _focus, result) => spend(1 + (Array.isArray(result) ? result.length : 0)),
    traceFn: () => {},
    userInvocationTable: {
      matches: { fn: matching(false, spend), arity: { 1: ['String'] }, nullable: true },
      matchesFull: { fn: matching(true, spend), arity: { 1: ['String'] }, nullable: true },
      replaceMatches: { fn: replacing(spend), arity: { 2: ['String', 'String'] }, nullable: true },
    },
  }
}

const evaluate = (resource: JsonObject, expression: string): readonly unknown[] => {
  const options = { ...bounded(), async: false, resolveInternalTypes: false } as const
  try {
    const engine = fhirpath()
    return engine.compile(expression, engine.r4, options)(resource, { resource, ...systems })
  } catch (cause) {
    if (cause instanceof Problem) throw cause
    if (cause instanceof TooManySteps) throw tooCostly(cause.message)
    throw invalid(`"${expression}" cannot be evaluated as FHIRPath; correct the expression.`)
  }
}

/**
 * The truth of an expression on an element of a resource, by the full engine. `base` is the type of the element.
 * Throws what the engine throws, and Problem 403 when it takes too many steps.
 */
export const testByEngine = (
  expression: string,
  base: string,
  value: unknown,
  resources: { readonly resource: unknown; readonly rootResource: unknown },
): boolean | undefined => {
  const fault = faultOf(expression)
  if (fault !== undefined) throw invalid(fault)
  const options = { ...bounded(), async: false } as const
  const engine = fhirpath()
  const found: unknown[] = engine.compile(
    { base, expression },
    engine.r4,
    options,
  )(value, {
    ...resources,
    ...systems,
    context: value,
  })
  if (found.length > 1) throw new RangeError('The expression gives several results where one is needed.')
  return found.length === 0 ? undefined : found[0] !== false
}
