/** Tells by its discriminators whether an item belongs to a slice: http://hl7.org/fhir/R4/profiling.html#discriminator */
import type { ElementDefinitionSlicingDiscriminator } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { type Expectation, expectationOf } from './expectation.ts'
import { holds } from './hold.ts'
import { actualType, collect, type Item } from './items.ts'
import type { Judgement } from './kinds.ts'
import { coreUrl, type Registry } from './kinds.ts'
import { resolveReference } from './references.ts'
import { type ElementNode, typeCodes } from './tree.ts'
import { targetPath } from './type-check.ts'
import { isPlain } from './values.ts'

export type SliceTest = (item: Item, run: Judgement) => boolean

type Move = (items: readonly Item[], run: Judgement) => readonly Item[]
/** A path walked in the definitions and, compiled, in values. `unresolved`: types of targets that are not at hand. */
type Route = { readonly nodes: readonly ElementNode[]; readonly move: Move }

/** Undefined when the slice says nothing that tells it apart by this discriminator. */
export const discriminatorTest = (
  slice: ElementNode,
  { type, path }: ElementDefinitionSlicingDiscriminator,
  index: number,
  registry: Registry,
): SliceTest | undefined => {
  if ((type as string) === 'position') return (item) => item.place.index === index
  const route = routeTo(slice, path, registry)
  if (type === 'exists') return existsTest(route)
  if (type === 'type') return typeTest(route)
  if (type === 'profile') return profileTest(route)
  return valueTest(route, registry)
}

const existsTest = ({ nodes, move }: Route): SliceTest => {
  const wanted = !nodes.some(({ def }) => def.max === '0')
  return (item, run) => move([item], run).length > 0 === wanted
}

const typeTest = ({ nodes, move }: Route): SliceTest | undefined => {
  const types = new Set(
    nodes.flatMap(({ def, root }) => (def.path.includes('.') ? typeCodes(def) : [root.type])),
  )
  if (types.size === 0) return undefined
  return (item, run) =>
    move([item], run).some(({ value, place }) => {
      const actual = actualType(value, place)
      return (
        types.has(actual) || [...types].some((type) => type !== 'Element' && run.registry.isA(actual, type))
      )
    })
}

const profileTest = ({ nodes, move }: Route): SliceTest | undefined => {
  const canonicals = nodes.flatMap(({ def, root }) =>
    def.path.includes('.') ? (def.type ?? []).flatMap(({ profile }) => profile ?? []) : [root.url],
  )
  if (canonicals.length === 0) return undefined
  return (item, run) =>
    move([item], run).some(({ value, place }) =>
      canonicals.some((url) => holds(value, url, run, place) === true),
    )
}

const valueTest = ({ nodes, move }: Route, registry: Registry): SliceTest | undefined => {
  const expected = nodes
    .map((node) => expectationOf(node, registry))
    .filter((expectation): expectation is Expectation => expectation !== undefined)
  if (expected.length === 0) return undefined
  return (item, run) =>
    move([item], run).some(({ value, place }) =>
      expected.some((expectation) => expectation(value, place, run)),
    )
}

const routeTo = (slice: ElementNode, path: string, registry: Registry): Route => {
  let nodes: readonly ElementNode[] = [slice]
  const moves: Move[] = []
  for (const step of stepsOf(path)) {
    const next = take(step, nodes, registry)
    nodes = next.nodes
    moves.push(next.move)
  }
  return { nodes, move: (items, run) => moves.reduce((at, move) => move(at, run), items) }
}

/** Splits at dots that do not stand within parentheses: urls have dots. */
const stepsOf = (path: string): readonly string[] =>
  (path.match(/[^.(]+(?:\([^)]*\))?/g) ?? []).filter((step) => step !== '$this')

const take = (step: string, nodes: readonly ElementNode[], registry: Registry): Route => {
  const call = /^(\w+)\('?"?([^'")]*)'?"?\)$/.exec(step)
  if (!call) return member(step, nodes, registry)
  const [, name, argument = ''] = call
  if (name === 'resolve') return resolved(nodes, registry)
  if (name === 'extension') return extension(argument, nodes, registry)
  if (name === 'ofType' || name === 'as') return ofType(argument, nodes)
  return { nodes: [], move: () => [] }
}

