/** Whether a value set holds a code, judged part by part: http://hl7.org/fhir/R4/valueset.html#compositions */
import type { Absent, Composition, Listed, Part } from './composition.ts'
import type { ConceptFilter, StoredConcept } from './concept-source.ts'
import type { Facts } from './facts.ts'
import { passes, propertyValues, selectCodes, testOf } from './filters.ts'
import { matchAll } from './regex.ts'
import type { Concept, MemorySystem, MissingSystem, StoredSystem, System } from './system.ts'

/** `ask`: concepts must be fetched first. A code that only the value set knows has no `concept`. */
export type Verdict =
  | {
      readonly result: 'yes'
      readonly system: System | MissingSystem
      readonly concept?: Concept
      readonly listed?: Listed
    }
  | { readonly result: 'no'; readonly reason?: string }
  | { readonly result: 'unknown'; readonly reason: string }
  | { readonly result: 'ask' }

const no: Verdict = { result: 'no' }
const ask: Verdict = { result: 'ask' }
const unknown = (reason: string): Verdict => ({ result: 'unknown', reason })

/** The first that says yes; else what stands between the question and a no. */
const any = (verdicts: Iterable<Verdict>): Verdict => {
  let worst: Verdict = no
  for (const verdict of verdicts) {
    if (verdict.result === 'yes') return verdict
    if (rank[verdict.result] > rank[worst.result] || (worst === no && verdict.result === 'no'))
      worst = verdict
  }
  return worst
}
const rank = { yes: 0, no: 1, unknown: 2, ask: 3 }

export const contains = (
  composition: Composition | Absent,
  system: string,
  code: string,
  facts: Facts,
): Verdict => {
  if (composition.kind === 'absent') return unknown(composition.reason)
  const found = any(map(composition.include, (part) => inPart(part, system, code, facts)))
  if (found.result !== 'yes') return found
  if (composition.inactive === false && found.concept?.inactive) return no
  const out = any(map(composition.exclude, (part) => inPart(part, system, code, facts)))
  if (out.result === 'yes') return { result: 'no', reason: `The value set ${composition.url} excludes it.` }
  return out.result === 'no' ? found : out
}

function* map<A, B>(list: readonly A[], change: (one: A) => B): Generator<B> {
  for (const one of list) yield change(one)
}

export const inPart = (part: Part, system: string, code: string, facts: Facts): Verdict => {
  const own = part.system ? inSystem(part, part.system, system, code, facts) : undefined
  if (own && own.result === 'no') return own
  let found = own
  for (const valueSet of part.valueSets) {
    const one = contains(valueSet, system, code, facts)
    if (one.result === 'no') return one
    if (found === undefined || found.result === 'yes') found = one.result === 'yes' ? (found ?? one) : one
  }
  return found ?? no
}

const inSystem = (
  part: Part,
  own: System | MissingSystem,
  system: string,
  code: string,
  facts: Facts,
): Verdict => {
  if (own.url !== system) return no
  if (part.listed && part.filters.length === 0) return inList(part.listed, own, code, facts)
  if (own.kind === 'missing') return unknown(own.reason)
  const found = findIn(own, code, facts)
  if (found.result !== 'yes') return found
  const { concept } = found
  const listed = part.listed?.get(code)
  if (part.listed && !listed) return no
  const wrong = passesAll(part, own, concept, facts)
  if (wrong !== undefined) return wrong
  return { result: 'yes', system: own, concept, ...(listed ? { listed } : {}) }
}

const inList = (
  codes: ReadonlyMap<string, Listed>,
  system: System | MissingSystem,
  code: string,
  facts: Facts,
): Verdict => {
  const concept = system.kind === 'memory' ? system.find(code) : undefined
  const listed = codes.get(code) ?? (concept ? codes.get(concept.code) : undefined)
  if (!listed) return no
  if (concept) return { result: 'yes', system, concept, listed }
  if (lacks(system, listed.code))
    return {
      result: 'no',
      reason: `It is named in the value set, but there is no code "${code}" in ${system.url}.`,
    }
  // What the value set says is enough to judge; the database knows more texts.
  if (system.kind === 'stored') {
    const stored = facts.find(system, code)
    if (stored === undefined && listed.display === undefined) return ask
    if (stored) return { result: 'yes', system, concept: stored, listed }
  }
  return { result: 'yes', system, listed }
}

