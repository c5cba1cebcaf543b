/** Why a profile that is there cannot be judged: what it is based on is not. http://hl7.org/fhir/R4/profiling.html#snapshot */
import type { StructureDefinition } from 'fhir/r4.js'
import type { Canonicals } from '../../fhir/definitions/canonicals.ts'

/** The canonical, itself or below it, whose definition is not loaded; undefined when all that is needed is there. */
export const missingBase = (canonicals: Canonicals, canonical: string): string | undefined => {
  const seen = new Set<string>()
  let at: string | undefined = canonical
  while (at !== undefined && !seen.has(at)) {
    seen.add(at)
    const definition: StructureDefinition | undefined = canonicals.resolve('StructureDefinition', at)
    if (!definition) return at
    if ((definition.snapshot?.element.length ?? 0) > 0) return undefined
    at = definition.baseDefinition
  }
  return undefined
}
