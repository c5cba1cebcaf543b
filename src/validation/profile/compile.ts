/** A profile compiled to checks of what it demands beyond its type: http://hl7.org/fhir/R4/profiling.html */
import type { ElementDefinition } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { bindingCheck } from './binding.ts'
import { holdsAny } from './hold.ts'
import { invariantCheck } from './invariant.ts'
import { actualType, collect, mostOf, visitor } from './items.ts'
import { type Check, coreUrl, type Judgement, type Profile, type Registry } from './kinds.ts'
import type { Place } from './place.ts'
import { referenceCheck } from './references.ts'
import { slicingCheck } from './slicing.ts'
import { type ElementNode, type ElementTree, typeCodes } from './tree.ts'
import { all, bindable, targetPath, targetsOf } from './type-check.ts'
import { valueChecks } from './value-checks.ts'
import { isPlain } from './values.ts'

/** Judges all items of one element in their owner. */
export type MemberCheck = (owner: JsonObject, place: Place, run: Judgement) => void

/** A definition of a type itself demands nothing beyond. */
export const compileProfile = (tree: ElementTree, registry: Registry): Profile => {
  const base = registry.typeTree(tree.type)?.root
  const check =
    base && base !== tree.root ? new Compiler(registry).content(tree.root, base, tree.type) : undefined
  return { tree, type: tree.type, check: check ?? (() => undefined) }
}

/** A primitive without id and extensions has no members. */
const nobody: JsonObject = Object.freeze({})

class Compiler {
  readonly registry: Registry
  readonly #referred = new Map<ElementNode, Check | undefined>()

  constructor(registry: Registry) {
    this.registry = registry
  }

  /** What the node demands of the inside of a value that the base does not. */
  content(node: ElementNode, base: ElementNode | undefined, type: string): Check | undefined {
    const members: MemberCheck[] = []
    for (const child of node.children.values()) {
      const member = this.#member(child, this.#baseChild(child.name, base, type))
      if (member) members.push(member)
    }
    const invariants = invariantCheck(
      this.#ownConstraints(node, base, type),
      inlineName(base, type),
      this.registry,
    )
    if (members.length === 0) return invariants
    return (value, sibling, place, run) => {
      const owner = isPlain(value) ? value : (sibling ?? nobody)
      for (let index = 0; index < members.length; index++) (members[index] as MemberCheck)(owner, place, run)
      if (invariants) invariants(value, sibling, place, run)
    }
  }

  /** Everything that the node demands of one value. */
  item(node: ElementNode, base: ElementNode | undefined): Check | undefined {
    const { def } = node
    const codes = typeCodes(def)
    const type = codes.length === 1 ? (codes[0] as string) : ''
    return all(
      [
        this.#types(def, base?.def),
        ...valueChecks(def, base?.def),
        this.#binding(def, base?.def, codes),
        this.#targets(def, base?.def),
        this.#inside(node, base, type),
        node.children.size > 0
          ? undefined
          : invariantCheck(this.#ownConstraints(node, base, type), inlineName(base, type), this.registry),
        this.#profiles(def, base?.def),
      ].filter((check) => check !== undefined),
    )
  }

  #member(node: ElementNode, base: ElementNode | undefined): MemberCheck | undefined {
    const item = this.item(node, base)
    const slicing = slicingCheck(node, base, (slice, of) => this.item(slice, of), this.registry)
    const count = countCheck(node, base?.def)
    if (!item && !slicing && !count) return undefined
    const types = typeCodes((base ?? node).def)
    if (!slicing) return visitor(node.name, types, count, item)
    const gather = collect(node.name, types)
    return (owner, place, run) => {
      const items = gather(owner, place)
      if (count) count(items.length, place, run)
      if (item) for (const { value, sibling, place } of items) item(value, sibling, place, run)
      slicing(items, place, run)
    }
  }

