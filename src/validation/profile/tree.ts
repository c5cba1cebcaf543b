/** The elements of a snapshot as a tree with slices beside what they slice: http://hl7.org/fhir/R4/profiling.html#slicing */
import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'

export type ElementNode = {
  readonly def: ElementDefinition
  /** Last part of the path: `value[x]`. */
  readonly name: string
  readonly children: Map<string, ElementNode>
  readonly slices: ElementNode[]
  readonly root: ElementTree
}

export type ElementTree = {
  readonly url: string
  /** The type that is constrained or defined. */
  readonly type: string
  readonly definition: StructureDefinition
  readonly root: ElementNode
  readonly elements: readonly ElementDefinition[]
  /** First node of each path, for content references. */
  readonly byPath: ReadonlyMap<string, ElementNode>
}

export const nameOf = (path: string): string => path.slice(path.lastIndexOf('.') + 1)

/** The elements must be a snapshot's: parents before children, slices after what they slice. */
export const treeOf = (
  definition: StructureDefinition,
  elements: readonly ElementDefinition[],
): ElementTree => {
  const byPath = new Map<string, ElementNode>()
  const tree = { url: definition.url, type: definition.type, definition, elements, byPath } as unknown as {
    -readonly [Key in keyof ElementTree]: ElementTree[Key]
  }
  const open: ElementNode[] = []
  for (const def of elements) {
    const depth = def.path.split('.').length - 1
    const node: ElementNode = { def, name: nameOf(def.path), children: new Map(), slices: [], root: tree }
    open.length = depth
    const parent = open[depth - 1]
    if (!parent) tree.root = node
    else place(parent, node)
    open[depth] = node
    if (!byPath.has(def.path)) byPath.set(def.path, node)
  }
  return tree
}

const place = (parent: ElementNode, node: ElementNode): void => {
  const sliced = parent.children.get(node.name) ?? renamedChoice(parent, node.name)
  if (!sliced) parent.children.set(node.name, node)
  else if (node.def.sliceName !== undefined) resliced(sliced, node.def.sliceName).slices.push(node)
  else if (sliced.name !== node.name) sliced.slices.push(node)
}

/** `valueQuantity` beside `value[x]`, as older tools write slices by type. */
const renamedChoice = (parent: ElementNode, name: string): ElementNode | undefined => {
  for (const child of parent.children.values())
    if (child.name.endsWith('[x]') && typeOfRenamed(child, name) !== undefined) return child
  return undefined
}

/** The type code that a renamed choice names. */
export const typeOfRenamed = (choice: ElementNode, name: string): string | undefined => {
  const stem = choice.name.slice(0, -3)
  if (!name.startsWith(stem)) return undefined
  const rest = name.slice(stem.length)
  return typeCodes(choice.def).find((code) => capital(code) === rest)
}

/** Slice `a/b` belongs to slice `a`: http://hl7.org/fhir/R4/profiling.html#reslicing */
const resliced = (sliced: ElementNode, sliceName: string): ElementNode => {
  const end = sliceName.lastIndexOf('/')
  if (end < 0) return sliced
  const outer = findSlice(sliced, sliceName.slice(0, end))
  return outer ?? sliced
}

const findSlice = (sliced: ElementNode, sliceName: string): ElementNode | undefined => {
  for (const slice of sliced.slices) {
    if (slice.def.sliceName === sliceName) return slice
    const inner = findSlice(slice, sliceName)
    if (inner) return inner
  }
  return undefined
}

export const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1)

const fhirTypeUrl = 'http://hl7.org/fhir/StructureDefinition/structuredefinition-fhir-type'

/** Names of the types, those of FHIRPath's system among them as FHIR's. */
export const typeCodes = (def: ElementDefinition): readonly string[] =>
  (def.type ?? []).map((type) => {
    if (!type.code.startsWith('http://hl7.org/fhirpath/System.')) return type.code
    const real = type.extension?.find(({ url }) => url === fhirTypeUrl)
    const name = real?.valueUrl ?? real?.valueUri ?? type.code.slice(31)
    return def.path.endsWith('.id') && name !== 'id' ? 'string' : name.charAt(0).toLowerCase() + name.slice(1)
  })
