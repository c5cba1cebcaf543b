/** Every code of a value set whose systems are all in memory, in the order of its composition. */
import type { Absent, Composition, Listed, Part } from './composition.ts'
import { lacks, selectionsOf } from './contains.ts'
import type { Concept, MissingSystem, System } from './system.ts'

/** One code of an expansion. */
export type Entry = {
  readonly system: System | MissingSystem
  readonly code: string
  readonly concept?: Concept
  readonly listed?: Listed
}

/** By system and code. */
export const keyOf = ({ system, code }: Entry): string => `${system.url} ${code}`

const done = new WeakMap<Composition, readonly Entry[] | undefined>()

/** Undefined when it takes the database, a grammar, or what is not here. */
export const enumerate = (composition: Composition | Absent): readonly Entry[] | undefined => {
  if (composition.kind === 'absent') return undefined
  if (done.has(composition)) return done.get(composition)
  const made = build(composition)
  done.set(composition, made)
  return made
}

const build = ({ include, exclude, inactive }: Composition): readonly Entry[] | undefined => {
  const found = new Map<string, Entry>()
  for (const part of include) {
    const entries = entriesOf(part)
    if (!entries) return undefined
    for (const entry of entries) {
      const key = keyOf(entry)
      if (!found.has(key) && !(inactive === false && entry.concept?.inactive)) found.set(key, entry)
    }
  }
  for (const part of exclude) {
    const entries = entriesOf(part)
    if (!entries) return undefined
    for (const entry of entries) found.delete(keyOf(entry))
  }
  return [...found.values()]
}

const entriesOf = (part: Part): readonly Entry[] | undefined => {
  let entries = part.system ? ofSystem(part, part.system) : undefined
  if (part.system && !entries) return undefined
  for (const valueSet of part.valueSets) {
    const others = enumerate(valueSet)
    if (!others) return undefined
    if (entries) {
      const keys = new Set(others.map(keyOf))
      entries = entries.filter((entry) => keys.has(keyOf(entry)))
    } else entries = others
  }
  return entries ?? []
}

const ofSystem = (part: Part, system: System | MissingSystem): readonly Entry[] | undefined => {
  const { listed, filters } = part
  if (listed && filters.length === 0)
    return [...listed.values()].flatMap((one) => {
      if (lacks(system, one.code)) return []
      const concept = system.kind === 'memory' ? system.find(one.code) : undefined
      return { system, code: concept?.code ?? one.code, listed: one, ...(concept ? { concept } : {}) }
    })
  if (system.kind !== 'memory' || (!system.complete && !listed)) return undefined
  const selections = selectionsOf(part, system)
  if (selections.some((codes) => typeof codes === 'string')) return undefined
  const isIn = (code: string): boolean =>
    (!listed || listed.has(code)) && selections.every((codes) => (codes as ReadonlySet<string>).has(code))
  return system.concepts
    .filter(({ code }) => isIn(code))
    .map((concept) => {
      const one = listed?.get(concept.code)
      return { system, code: concept.code, concept, ...(one ? { listed: one } : {}) }
    })
}
