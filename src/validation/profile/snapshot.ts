/** Makes the snapshot of a profile from its differential and its base: http://hl7.org/fhir/R4/profiling.html#snapshot */
import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'
import { coreUrl, type Registry } from './kinds.ts'
import { capital, nameOf, typeCodes } from './tree.ts'

type Draft = { id: string; def: ElementDefinition }

/**
 * Undefined when the base is not loaded. Elements that the base does not have are left out; their index in the
 * differential goes to `lost`.
 */
export const snapshotOf = (
  definition: StructureDefinition,
  registry: Pick<Registry, 'tree'>,
  lost: number[] = [],
): ElementDefinition[] | undefined => {
  const base = definition.baseDefinition === undefined ? undefined : registry.tree(definition.baseDefinition)
  if (!base) return undefined
  const maker = new Snapshot(base.elements, registry)
  for (const [index, element] of (definition.differential?.element ?? []).entries())
    if (!maker.apply(element)) lost.push(index)
  return maker.elements.map(({ def }) => def)
}

class Snapshot {
  readonly elements: Draft[]
  readonly #registry: Pick<Registry, 'tree'>
  /** Differentials without ids tell the slice only by order. */
  #open: string[] = []

  constructor(base: readonly ElementDefinition[], registry: Pick<Registry, 'tree'>) {
    this.#registry = registry
    this.elements = base.map((def) => ({ id: idOf(def), def }))
  }

  /** False when the base has no such element. */
  apply(change: ElementDefinition): boolean {
    const id = this.#idOf(change)
    const index = this.#find(id)
    if (index < 0) return false
    const draft = this.elements[index] as Draft
    draft.def = merged(draft.def, change, draft.id)
    return true
  }

