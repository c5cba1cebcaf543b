/** Supplements: designations and properties that others add to a code system (http://hl7.org/fhir/R4/codesystem.html#supplements). */
import type { CodeSystem } from 'fhir/r4.js'
import type { Canonicals } from '../fhir/definitions/canonicals.ts'
import { memorySystem } from './memory-system.ts'
import type { Concept, MemorySystem } from './system.ts'

/** By URL of the system that they supplement. */
type Supplements = ReadonlyMap<string, readonly CodeSystem[]>

const known = new WeakMap<Canonicals, Supplements>()
const merged = new WeakMap<Canonicals, Map<MemorySystem, MemorySystem>>()

/** The system with what posted and installed supplements say of its concepts. */
export const supplemented = (canonicals: Canonicals, system: MemorySystem): MemorySystem => {
  const supplements = (supplementsIn(canonicals).get(system.url) ?? []).filter(({ supplements = '' }) => {
    const version = supplements.split('|')[1]
    return version === undefined || version === system.version
  })
  if (supplements.length === 0) return system
  const done = merged.get(canonicals) ?? new Map<MemorySystem, MemorySystem>()
  merged.set(canonicals, done)
  const made = done.get(system) ?? merge(system, supplements.map(memorySystem))
  done.set(system, made)
  return made
}

/** Those of packages in memory are not read for this: there are thousands of systems, and no list of supplements. */
const supplementsIn = (canonicals: Canonicals): Supplements => {
  const done = known.get(canonicals)
  if (done) return done
  const found = new Map<string, CodeSystem[]>()
  for (const { url, version, source } of canonicals.list('CodeSystem')) {
    if (source !== 'posted') continue
    const one = canonicals.resolve('CodeSystem', version === undefined ? url : `${url}|${version}`)
    if (one?.content !== 'supplement' || one.status === 'retired' || one.supplements === undefined) continue
    const base = one.supplements.split('|')[0] as string
    found.set(base, [...(found.get(base) ?? []), one])
  }
  known.set(canonicals, found)
  return found
}

const merge = (system: MemorySystem, supplements: readonly MemorySystem[]): MemorySystem => {
  const concepts = system.concepts.map((concept) => withAdded(concept, supplements))
  const byCode = new Map(concepts.map((concept) => [concept.code, concept]))
  const codes = new Set(system.properties.map(({ code }) => code))
  return {
    ...system,
    concepts,
    find: (code) => byCode.get(system.find(code)?.code ?? ''),
    properties: [
      ...system.properties,
      ...supplements.flatMap(({ properties }) => properties).filter(({ code }) => !codes.has(code)),
    ],
  }
}

/** A display of a supplement is one more designation: the system's own stays what it is. */
const withAdded = (concept: Concept, supplements: readonly MemorySystem[]): Concept => {
  const added = supplements.map(({ find }) => find(concept.code)).filter((one) => one !== undefined)
  if (added.length === 0) return concept
  return {
    ...concept,
    designations: [
      ...concept.designations,
      ...added.flatMap(({ display, designations }) => [
        ...(display === undefined || display === concept.display ? [] : [{ value: display }]),
        ...designations,
      ]),
    ],
    properties: [...concept.properties, ...added.flatMap(({ properties }) => properties)],
  }
}
