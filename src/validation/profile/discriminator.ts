/** Tells by its discriminators whether an item belongs to a slice: http://hl7.org/fhir/R4/profiling.html#discriminator */
import type { ElementDefinitionSlicingDiscriminator } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { type Expectation, expectationOf } from './expectation.ts'
import { holds } from './hold.ts'
import { actualType, type Item, some, type Test } from './items.ts'
import type { Judgement } from './kinds.ts'
import { coreUrl, type Registry } from './kinds.ts'
import { resolveReference } from './references.ts'
import { type ElementNode, typeCodes } from './tree.ts'
import { targetPath } from './type-check.ts'
import { isPlain } from './values.ts'

export type SliceTest = (item: Item, run: Judgement) => boolean

/** Makes of a test of where a step leads the test of where it starts: whether it holds for one of the values there. */
type Step = (test: Test) => Test
/** A path walked in the definitions and, compiled, in values. */
type Route = { readonly nodes: readonly ElementNode[]; readonly step: Step }

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

const ofItem =
  (test: Test): SliceTest =>
  ({ value, sibling, place }, run) =>
    test(value, sibling, place, run)

const existsTest = ({ nodes, step }: Route): SliceTest => {
  const wanted = !nodes.some(({ def }) => def.max === '0')
  const test = ofItem(step(() => true))
  return (item, run) => test(item, run) === wanted
}

const typeTest = ({ nodes, step }: Route): SliceTest | undefined => {
  const types = new Set(
    nodes.flatMap(({ def, root }) => (def.path.includes('.') ? typeCodes(def) : [root.type])),
  )
  if (types.size === 0) return undefined
  return ofItem(
    step((value, _sibling, place, run) => {
      const actual = actualType(value, place)
      return (
        types.has(actual) || [...types].some((type) => type !== 'Element' && run.registry.isA(actual, type))
      )
    }),
  )
}

const profileTest = ({ nodes, step }: Route): SliceTest | undefined => {
  const canonicals = nodes.flatMap(({ def, root }) =>
    def.path.includes('.') ? (def.type ?? []).flatMap(({ profile }) => profile ?? []) : [root.url],
  )
  if (canonicals.length === 0) return undefined
  return ofItem(
    step((value, _sibling, place, run) => canonicals.some((url) => holds(value, url, run, place) === true)),
  )
}

const valueTest = ({ nodes, step }: Route, registry: Registry): SliceTest | undefined => {
  const expected = nodes
    .map((node) => expectationOf(node, registry))
    .filter((expectation): expectation is Expectation => expectation !== undefined)
  const [first] = expected
  if (!first) return undefined
  if (expected.length === 1) return ofItem(step((value, _sibling, place, run) => first(value, place, run)))
  return ofItem(
    step((value, _sibling, place, run) => expected.some((expectation) => expectation(value, place, run))),
  )
}

const routeTo = (slice: ElementNode, path: string, registry: Registry): Route => {
  let nodes: readonly ElementNode[] = [slice]
  const steps: Step[] = []
  for (const name of stepsOf(path)) {
    const next = take(name, nodes, registry)
    nodes = next.nodes
    steps.push(next.step)
  }
  return { nodes, step: (test) => steps.reduceRight((then, step) => step(then), test) }
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
  return { nodes: [], step: () => () => false }
}

const member = (name: string, nodes: readonly ElementNode[], registry: Registry): Route => {
  const next = nodes.flatMap((node) => childrenNamed(node, name, registry))
  const first = next[0]
  return {
    nodes: next.flatMap((node) => [node, ...node.slices]),
    step: (test) => inside(first?.name ?? name, first ? typesIn(first, registry) : [], test),
  }
}

const inside = (name: string, types: readonly string[], test: Test): Test => {
  const any = some(name, types, test)
  return (value, sibling, place, run) => {
    const owner = isPlain(value) ? value : sibling
    return owner !== undefined && any(owner, place, run)
  }
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
  const all = nodes.flatMap((node) => childrenNamed(node, 'extension', registry))
  const slices = all.flatMap((node) => node.slices).filter((slice) => urlOf(slice, registry) === url)
  return {
    nodes: slices.length > 0 ? slices : all,
    step: (test) =>
      inside(
        'extension',
        ['Extension'],
        (value, sibling, place, run) =>
          isPlain(value) && value.url === url && test(value, sibling, place, run),
      ),
  }
}

/** The url of an extension's slice: fixed in it, or that of its profile. */
const urlOf = (slice: ElementNode, registry: Registry): string | undefined =>
  slice.children.get('url')?.def.fixedUri ??
  slice.def.type?.flatMap(({ profile }) => profile ?? []).map((url) => registry.tree(url)?.url ?? url)[0]

const ofType = (type: string, nodes: readonly ElementNode[]): Route => ({
  nodes: nodes.filter(({ def }) => typeCodes(def).includes(type)),
  step: (test) => (value, sibling, place, run) =>
    actualType(value, place) === type && test(value, sibling, place, run),
})

const resolved = (nodes: readonly ElementNode[], registry: Registry): Route => ({
  nodes: nodes.flatMap(({ def }) =>
    (def.type ?? [])
      .flatMap(({ targetProfile }) => targetProfile ?? [])
      .flatMap((url) => registry.tree(url)?.root ?? []),
  ),
  step: (test) => (value, _sibling, place, run) => {
    const target = targetOf(value, run)
    return target !== undefined && test(target, undefined, place, run)
  },
})

/** A target that is not at hand is known by its type alone. */
const targetOf = (value: unknown, run: Judgement): JsonObject | undefined => {
  if (!isPlain(value) || typeof value.reference !== 'string') return undefined
  const target = resolveReference(value.reference, run.scope)
  if (target) return target
  const type = /(?:^|\/)([A-Z][A-Za-z]+)\/[A-Za-z0-9\-.]+(?:\/_history\/.*)?$/.exec(value.reference)?.[1]
  return type === undefined ? undefined : { resourceType: type }
}
