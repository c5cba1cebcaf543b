/** CodeSystem/$lookup: http://hl7.org/fhir/R4/codesystem-operation-lookup.html */
import type { ConceptSource, StoredConcept } from './concept-source.ts'
import { findIn } from './contains.ts'
import { createFacts } from './facts.ts'
import type { Concept, Designation, Property, System } from './system.ts'
import { displayOf } from './texts.ts'

/** `description` is the display of a concept that a property points at. */
export type FoundProperty = Property & { readonly description?: string }

export type Lookup = {
  readonly name: string
  readonly version?: string
  readonly display: string
  readonly concept: Concept
  readonly designations: readonly Designation[]
  readonly properties: readonly FoundProperty[]
}

/** Always there, whatever properties are asked for. */
const relations = ['parent', 'child'] as const

/** What can be asked of any code; `lang.de` besides, for the designations in a language. */
const always = [
  'code',
  'system',
  'url',
  'name',
  'version',
  'display',
  'definition',
  'designation',
  'abstract',
  'inactive',
  ...relations,
  '*',
]

/** A sentence about the first of the `wanted` properties that no code of the system can have. */
export const unknownProperty = (system: System, wanted: readonly string[]): string | undefined => {
  const own = system.kind === 'grammar' ? [] : system.properties.map(({ code }) => code)
  const known = new Set([...always, ...own])
  const wrong = wanted.find((name) => !known.has(name) && !name.startsWith('lang.'))
  if (wrong === undefined) return undefined
  return `${system.url} has no property "${wrong}"; it has ${[...known].filter((name) => name !== '*').join(', ')}, and lang.X for designations in a language.`
}

/** `wanted` are codes of properties, all when empty. A sentence says why there is nothing. */
export const lookup = async (
  source: ConceptSource | undefined,
  system: System,
  code: string,
  wanted: readonly string[],
  displayLanguage: string | undefined,
): Promise<Lookup | string> => {
  const facts = createFacts()
  let found = findIn(system, code, facts)
  if (found.result === 'ask' && source && (await facts.fetch(source))) found = findIn(system, code, facts)
  if (found.result === 'no' || found.result === 'unknown')
    return found.reason ?? `There is no code "${code}" in ${system.url}.`
  if (found.result === 'ask') throw new Error('a concept was not fetched')
  const { concept } = found
  const isWanted = (name: string): boolean =>
    wanted.length === 0 || wanted.includes(name) || wanted.includes('*')
  const around = await related(source, system, concept, relations.filter(isWanted))
  const told = concept.properties.filter(
    ({ code: name }) => isWanted(name) && !relations.some((one) => one === name),
  )
  const inactive: FoundProperty = { code: 'inactive', kind: 'boolean', text: String(concept.inactive) }
  const hasInactive = told.some(({ code: name }) => name === 'inactive')
  return {
    name: system.name,
    ...(system.version === undefined ? {} : { version: system.version }),
    display: displayOf({ concept }, displayLanguage) ?? concept.code,
    concept,
    designations: concept.designations.filter(
      ({ language }) => isWanted('designation') || wanted.includes(`lang.${language}`),
    ),
    properties: [...told, ...(isWanted('inactive') && !hasInactive ? [inactive] : []), ...around],
  }
}

const related = async (
  source: ConceptSource | undefined,
  system: System,
  concept: Concept,
  wanted: readonly ('parent' | 'child')[],
): Promise<readonly FoundProperty[]> => {
  if (system.kind === 'grammar') return []
  if (system.kind === 'memory')
    return wanted.flatMap((name) =>
      (name === 'parent' ? system.parents(concept.code) : system.children(concept.code)).map((code) =>
        link(name, code, system.find(code)?.display),
      ),
    )
  const { parents, children } = concept as StoredConcept
  const numbersOf = { parent: parents, child: children }
  const numbers = wanted.flatMap((name) => numbersOf[name])
  const named = await source?.named(system, numbers)
  return wanted.flatMap((name) =>
    numbersOf[name].flatMap((number) => {
      const other = named?.get(number)
      return other ? [link(name, other.code, other.display)] : []
    }),
  )
}

const link = (name: string, code: string, display: string | undefined): FoundProperty => ({
  code: name,
  kind: 'code',
  text: code,
  ...(display === undefined ? {} : { description: display }),
})
