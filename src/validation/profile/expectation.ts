/** What an element's definition demands of a value by which slices are told apart: http://hl7.org/fhir/R4/profiling.html#discriminator */

import { isMember } from './binding.ts'
import type { Judgement, Registry } from './kinds.ts'
import type { Place } from './place.ts'
import type { ElementNode } from './tree.ts'
import { choiceOf, fits, isPlain, isSame } from './values.ts'

export type Expectation = (value: unknown, place: Place, run: Judgement) => boolean

/** Fixed value, pattern, required binding, or those of what is inside; undefined when there are none. */
export const expectationOf = (node: ElementNode, registry: Registry): Expectation | undefined => {
  const fixed = choiceOf(node.def, 'fixed')
  if (fixed) return (value) => isSame(value, fixed.value)
  const pattern = choiceOf(node.def, 'pattern')
  if (pattern) return (value) => fits(value, pattern.value)
  return insideOf(node, registry) ?? extensionUrl(node) ?? bound(node)
}

/** All children that expect something must be met, each by one of its slices or itself. */
const insideOf = (node: ElementNode, registry: Registry): Expectation | undefined => {
  const members = [...node.children.values()].flatMap((child) => {
    const expected = [child, ...child.slices.filter(({ def }) => (def.min ?? 0) > 0)]
      .map((each) => expectationOf(each, registry))
      .filter((each): each is Expectation => each !== undefined)
    return expected.length === 0
      ? []
      : [{ name: child.name.replace('[x]', ''), choice: child.name.endsWith('[x]'), expected }]
  })
  if (members.length === 0) return undefined
  return (value, place, run) => {
    if (!isPlain(value)) return false
    for (const { name, choice, expected } of members) {
      const found = choice ? chosen(value, name) : value[name]
      for (const each of expected) if (!meets(found, each, place, run)) return false
    }
    return true
  }
}

/** Of several values one is enough. */
const meets = (found: unknown, expectation: Expectation, place: Place, run: Judgement): boolean => {
  if (!Array.isArray(found)) return expectation(found, place, run)
  for (const one of found) if (expectation(one, place, run)) return true
  return false
}

const chosen = (value: Record<string, unknown>, stem: string): unknown => {
  const name = Object.keys(value).find((key) => key.startsWith(stem) && /^[A-Z]/.test(key.slice(stem.length)))
  return name === undefined ? undefined : value[name]
}

/** An extension is known by the url of its definition. */
const extensionUrl = (node: ElementNode): Expectation | undefined => {
  const profile = node.def.type?.find(({ code }) => code === 'Extension')?.profile?.[0]
  return profile === undefined ? undefined : (value) => isPlain(value) && value.url === profile
}

const bound = ({ def }: ElementNode): Expectation | undefined => {
  const valueSet = def.binding?.strength === 'required' ? def.binding.valueSet : undefined
  if (valueSet === undefined) return undefined
  return (value, _place, run) => isMember(value, valueSet, run.registry.membership) === true
}