  /** The base's definition of a child: in the base itself, behind its content reference, or in its type. */
  #baseChild(name: string, base: ElementNode | undefined, type: string): ElementNode | undefined {
    const owner = base?.def.contentReference
      ? base.root.byPath.get(targetPath(base.def.contentReference))
      : base
    if (owner && owner.children.size > 0) return owner.children.get(name)
    return this.registry.typeTree(type)?.root.children.get(name)
  }

  #inside(node: ElementNode, base: ElementNode | undefined, type: string): Check | undefined {
    if (node.children.size > 0) return this.content(node, base, type)
    if (!node.def.contentReference) return undefined
    const target = node.root.byPath.get(targetPath(node.def.contentReference))
    if (!target) return undefined
    // It may contain itself, so it is compiled when first met.
    return (value, sibling, place, run) => {
      if (!this.#referred.has(target)) {
        const targetBase = this.registry.typeTree(node.root.type)?.byPath.get(target.def.path)
        this.#referred.set(target, this.content(target, targetBase, 'BackboneElement'))
      }
      this.#referred.get(target)?.(value, sibling, place, run)
    }
  }

  #ownConstraints(node: ElementNode, base: ElementNode | undefined, type: string) {
    const known = new Set((base?.def.constraint ?? []).map(({ key }) => key))
    for (const { key } of this.registry.typeTree(type)?.root.def.constraint ?? []) known.add(key)
    return (node.def.constraint ?? []).filter(({ key }) => !known.has(key))
  }

  #types(def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined {
    const codes = new Set(typeCodes(def))
    if (codes.size === 0 || (base && typeCodes(base).every((code) => codes.has(code)))) return undefined
    return (value, _sibling, place, run) => {
      const actual = actualType(value, place)
      for (const code of codes) if (run.registry.isA(actual, code)) return
      run.error('structure', 'type', place, `is of type ${actual}; allowed are ${[...codes].join(', ')}.`)
    }
  }

  #binding(
    def: ElementDefinition,
    base: ElementDefinition | undefined,
    codes: readonly string[],
  ): Check | undefined {
    const same =
      base?.binding &&
      base.binding.valueSet === def.binding?.valueSet &&
      base.binding.strength === def.binding?.strength
    if (same || !codes.some(bindable)) return undefined
    const check = bindingCheck(def.binding)
    return (
      check &&
      ((value, sibling, place, run) => {
        if (bindable(place.type)) check(value, sibling, place, run)
      })
    )
  }

  #targets(def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined {
    const targets = targetsOf(def, 'Reference')
    const before = base ? targetsOf(base, 'Reference') : []
    if (targets.length === 0) return undefined
    if (targets.length === before.length && targets.every((url) => before.includes(url))) return undefined
    return referenceCheck(targets, true)
  }

  #profiles(def: ElementDefinition, base: ElementDefinition | undefined): Check | undefined {
    const wanted = (def.type ?? []).filter(
      ({ code, profile }) => code !== 'Extension' && profile?.some((url) => url !== coreUrl + code),
    )
    if (wanted.length === 0) return undefined
    const before = new Set((base?.type ?? []).flatMap(({ profile }) => profile ?? []))
    if (wanted.every(({ profile }) => profile?.every((url) => before.has(url)))) return undefined
    return (value, sibling, place, run) => {
      const actual = actualType(value, place)
      const own = wanted.filter(({ code }) => run.registry.isA(actual, code))
      const free = (def.type ?? []).some(({ code, profile }) => !profile && run.registry.isA(actual, code))
      const canonicals = own.flatMap(({ profile }) => profile ?? [])
      if (canonicals.length === 0 || free) return
      meet(value, sibling, canonicals, place, run)
    }
  }
}

/** One profile says what is missing; of several, that none is met. */
const meet = (
  value: unknown,
  sibling: JsonObject | undefined,
  canonicals: readonly string[],
  place: Place,
  run: Judgement,
): void => {
  const only = canonicals.length === 1 ? run.registry.profile(canonicals[0] as string) : undefined
  if (only && !(isPlain(value) && 'resourceType' in value)) only.check(value, sibling, place, run)
  else if (!holdsAny(value, canonicals, place, run))
    run.error('structure', 'type-profile', place, `does not meet ${canonicals.join(' or ')}.`)
}

/** Of an inline element its path: `Patient.contact`. */
const inlineName = (base: ElementNode | undefined, type: string): string =>
  base && base.children.size > 0 && base.def.path.includes('.') ? base.def.path : type

type CountCheck = (count: number, up: Place, run: Judgement) => void

const countCheck = (node: ElementNode, base: ElementDefinition | undefined): CountCheck | undefined => {
  const { def } = node
  const min = def.min ?? 0
  const max = mostOf(def)
  const tighter = min > (base?.min ?? 0) || max < (base ? mostOf(base) : Number.POSITIVE_INFINITY)
  if (!tighter) return undefined
  return (count, up, run) => {
    if (count >= min && count <= max) return
    const place: Place = { up, name: node.name.replace('[x]', ''), index: -1, type: '' }
    const profile = node.root.url
    if (count < min)
      run.error(
        'required',
        'min',
        place,
        count === 0
          ? `is missing; ${profile} demands it.`
          : `is there ${count} times; ${profile} demands at least ${min}.`,
      )
    else if (max === 0) run.error('structure', 'max', place, `is not allowed by ${profile}; leave it out.`)
    else run.error('structure', 'max', place, `is there ${count} times; ${profile} allows ${max}.`)
  }
}
