/** Concepts of the database that were fetched for a question, and a note of those that are still missing. */
import type { ConceptKey, ConceptSource, StoredConcept } from './concept-source.ts'
import type { StoredSystem } from './system.ts'

/** `undefined` is not fetched yet, `null` is not there. */
export type Facts = {
  find(system: StoredSystem, code: string): StoredConcept | null | undefined
  /** What came along with something else. */
  learn(system: StoredSystem, concepts: readonly StoredConcept[]): void
  /** Fetches what `find` did not have; false when nothing was missing. */
  fetch(source: ConceptSource): Promise<boolean>
}

export const createFacts = (): Facts => {
  const known = new Map<string, StoredConcept | null>()
  const wanted = new Map<string, ConceptKey>()
  const keyOf = (system: StoredSystem, code: string): string => `${system.tenant} ${system.number} ${code}`
  return {
    find: (system, code) => {
      const key = keyOf(system, code)
      const found = known.get(key)
      if (found === undefined) wanted.set(key, { system, code })
      return found
    },
    learn: (system, concepts) => {
      for (const concept of concepts) known.set(keyOf(system, concept.code), concept)
    },
    fetch: async (source) => {
      if (wanted.size === 0) return false
      const asked = [...wanted]
      wanted.clear()
      const found = await source.find(asked.map(([, key]) => key))
      for (const [index, [key]] of asked.entries()) known.set(key, found[index] ?? null)
      return true
    },
  }
}