const member = (name: string, nodes: readonly ElementNode[], registry: Registry): Route => {
  const next = nodes.flatMap((node) => childrenNamed(node, name, registry))
  const first = next[0]
  const gather = first ? collect(first.name, typesIn(first, registry)) : collect(name, [])
  return {
    nodes: next.flatMap((node) => [node, ...node.slices]),
    move: (items) => items.flatMap(({ value, sibling, place }) => insideOf(value, sibling, place, gather)),
  }
}

const insideOf = (
  value: unknown,
  sibling: JsonObject | undefined,
  place: Item['place'],
  gather: ReturnType<typeof collect>,
): readonly Item[] => {
  const owner = isPlain(value) ? value : sibling
  return owner ? gather(owner, place) : []
}

/** All types that a choice may have by its type, since a profile names only those that it allows. */
const typesIn = (node: ElementNode, registry: Registry): readonly string[] => {
  const base = registry.typeTree(node.root.type)?.byPath.get(node.def.base?.path ?? node.def.path)
  const owner = node.def.base?.path?.split('.')[0]
  const ofOwner = owner ? registry.typeTree(owner)?.byPath.get(node.def.base?.path ?? '') : undefined
  return typeCodes((base ?? ofOwner ?? node).def)
}

/** In the node itself, behind its content reference, or in the profiles or the types that it names. */
export const childrenNamed = (
  node: ElementNode,
  name: string,
  registry: Registry,
): readonly ElementNode[] => {
  const own = node.children.get(name) ?? node.children.get(`${name}[x]`)
  if (own) return [own]
  if (node.def.contentReference) {
    const target = node.root.byPath.get(targetPath(node.def.contentReference))
    return target && target !== node ? childrenNamed(target, name, registry) : []
  }
  return (node.def.type ?? []).flatMap(({ code, profile }) => {
    const trees = (profile ?? [coreUrl + code]).map((url) => registry.tree(url))
    return trees.flatMap(
      (tree) => tree?.root.children.get(name) ?? tree?.root.children.get(`${name}[x]`) ?? [],
    )
  })
}

const extension = (url: string, nodes: readonly ElementNode[], registry: Registry): Route => {
  const inside = nodes.flatMap((node) => childrenNamed(node, 'extension', registry))
  const slices = inside.flatMap((node) => node.slices).filter((slice) => urlOf(slice, registry) === url)
  const gather = collect('extension', ['Extension'])
  return {
    nodes: slices.length > 0 ? slices : inside,
    move: (items) =>
      items
        .flatMap(({ value, sibling, place }) => insideOf(value, sibling, place, gather))
        .filter(({ value }) => isPlain(value) && value.url === url),
  }
}

/** The url of an extension's slice: fixed in it, or that of its profile. */
const urlOf = (slice: ElementNode, registry: Registry): string | undefined =>
  slice.children.get('url')?.def.fixedUri ??
  slice.def.type?.flatMap(({ profile }) => profile ?? []).map((url) => registry.tree(url)?.url ?? url)[0]

const ofType = (type: string, nodes: readonly ElementNode[]): Route => ({
  nodes: nodes.filter(({ def }) => typeCodes(def).includes(type)),
  move: (items) => items.filter(({ value, place }) => actualType(value, place) === type),
})

const resolved = (nodes: readonly ElementNode[], registry: Registry): Route => ({
  nodes: nodes.flatMap(({ def }) =>
    (def.type ?? [])
      .flatMap(({ targetProfile }) => targetProfile ?? [])
      .flatMap((url) => registry.tree(url)?.root ?? []),
  ),
  move: (items, run) => items.flatMap(({ value, place }) => targetOf(value, place, run)),
})

/** A target that is not at hand is known by its type alone. */
const targetOf = (value: unknown, place: Item['place'], run: Judgement): readonly Item[] => {
  if (!isPlain(value) || typeof value.reference !== 'string') return []
  const target = resolveReference(value.reference, run.scope)
  if (target) return [{ value: target, sibling: undefined, place }]
  const type = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]+(?:\/_history\/.*)?$/.exec(value.reference)?.[1]
  return type === undefined ? [] : [{ value: { resourceType: type }, sibling: undefined, place }]
}
