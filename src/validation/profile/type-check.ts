/** What R4 itself says of a type beyond its structure, compiled on first use: http://hl7.org/fhir/R4/datatypes.html */
import type { ElementDefinition } from 'fhir/r4.js'
import type { JsonObject } from '../../fhir/json/value.ts'
import { primitives } from '../primitives.ts'
import { bindingCheck } from './binding.ts'
import { extensionCheck } from './extensions.ts'
import { invariantCheck } from './invariant.ts'
import type { Check, Judgement, Registry } from './kinds.ts'
import type { Place } from './place.ts'
import { referenceCheck } from './references.ts'
import { innerResource } from './resource.ts'
import { capital, type ElementNode, typeCodes } from './tree.ts'
import { typeRules } from './type-rules.ts'
import { isPlain } from './values.ts'

type Member = {
  readonly name: string
  readonly type: string
  readonly array: boolean
  readonly check: Check | undefined
  /** Whether the value is text in which blanks alone are of no use. */
  readonly text: boolean
  readonly integer: boolean
}

/** Undefined definitions have nothing to say. */
export const compileType = (type: string, registry: Registry): Check => {
  const tree = registry.typeTree(type)
  if (!tree || type in primitives) return nothing
  const content = contentOf(tree.root, type, registry)
  const rule = typeRules[type]
  return rule ? both(content, rule) : content
}

const nothing: Check = () => undefined

const both =
  (first: Check, second: Check): Check =>
  (value, sibling, place, run) => {
    first(value, sibling, place, run)
    second(value, sibling, place, run)
  }

/** The members of one object and the constraints on it. */
const contentOf = (node: ElementNode, type: string, registry: Registry): Check => {
  const members = membersOf(node, registry)
  const invariants = invariantCheck(node.def.constraint ?? [], type, registry)
  const ofSibling = registry.typeCheck('Element')
  return (value, sibling, place, run) => {
    if (!isPlain(value)) return
    for (const name in value) {
      const member = members.get(name)
      if (member) visit(value[name], member, place, run)
      else if (name.charCodeAt(0) === 95) visitSiblings(value, name, members, ofSibling, place, run)
    }
    if (invariants) invariants(value, sibling, place, run)
  }
}

const visit = (value: unknown, member: Member, up: Place, run: Judgement): void => {
  if (member.array) {
    if (!Array.isArray(value)) return
    for (let index = 0; index < value.length; index++) one(value[index], member, up, index, run)
  } else one(value, member, up, -1, run)
}

const one = (value: unknown, member: Member, up: Place, index: number, run: Judgement): void => {
  if (value === null || value === undefined) return
  if (member.integer) run.integers = true
  const { check, name, type } = member
  if (check) check(value, undefined, { up, name, index, type }, run)
  if (member.text && typeof value === 'string') textRule(value, member, up, index, run)
}

/** Characters that turn the direction of text: what is shown then is not what is there (https://www.unicode.org/reports/tr36/). */
const turning = /[\u202a-\u202e\u2066-\u2069]/

const tag = /<\/?[A-Za-z][^<>]*>/

/** Blanks alone may be lost on the way; tags in plain text are shown as HTML by careless readers (http://hl7.org/fhir/R4/security.html#narrative). */
const textRule = (value: string, { name, type }: Member, up: Place, index: number, run: Judgement): void => {
  if (value.charCodeAt(0) <= 32 && value.trim() === '')
    run.warn('value', 'blank', { up, name, index, type }, 'has only blanks; give it text or leave it out.')
  if (turning.test(value))
    run.doubt(
      'security',
      'text-direction',
      { up, name, index, type },
      'has a character that turns the direction of text, so that it may be read as another text; leave it out.',
    )
  if (type === 'string' && value.includes('<') && tag.test(value))
    run.doubt(
      'security',
      'html-in-text',
      { up, name, index, type },
      'has what looks like a tag of HTML; plain text must not have any.',
    )
}

/** The extensions of primitive values. */
const visitSiblings = (
  owner: JsonObject,
  name: string,
  members: ReadonlyMap<string, Member>,
  check: Check,
  up: Place,
  run: Judgement,
): void => {
  const member = members.get(name.slice(1))
  if (!member) return
  const siblings = owner[name]
  const list = Array.isArray(siblings) ? siblings : [siblings]
  for (const [index, item] of list.entries())
    if (isPlain(item))
      check(
        item,
        undefined,
        { up, name: member.name, index: member.array ? index : -1, type: member.type },
        run,
      )
}

