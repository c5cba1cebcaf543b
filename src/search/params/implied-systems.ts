/** The systems of elements of type code, which their bindings imply: http://hl7.org/fhir/R4/search.html#token */
import type { Definitions } from '../../fhir/definitions/model.ts'
import { type Expansion, expandValueSet, systemsOf } from '../../fhir/definitions/value-set.ts'

export type ImpliedSystems = {
  readonly systems: readonly string[]
  /** The codes that `system|code` or `system|` may mean, none when no such code is of the system; `any` is every code. */
  codesOf(system: string, code: string): readonly string[] | 'any'
}

/** Of elements without a binding that is known. */
export const noSystems: ImpliedSystems = Object.freeze({ systems: [], codesOf: () => [] })

/** `valueSets` are those that the elements of a parameter are bound to. */
export const impliedSystems = (definitions: Definitions, valueSets: readonly string[]): ImpliedSystems => {
  const systems = [...new Set(valueSets.flatMap((url) => systemsOf(definitions, url)))]
  if (systems.length === 0) return noSystems
  if (systems.length === 1) return { systems, codesOf: (_system, code) => (code === '' ? 'any' : [code]) }
  // Only Task.intent and DetectedIssue.status mix systems, and their value sets list all codes.
  const expansions = valueSets
    .map((url) => expandValueSet(definitions, url))
    .filter((one): one is Expansion => typeof one !== 'string')
  return {
    systems,
    codesOf: (system, code) => {
      const codes = expansions.flatMap((one) => [...(one.get(system) ?? [])])
      return code === '' ? codes : codes.filter((one) => one === code)
    },
  }
}
