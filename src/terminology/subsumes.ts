/** CodeSystem/$subsumes: http://hl7.org/fhir/R4/codesystem-operation-subsumes.html */
import type { ConceptSource, StoredConcept } from './concept-source.ts'
import { findIn, isBelow } from './contains.ts'
import { createFacts } from './facts.ts'
import type { Concept, System } from './system.ts'

/** http://hl7.org/fhir/R4/valueset-concept-subsumption-outcome.html */
export type Subsumption = 'equivalent' | 'subsumes' | 'subsumed-by' | 'not-subsumed'

/** For each pair how its first stands to its second, in one round trip; a sentence says why it cannot be told. */
export const subsumes = async (
  source: ConceptSource | undefined,
  system: System,
  pairs: readonly (readonly [first: string, second: string])[],
): Promise<readonly (Subsumption | { readonly reason: string })[]> => {
  const facts = createFacts()
  const all = (): (readonly [ReturnType<typeof findIn>, ReturnType<typeof findIn>])[] =>
    pairs.map(([first, second]) => [findIn(system, first, facts), findIn(system, second, facts)])
  let found = all()
  if (source && (await facts.fetch(source))) found = all()
  return found.map(([first, second], index) => {
    for (const [place, one] of [first, second].entries())
      if (one.result !== 'yes')
        return {
          reason:
            (one.result === 'ask' ? undefined : one.reason) ??
            `There is no code "${pairs[index]![place]}" in ${system.url}.`,
        }
    return relate(system, (first as Yes).concept, (second as Yes).concept)
  })
}

type Yes = { readonly concept: Concept }

const relate = (system: System, first: Concept, second: Concept): Subsumption => {
  if (first.code === second.code) return 'equivalent'
  const isUnder = (one: Concept, other: Concept): boolean => {
    if (system.kind === 'grammar') return false
    if (system.kind === 'memory') return system.below(other.code).has(one.code)
    return isBelow(one as StoredConcept, other as StoredConcept)
  }
  if (isUnder(second, first)) return 'subsumes'
  return isUnder(first, second) ? 'subsumed-by' : 'not-subsumed'
}
