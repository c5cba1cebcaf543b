/** The FHIRPath test suite of HL7, through the engine and through the compiler: https://github.com/FHIR/fhir-test-cases */
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { Definitions } from '../../src/fhir/definitions/model.ts'
import { createFhirpath, type Fhirpath } from '../../src/fhir/fhirpath-compile/compile.ts'
import { Beyond } from '../../src/fhir/fhirpath-compile/failure.ts'
import type { Item } from '../../src/fhir/fhirpath-compile/item.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { evaluateLocated } from '../../src/fhir/path.ts'

export type SuiteTest = {
  readonly group: string
  readonly name: string
  readonly inputfile?: string
  readonly expression: string
  readonly predicate?: string
  readonly invalid?: string
  readonly mode?: string
  readonly outputs: readonly { readonly type?: string; readonly value?: string }[]
}

/** `refused`: the compiler hands the expression to the engine. */
export type Outcome = { readonly result: 'passed' | 'failed' | 'refused'; readonly reason: string }

const folder = fileURLToPath(new URL('../../../shared/data/fhirpath-r4/', import.meta.url))

/** Undefined when the shared data are absent. */
export const readSuite = (): readonly SuiteTest[] | undefined =>
  existsSync(`${folder}tests.json`) ? JSON.parse(readFileSync(`${folder}tests.json`, 'utf8')) : undefined

const inputs = new Map<string, JsonObject>()

const inputOf = ({ inputfile }: SuiteTest): JsonObject => {
  const name = (inputfile ?? 'patient-example.xml').replace(/\.xml$/, '.json')
  const known = inputs.get(name)
  if (known) return known
  const resource = JSON.parse(readFileSync(folder + name, 'utf8')) as JsonObject
  inputs.set(name, resource)
  return resource
}

type Evaluate = (resource: JsonObject, expression: string) => readonly unknown[]

export const byEngine: Evaluate = (resource, expression) =>
  evaluateLocated(structuredClone(resource), expression).map(({ value }) => value)

export const byCompiler = (definitions: Definitions): Evaluate => {
  const fhirpath = createFhirpath(definitions)
  return (resource, expression) => compiled(fhirpath, resource, expression)
}

const compiled = (fhirpath: Fhirpath, resource: JsonObject, expression: string): readonly unknown[] => {
  const { evaluate } = fhirpath.compile(expression)
  const env = fhirpath.env({
    resource,
    rootResource: resource,
    now: '2026-01-01T00:00:00.000Z',
    hooks: {},
    steps: 1_000_000,
  })
  return evaluate(fhirpath.types.resource(resource) as Item, env).map(({ value }) => value)
}

/** Runs one test; never throws. */
export const runTest = (test: SuiteTest, evaluate: Evaluate): Outcome => {
  let found: readonly unknown[]
  try {
    found = evaluate(inputOf(test), test.expression)
  } catch (cause) {
    if (cause instanceof Beyond) return { result: 'refused', reason: cause.message }
    if (test.invalid !== undefined) return { result: 'passed', reason: '' }
    return { result: 'failed', reason: `an error: ${(cause as Error).message.slice(0, 100)}` }
  }
  if (test.invalid !== undefined)
    return { result: 'failed', reason: `an error (${test.invalid}) is expected, and there is a result` }
  return judge(test, found)
}

const judge = (test: SuiteTest, found: readonly unknown[]): Outcome => {
  const actual = test.predicate === 'true' ? [found.length > 0 && found[0] !== false] : found
  const [want, have] = [test.outputs.map(({ value }) => plain(value)), actual.map(plain)]
  const same = want.length === have.length && want.every((one, i) => isSame(one, have[i] as string))
  return same
    ? { result: 'passed', reason: '' }
    : { result: 'failed', reason: `expected (${want.join(', ')}), found (${have.join(', ')})` }
}

const isSame = (a: string, b: string): boolean =>
  a === b ||
  (a !== '' && b !== '' && Number(a) === Number(b)) ||
  a.replaceAll("'", '') === b.replaceAll("'", '')

/** A value as the suite writes it, without the marks of its type. */
const plain = (value: unknown): string => {
  if (typeof value === 'object' && value !== null && !isEngineValue(value))
    return quantity(value as JsonObject)
  return String(value ?? '').replace(/^@T?/, '')
}

const isEngineValue = (value: object): boolean => Object.getPrototypeOf(value) !== Object.prototype

const quantity = (value: JsonObject): string =>
  'value' in value ? `${value.value} ${value.unit ?? value.code}` : JSON.stringify(value).slice(0, 80)
