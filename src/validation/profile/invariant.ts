/** Constraints of elements as checks: http://hl7.org/fhir/R4/elementdefinition-definitions.html#ElementDefinition.constraint */
import type { ElementDefinitionConstraint } from 'fhir/r4.js'
import type { Check, Registry } from './kinds.ts'
import { expressionOf } from './place.ts'

/** Judged without FHIRPath: by the structure check and by the checks of references, extensions and contained resources. */
const native = new Set(['ele-1', 'ext-1', 'dom-2', 'dom-3', 'dom-4', 'dom-5', 'ref-1'])

/** Undefined when nothing is left to judge. `typeName`: of the element that carries the constraints. */
export const invariantCheck = (
  constraints: readonly ElementDefinitionConstraint[],
  typeName: string,
  registry: Registry,
): Check | undefined => {
  const judged = constraints.filter(({ key, expression }) => expression !== undefined && !native.has(key))
  const judge = judged.length === 0 ? undefined : registry.invariants.compile(judged, typeName)
  return (
    judge &&
    ((value, sibling, place, run) => {
      // A value that is an object where a primitive is meant, or the like, was refused by the structure check.
      const found = judge(value, sibling, run.around(), run.options, () => expressionOf(place))
      for (const issue of found) run.add(issue)
    })
  )
}
