/** What a FHIRPath expression selects, with the types of R4: for expressions that cannot be compiled. http://hl7.org/fhirpath/N1/ */
import { createRequire } from 'node:module'
import type { compile } from 'fhirpath'
import type r4 from 'fhirpath/fhir-context/r4'
import type { JsonObject } from './json/value.ts'

/** `type` is the name of an R4 type: `CodeableConcept`, `dateTime`, `boolean`. */
export type Typed = { readonly type: string; readonly value: unknown }

type Select = (resource: JsonObject) => readonly Typed[]

const load = createRequire(import.meta.url)

/** More steps than this an expression that selects values for a search does not take. */
const mostSteps = 100_000

const computed: Readonly<Record<string, string>> = {
  string: 'string',
  boolean: 'boolean',
  number: 'decimal',
}

type Node = { readonly data: unknown; readonly fhirNodeDataType: string | null }

const typed = (item: unknown): readonly Typed[] => {
  if (typeof item !== 'object' || item === null) {
    const type = computed[typeof item]
    return type === undefined ? [] : [{ type, value: item }]
  }
  if (!('fhirNodeDataType' in item)) return []
  const { data, fhirNodeDataType: type } = item as Node
  return type === null || data === null || data === undefined ? [] : [{ type, value: data }]
}

/** Throws what the engine throws when it cannot read the expression. The result throws nothing: what fails selects nothing. */
export const selectByEngine = (expression: string): Select => {
  const select = evaluator(expression)
  return (resource) => {
    try {
      return select(resource)
    } catch {
      return []
    }
  }
}

/** Why the expression fails on this resource; undefined where it does not. Throws when the engine cannot read it. */
export const failureOf = (expression: string, resource: JsonObject): string | undefined => {
  const select = evaluator(expression)
  try {
    select(resource)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

const evaluator = (expression: string): Select => {
  const engine = load('fhirpath').compile as typeof compile
  const model = load('fhirpath/fhir-context/r4') as typeof r4
  let steps = 0
  const options = {
    async: false,
    resolveInternalTypes: false,
    traceFn: () => {},
    debugger: () => {
      if (++steps > mostSteps) throw new Error('too many steps')
    },
  } as const
  const run = engine(expression, model, options)
  return (resource) => {
    steps = 0
    return (run(resource, { resource }) as unknown[]).flatMap(typed)
  }
}