/** Naming a code that the whole system is known not to have does not make it one. */
export const lacks = (system: System | MissingSystem, code: string): boolean =>
  system.kind === 'memory' && system.complete && system.find(code) === undefined

/** The concept with this code, in a system wherever it is. */
export const findIn = (
  system: System,
  code: string,
  facts: Facts,
): Exclude<Verdict, { result: 'yes' }> | { readonly result: 'yes'; readonly concept: Concept } => {
  if (system.kind === 'grammar') {
    const concept = system.find(code)
    return typeof concept === 'string' ? { result: 'no', reason: concept } : { result: 'yes', concept }
  }
  const concept = system.kind === 'memory' ? system.find(code) : facts.find(system, code)
  if (concept) return { result: 'yes', concept }
  if (system.kind === 'stored' && concept === undefined) return { result: 'ask' }
  if (system.kind === 'memory' && !system.complete)
    return {
      result: 'unknown',
      reason: `Only a part of the code system ${system.url} is here, and "${code}" is not in it.`,
    }
  return { result: 'no', reason: `There is no code "${code}" in ${nameAndVersion(system)}.` }
}

export const nameAndVersion = ({ url, version }: System): string =>
  version === undefined ? url : `${url} in version ${version}`

const selections = new WeakMap<Part, readonly (ReadonlySet<string> | string)[]>()

/** The codes that each filter of a part selects in a system in memory. */
export const selectionsOf = (part: Part, system: MemorySystem): readonly (ReadonlySet<string> | string)[] => {
  const known = selections.get(part)
  if (known) return known
  const made = part.filters.map((filter) => selectCodes(system, filter))
  selections.set(part, made)
  return made
}

/** Undefined when the concept passes all filters of the part. */
const passesAll = (part: Part, system: System, concept: Concept, facts: Facts): Verdict | undefined => {
  if (part.filters.length === 0) return undefined
  if (system.kind === 'memory') {
    for (const codes of selectionsOf(part, system)) {
      if (typeof codes === 'string') return unknown(codes)
      if (!codes.has(concept.code)) return no
    }
    return undefined
  }
  let open: Verdict | undefined
  for (const filter of part.filters) {
    const passed =
      system.kind === 'grammar'
        ? passes(system, concept, filter)
        : passesStored(system, concept as StoredConcept, filter, facts)
    if (passed === false) return no
    if (passed === undefined) open = ask
    else if (typeof passed === 'string') open ??= unknown(passed)
  }
  return open
}

/** Undefined when the concept that the filter names must be fetched first. */
const passesStored = (
  system: StoredSystem,
  concept: StoredConcept,
  { property, op, value }: ConceptFilter,
  facts: Facts,
): boolean | string | undefined => {
  const other = (): StoredConcept | null | undefined => facts.find(system, value)
  if (op === 'is-a' || op === 'descendent-of' || op === 'is-not-a' || op === 'generalizes') {
    const named = other()
    if (named === undefined) return undefined
    if (named === null) return op === 'is-not-a'
    if (op === 'generalizes') return isBelow(named, concept)
    if (op === 'is-not-a') return !isBelow(concept, named)
    return isBelow(concept, named) && (op === 'is-a' || concept.number !== named.number)
  }
  if (property === 'parent' || property === 'child') {
    const named = other()
    if (named === undefined) return undefined
    if (named === null) return op === 'not-in'
    if (op !== '=') return `It selects by "${property} ${op}", which only "=" can do in ${system.url}.`
    return (property === 'parent' ? concept.parents : concept.children).includes(named.number)
  }
  const values =
    property === 'concept' || property === 'code' ? [concept.code] : propertyValues(concept, property)
  if (op === 'regex') {
    const matching = matchAll(value, values)
    return typeof matching === 'string' ? matching : matching.size > 0
  }
  const test = testOf(op, value)
  return typeof test === 'string' ? test : test(values)
}

/** Whether the first is the second or stands below it. */
export const isBelow = (concept: StoredConcept, { number }: StoredConcept): boolean =>
  concept.number === number || concept.above.includes(number)