/** By JSON name: a choice stands once per type. */
const membersOf = (node: ElementNode, registry: Registry): ReadonlyMap<string, Member> => {
  const members = new Map<string, Member>()
  const owner = node.def.path
  for (const child of node.children.values()) {
    const array = (child.def.base?.max ?? child.def.max) !== '1'
    if (!child.name.endsWith('[x]')) {
      const type = inlineType(child) ?? typeCodes(child.def)[0] ?? 'BackboneElement'
      members.set(child.name, memberOf(child, child.name, type, array, owner, registry))
      continue
    }
    const stem = child.name.slice(0, -3)
    for (const type of typeCodes(child.def))
      members.set(stem + capital(type), memberOf(child, stem, type, array, owner, registry))
  }
  return members
}

/** An inline element is known by its path, also where it is referred to: `Questionnaire.item`. */
const inlineType = (node: ElementNode): string | undefined => {
  if (node.def.contentReference) return targetPath(node.def.contentReference)
  return node.children.size > 0 ? node.def.path : undefined
}

const blankable = new Set(['string', 'markdown'])
const integers = new Set(['integer', 'positiveInt', 'unsignedInt'])

const memberOf = (
  node: ElementNode,
  name: string,
  type: string,
  array: boolean,
  owner: string,
  registry: Registry,
): Member => ({
  name,
  type,
  array,
  check: elementCheck(node, name, type, owner, registry),
  text: blankable.has(type),
  integer: integers.has(type),
})

const elementCheck = (
  node: ElementNode,
  name: string,
  type: string,
  owner: string,
  registry: Registry,
): Check | undefined => {
  if (type === 'Resource') return innerResource(name === 'contained', owner)
  if (type === 'Extension') return extensionCheck(name === 'modifierExtension')
  const checks = [
    contentCheck(node, type, registry),
    bindingCheck(bindable(type) ? node.def.binding : undefined),
    type === 'Reference' ? referenceCheck(targetsOf(node.def, type), false) : undefined,
    invariantCheck(ownConstraints(node, type, registry), type, registry),
    ...profilesOf(node.def, type),
  ].filter((check) => check !== undefined)
  return all(checks)
}

const bindables = new Set([
  'code',
  'Coding',
  'CodeableConcept',
  'Quantity',
  'uri',
  'string',
  'canonical',
  'url',
  'markdown',
])
export const bindable = (type: string): boolean => bindables.has(type)

/** One check for several; none for none. */
export const all = (checks: readonly Check[]): Check | undefined => {
  const [first, second] = checks
  if (checks.length <= 1) return first
  if (checks.length === 2) return both(first as Check, second as Check)
  return (value, sibling, place, run) => {
    for (const check of checks) check(value, sibling, place, run)
  }
}

const contentCheck = (node: ElementNode, type: string, registry: Registry): Check | undefined => {
  if (type in primitives) return undefined
  if (node.def.contentReference) return referred(node, registry)
  if (node.children.size > 0) return contentOf(node, node.def.path, registry)
  return registry.typeCheck(type)
}

/** `#Questionnaire.item` may contain itself, so it is compiled when first met. */
const referred = (node: ElementNode, registry: Registry): Check => {
  let check: Check | undefined
  return (value, sibling, place, run) => {
    const target = node.root.byPath.get(targetPath(node.def.contentReference ?? ''))
    check ??= target ? contentOf(target, target.def.path, registry) : nothing
    check(value, sibling, place, run)
  }
}

export const targetPath = (contentReference: string): string =>
  contentReference.slice(contentReference.indexOf('#') + 1)

/** Target profiles of the references. */
export const targetsOf = (def: ElementDefinition, type: string): readonly string[] =>
  (def.type ?? []).filter(({ code }) => code === type).flatMap(({ targetProfile }) => targetProfile ?? [])

/** Constraints that the type itself does not have. */
const ownConstraints = (node: ElementNode, type: string, registry: Registry) => {
  if (node.children.size > 0 && !(type in primitives)) return []
  const known = new Set((registry.typeTree(type)?.root.def.constraint ?? []).map(({ key }) => key))
  return (node.def.constraint ?? []).filter(({ key }) => !known.has(key))
}

/** Such as `SimpleQuantity`, which R4 itself demands. */
const profilesOf = (def: ElementDefinition, type: string): readonly Check[] =>
  (def.type ?? [])
    .filter(({ code, profile }) => code === type && profile !== undefined && profile.length === 1)
    .map(
      ({ profile }): Check =>
        (value, sibling, place, run) =>
          run.registry.profile((profile as string[])[0] as string)?.check(value, sibling, place, run),
    )
