/** Condenses CodeSystems and ValueSets to codes, hierarchy and composition: http://hl7.org/fhir/R4/terminology-module.html */
import type { CodeSystemDefinition, ValueSetDefinition, ValueSetPart } from './model.ts'
import type { CodeSystem, Concept, ValueSet, ValueSetInclude } from './sources.ts'

/** As cached: a concept is a place in `codes`; `parents` are pairs of places, child and parent. */
export type CompactCodeSystem = {
  readonly url: string
  readonly complete: boolean
  readonly codes: readonly string[]
  readonly parents: readonly (readonly [child: number, parent: number])[]
}

export const condenseCodeSystem = ({ url, content, concept }: CodeSystem): CompactCodeSystem => {
  const codes: string[] = []
  const named: [child: string, parent: number][] = []
  const parents: [number, number][] = []
  const visit = (concepts: readonly Concept[], parent?: number): void => {
    for (const one of concepts) {
      const place = codes.push(one.code) - 1
      if (parent !== undefined) parents.push([place, parent])
      for (const property of one.property ?? [])
        if (property.code === 'child' && property.valueCode !== undefined)
          named.push([property.valueCode, place])
      visit(one.concept ?? [], place)
    }
  }
  visit(concept ?? [])
  for (const [child, parent] of named) {
    const place = codes.indexOf(child)
    if (place >= 0) parents.push([place, parent])
  }
  return { url, complete: content === 'complete', codes, parents }
}

/** The code system with its hierarchy as sets. */
export const expandCodeSystem = ({
  url,
  complete,
  codes,
  parents,
}: CompactCodeSystem): CodeSystemDefinition => {
  const children = new Map<string, string[]>()
  const above = new Map<string, string[]>()
  const add = (map: Map<string, string[]>, key: string, value: string): void => {
    const known = map.get(key)
    if (known) known.push(value)
    else map.set(key, [value])
  }
  for (const [child, parent] of parents) {
    add(children, codes[parent]!, codes[child]!)
    add(above, codes[child]!, codes[parent]!)
  }
  return Object.freeze({ url, complete, codes: new Set(codes), children, parents: above })
}

export const condenseValueSet = ({ url, compose }: ValueSet): ValueSetDefinition => ({
  url,
  include: (compose?.include ?? []).map(condensePart),
  exclude: (compose?.exclude ?? []).map(condensePart),
})

const condensePart = ({ system, concept, filter, valueSet }: ValueSetInclude): ValueSetPart => ({
  ...(system === undefined ? {} : { system: withoutVersion(system) }),
  ...(concept === undefined ? {} : { codes: concept.map(({ code }) => code) }),
  filters: (filter ?? []).map(({ property, op, value }) => ({ property, op, value })),
  valueSets: (valueSet ?? []).map(withoutVersion),
})

const withoutVersion = (url: string): string => url.replace(/\|[^|]*$/, '')
