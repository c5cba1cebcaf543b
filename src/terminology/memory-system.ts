/** A CodeSystem resource, indexed for questions: http://hl7.org/fhir/R4/codesystem.html#concept */
import type { CodeSystem, CodeSystemConcept, CodeSystemConceptProperty } from 'fhir/r4.js'
import type { Concept, Designation, MemorySystem, Property, PropertyKind } from './system.ts'

const known = new WeakMap<CodeSystem, MemorySystem>()

/** The index of a code system; made once for a resource. */
export const memorySystem = (resource: CodeSystem): MemorySystem => {
  const done = known.get(resource)
  if (done) return done
  const made = build(resource)
  known.set(resource, made)
  return made
}

/** What a system is made of besides a resource, for systems whose content comes with the program. */
export type Content = {
  readonly url: string
  readonly name: string
  readonly version?: string
  readonly concepts: readonly Concept[]
}

/** A flat system with these concepts, all of them. */
export const flatSystem = ({ url, name, version, concepts }: Content): MemorySystem =>
  indexed({
    url,
    name,
    ...(version === undefined ? {} : { version }),
    complete: true,
    caseSensitive: true,
    concepts,
    links: [],
    properties: [],
  })

const build = (resource: CodeSystem): MemorySystem => {
  const concepts = new Map<string, Concept>()
  const links: Link[] = []
  const visit = (list: readonly CodeSystemConcept[], parent?: string): void => {
    for (const one of list) {
      const concept = conceptOf(one)
      // A code that stands in two places of the hierarchy is one concept with two parents.
      if (!concepts.has(one.code)) concepts.set(one.code, concept)
      if (parent !== undefined) links.push([one.code, parent])
      for (const { code, text } of concept.properties) {
        if (code === 'child') links.push([text, one.code])
        else if (code === 'parent' || code === 'subsumedBy') links.push([one.code, text])
      }
      visit(one.concept ?? [], one.code)
    }
  }
  visit(resource.concept ?? [])
  return indexed({
    url: resource.url ?? '',
    name: resource.title ?? resource.name ?? resource.url ?? 'CodeSystem',
    ...(resource.version === undefined ? {} : { version: resource.version }),
    ...(resource.date === undefined ? {} : { date: resource.date }),
    complete: resource.content === 'complete',
    caseSensitive: resource.caseSensitive ?? true,
    concepts: [...concepts.values()],
    links,
    properties: (resource.property ?? []).map(({ code, uri, description, type }) => ({
      code,
      type,
      ...(uri === undefined ? {} : { uri }),
      ...(description === undefined ? {} : { description }),
    })),
  })
}

type Link = readonly [child: string, parent: string]

type Parts = Omit<MemorySystem, 'kind' | 'roots' | 'find' | 'parents' | 'children' | 'below' | 'above'> & {
  readonly links: readonly Link[]
}

const none: readonly string[] = []

const indexed = ({ links, ...rest }: Parts): MemorySystem => {
  const byCode = new Map(rest.concepts.map((concept) => [concept.code, concept]))
  const folded = rest.caseSensitive
    ? undefined
    : new Map(rest.concepts.map((concept) => [concept.code.toLowerCase(), concept]))
  const parents = new Map<string, string[]>()
  const children = new Map<string, string[]>()
  for (const [child, parent] of links) {
    if (!byCode.has(child) || !byCode.has(parent) || parents.get(child)?.includes(parent)) continue
    add(parents, child, parent)
    add(children, parent, child)
  }
  const find = (code: string): Concept | undefined => byCode.get(code) ?? folded?.get(code.toLowerCase())
  const walk = (links: ReadonlyMap<string, readonly string[]>) => {
    const done = new Map<string, ReadonlySet<string>>()
    return (code: string): ReadonlySet<string> => {
      const start = find(code)?.code
      if (start === undefined) return new Set()
      const old = done.get(start)
      if (old) return old
      const found = new Set([start])
      for (const one of found) for (const next of links.get(one) ?? none) found.add(next)
      done.set(start, found)
      return found
    }
  }
  return {
    kind: 'memory',
    ...rest,
    roots: rest.concepts.filter(({ code }) => !parents.has(code)).map(({ code }) => code),
    find,
    parents: (code) => parents.get(code) ?? none,
    children: (code) => children.get(code) ?? none,
    below: walk(children),
    above: walk(parents),
  }
}

const add = (map: Map<string, string[]>, key: string, value: string): void => {
  const list = map.get(key)
  if (list) list.push(value)
  else map.set(key, [value])
}

const conceptOf = (one: CodeSystemConcept): Concept => {
  const properties = (one.property ?? []).map(propertyOf)
  return {
    code: one.code,
    ...(one.display === undefined ? {} : { display: one.display }),
    ...(one.definition === undefined ? {} : { definition: one.definition }),
    designations: (one.designation ?? []) as readonly Designation[],
    properties,
    inactive: properties.some(isInactive),
    abstract: properties.some(
      ({ code, text }) => (code === 'notSelectable' || code === 'abstract') && text === 'true',
    ),
  }
}

/** http://hl7.org/fhir/R4/codesystem.html#status: deprecated concepts are still active. */
const isInactive = ({ code, text }: Property): boolean =>
  (code === 'inactive' && text === 'true') ||
  (code === 'status' && (text === 'retired' || text === 'inactive'))

const propertyOf = (property: CodeSystemConceptProperty): Property => {
  const { code, ...rest } = property
  if (rest.valueCoding) {
    const { system, code: inner, display } = rest.valueCoding
    const coding = {
      ...(system === undefined ? {} : { system }),
      ...(inner === undefined ? {} : { code: inner }),
      ...(display === undefined ? {} : { display }),
    }
    return { code, kind: 'Coding', text: `${system ?? ''}|${inner ?? ''}`, coding }
  }
  const member = Object.keys(rest).find((key) => key.startsWith('value')) ?? 'valueString'
  const kind = member.charAt(5).toLowerCase() + member.slice(6)
  return { code, kind: kind as PropertyKind, text: String((rest as Record<string, unknown>)[member] ?? '') }
}