  /** `Patient.extension:race.url`; made from paths and slice names when there is none. */
  #idOf(change: ElementDefinition): string {
    const names = change.path.split('.')
    if (change.id?.includes(':') || (change.id === change.path && change.sliceName === undefined)) {
      this.#open = change.id.split('.')
      return change.id
    }
    const last = names.length - 1
    const open = this.#open.slice(0, names.length)
    const id = names.map((name, index) => {
      const before = open[index]
      return index < last && before?.split(':')[0] === name ? before : name
    })
    if (change.sliceName !== undefined) id[last] = `${names[last]}:${change.sliceName}`
    this.#open = id
    return id.join('.')
  }

  /** Where the element stands; made there when it is a new slice or inside a type. */
  #find(id: string): number {
    const at = this.elements.findIndex((element) => element.id === id)
    if (at >= 0) return at
    const end = id.lastIndexOf('.')
    if (end < 0) return -1
    const last = id.slice(end + 1)
    const parent = this.#find(id.slice(0, end))
    if (parent < 0) return -1
    const parentId = (this.elements[parent] as Draft).id
    if (`${parentId}.${last}` !== id) return this.#find(`${parentId}.${last}`)
    if (last.includes(':')) return this.#slice(parentId, last)
    this.#unfold(parent)
    const made = this.elements.findIndex((element) => element.id === id)
    return made >= 0 ? made : this.#renamed(parentId, last)
  }

  /** A copy of what is sliced, behind its last slice. Inside of a reslice the slice is copied. */
  #slice(parentId: string, last: string): number {
    const [name = '', slice = ''] = last.split(':')
    const outer = slice.includes('/') ? `${name}:${slice.slice(0, slice.lastIndexOf('/'))}` : name
    const origin = this.#find(`${parentId}.${outer}`)
    if (origin < 0) return -1
    const source = this.elements[origin] as Draft
    // `valueQuantity` named as its own slice.
    if (slice === name && source.id.endsWith(`[x]:${name}`)) return origin
    const { slicing: _slicing, ...def } = source.def
    const behind = this.#endOf(`${parentId}.${name}`, origin)
    const id = `${parentId}.${last}`
    const min = outer === name ? 0 : def.min
    this.elements.splice(behind, 0, { id, def: { ...def, id, sliceName: slice, min: min ?? 0 } })
    return behind
  }

  /** Index behind the element, its children and its slices. */
  #endOf(id: string, from: number): number {
    let at = from + 1
    while (at < this.elements.length) {
      const { id: other } = this.elements[at] as Draft
      if (!other.startsWith(`${id}.`) && !other.startsWith(`${id}:`)) break
      at++
    }
    return at
  }

  /** The children of an element's type, of its profile or of what it refers to, become its own. */
  #unfold(index: number): void {
    const { id, def } = this.elements[index] as Draft
    if (this.elements[index + 1]?.id.startsWith(`${id}.`)) return
    const made = this.#childrenOf(def).map(({ path, def: child }) => ({
      id: `${id}.${path}`,
      def: { ...child, id: `${id}.${path}`, path: `${def.path}.${withoutSlices(path)}` },
    }))
    this.elements.splice(index + 1, 0, ...made)
  }

  #childrenOf(def: ElementDefinition): readonly { path: string; def: ElementDefinition }[] {
    const reference = def.contentReference
    if (reference) {
      const target = reference.slice(reference.indexOf('#') + 1)
      return this.elements
        .filter(({ id }) => id.startsWith(`${target}.`))
        .map(({ id, def: child }) => ({ path: id.slice(target.length + 1), def: child }))
    }
    // A slice without children of its own begins with those of what is sliced.
    const sliced = this.elements.find(
      ({ def: other }) => other.path === def.path && other.sliceName === undefined,
    )
    if (def.sliceName !== undefined && sliced) {
      const own = this.elements.filter(({ id }) => id.startsWith(`${sliced.id}.`))
      if (own.length > 0)
        return own.map(({ id, def: child }) => ({ path: id.slice(sliced.id.length + 1), def: child }))
    }
    const url =
      def.type?.length === 1
        ? (def.type[0]?.profile?.[0] ?? coreUrl + typeCodes(def)[0])
        : `${coreUrl}Element`
    const tree = this.#registry.tree(url) ?? this.#registry.tree(coreUrl + (typeCodes(def)[0] ?? 'Element'))
    if (!tree) return []
    return tree.elements.slice(1).map((child) => {
      const id = idOf(child)
      return { path: id.slice(id.indexOf('.') + 1), def: child }
    })
  }

  /** `valueQuantity` is the slice of `value[x]` that holds this type: http://hl7.org/fhir/R4/profiling.html#slicing */
  #renamed(parentId: string, last: string): number {
    for (const { id, def } of this.elements) {
      const name = nameOf(id)
      if (!name.endsWith('[x]') || id !== `${parentId}.${name}`) continue
      const code = typeCodes(def).find((type) => name.slice(0, -3) + capital(type) === last)
      if (code === undefined) continue
      const known = this.elements.findIndex((element) => element.id === `${id}:${last}`)
      if (known >= 0) return known
      const index = this.#slice(parentId, `${name}:${last}`)
      const draft = this.elements[index] as Draft
      draft.def = { ...draft.def, type: (draft.def.type ?? []).filter((type) => type.code === code) }
      return index
    }
    return -1
  }
}

const withoutSlices = (id: string): string =>
  id
    .split('.')
    .map((part) => part.split(':')[0])
    .join('.')

const idOf = (def: ElementDefinition): string => def.id ?? def.path

/** What the differential says replaces; constraints and conditions are added. Its own path may be a renamed choice. */
const merged = (base: ElementDefinition, change: ElementDefinition, id: string): ElementDefinition => {
  const { path: _path, id: _id, constraint, type, ...rest } = change
  const merged: ElementDefinition = { ...base, ...rest, id, path: base.path }
  if (type) merged.type = type
  const known = new Set((constraint ?? []).map(({ key }) => key))
  const kept = (base.constraint ?? []).filter(({ key }) => !known.has(key))
  if (constraint) merged.constraint = [...kept, ...constraint]
  return merged
}
