/** Definitions as trees and as compiled checks, for one tenant: http://hl7.org/fhir/R4/structuredefinition.html */
import type { StructureDefinition } from 'fhir/r4.js'
import type { Canonicals } from '../../fhir/definitions/canonicals.ts'
import type { Definitions } from '../../fhir/definitions/model.ts'
import type { MembershipTest } from '../../terminology/model.ts'
import type { Invariants } from '../invariants/invariants.ts'
import { compileProfile } from './compile.ts'
import { type Check, coreUrl, type Profile, type Registry } from './kinds.ts'
import { snapshotOf } from './snapshot.ts'
import { type ElementTree, treeOf } from './tree.ts'
import { compileType } from './type-check.ts'

/** Of definitions with a snapshot: their trees depend on nothing else, and may be shared by tenants. */
export type TreeCache = WeakMap<StructureDefinition, ElementTree>

export const createRegistry = (
  definitions: Definitions,
  canonicals: Canonicals,
  membership: MembershipTest,
  trees: TreeCache,
  invariants: Invariants,
): Registry => {
  const types = new Map<string, Check>()
  const profiles = new Map<string, Profile | null>()
  const byUrl = new Map<string, ElementTree | undefined>()
  const registry: Registry = {
    definitions,
    canonicals,
    membership,
    invariants,
    tree: (url) => {
      if (byUrl.has(url)) return byUrl.get(url)
      const definition = canonicals.resolve('StructureDefinition', url)
      const tree = definition && treeFor(definition)
      byUrl.set(url, tree)
      return tree
    },
    typeTree: (type) => registry.tree(coreUrl + type),
    typeCheck: (type) => {
      const known = types.get(type)
      if (known) return known
      // Types contain themselves (Extension, Identifier): the check must be there before it is compiled.
      let compiled: Check | undefined
      const check: Check = (value, sibling, place, run) => {
        compiled ??= compileType(type, registry)
        compiled(value, sibling, place, run)
      }
      types.set(type, check)
      return check
    },
    profile: (canonical) => {
      const known = profiles.get(canonical)
      if (known !== undefined) return known ?? undefined
      const tree = registry.tree(canonical)
      const profile = tree ? compileProfile(tree, registry) : null
      profiles.set(canonical, profile)
      return profile ?? undefined
    },
    isA: (type, ancestor) => {
      for (let at: string | undefined = type; at !== undefined; at = definitions.types.get(at)?.base)
        if (at === ancestor) return true
      return false
    },
  }

  const treeFor = (definition: StructureDefinition): ElementTree | undefined => {
    const elements = definition.snapshot?.element ?? []
    if (elements.length === 0) return upon(definition)
    const known = trees.get(definition)
    if (known) return known
    const tree = treeOf(definition, elements)
    trees.set(definition, tree)
    return tree
  }

  const making = new Set<StructureDefinition>()

  /** Without a snapshot: kept with these canonicals only, as in others its base may be another one, or may be there. */
  const upon = (definition: StructureDefinition): ElementTree | undefined => {
    if (making.has(definition)) return undefined
    making.add(definition)
    const elements = snapshotOf(definition, registry)
    making.delete(definition)
    return elements && elements.length > 0 ? treeOf(definition, elements) : undefined
  }
  return registry
}
