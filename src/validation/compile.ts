/** Turns the type table into JavaScript that answers whether a value keeps its structure: http://hl7.org/fhir/R4/json.html */
import type { Definitions, ElementDefinition, TypeDefinition } from '../fhir/definitions/model.ts'
import { primitives } from './primitives.ts'

/**
 * How many members the object and everything in it have, or -1 when something is not as it must be.
 * `contained` is 1 for a resource in `contained`, which must not contain others.
 */
export type Count = (value: unknown, contained?: 0 | 1) => number

/** Resource types are compiled when first met, and with them the types that they use, also when first met. */
export const createCount = (definitions: Definitions): Count => {
  const accepts = Object.fromEntries(Object.entries(primitives).map(([name, p]) => [name, p.accepts]))
  const names = [...definitions.types.keys()]
  const slots = new Map(names.map((name, index) => [name, index]))
  const counts: Count[] = names.map((name, index) => (value, contained) => {
    const type = definitions.types.get(name) as TypeDefinition
    const made = new Function('p', 'f', 'r', source(type, slots))(accepts, counts, resource)
    counts[index] = made as Count
    return counts[index](value, contained)
  })
  const resources = new Map(
    names.filter(isConcrete(definitions)).map((name) => [name, slots.get(name) as number]),
  )
  const resource: Count = (value, contained) => {
    if (typeof value !== 'object' || value === null) return -1
    const slot = resources.get((value as { resourceType?: unknown }).resourceType as string)
    return slot === undefined ? -1 : (counts[slot] as Count)(value, contained)
  }
  return resource
}

const isConcrete =
  (definitions: Definitions) =>
  (name: string): boolean => {
    const type = definitions.types.get(name)
    return type?.kind === 'resource' && !type.abstract
  }

/**
 * One pass over the members, one case a name. Arrays, texts, numbers and null need no test of their own: they have
 * either no members, and empty is refused, or members named by index, and unknown is refused. Each case reads its
 * member by a constant name: with `o[k]` V8 optimises and takes it back for ever (three times slower on extensions).
 */
const source = (type: TypeDefinition, slots: ReadonlyMap<string, number>): string => {
  const bits = presenceBits(type)
  const used = new Set<string>()
  const cases = [...type.elements.values()].flatMap((element) => {
    if (element.type in primitives) used.add(element.type)
    return elementCases(element, bits, slots)
  })
  if (type.kind === 'resource') cases.unshift('case "resourceType": break')
  return `'use strict'
${[...used].map((name) => `const p_${name} = p.${name}`).join('\n')}
return function ${type.name.replaceAll('.', '_')}(o, contained) {
  let n = 0, seen = 0, c = 0, v
  for (const k in o) {
    n++
    switch (k) {
      ${cases.join('\n      ')}
      default: return -1
    }
  }
  return n === 0 || (seen & ${bits.required}) !== ${bits.required} ? -1 : n
}`
}

type Bits = {
  /** All that must be set in the end. */
  readonly required: number
  readonly element: ReadonlyMap<string, number>
  readonly choice: ReadonlyMap<string, number>
}

/** One bit for each mandatory element and each choice. */
const presenceBits = (type: TypeDefinition): Bits => {
  let next = 0
  const bit = (): number => {
    if (next > 30) throw new Error(`${type.name} has more than 31 mandatory elements and choices`)
    return 1 << next++
  }
  const element = new Map([...type.elements.values()].filter((e) => e.min > 0).map((e) => [e.name, bit()]))
  const choices = type.choices.map((choice) => ({ ...choice, bit: bit() }))
  const mandatory = [
    ...element.values(),
    ...choices.filter((choice) => choice.min > 0).map((choice) => choice.bit),
  ]
  return {
    required: mandatory.reduce((all, one) => all | one, 0),
    element,
    choice: new Map(choices.flatMap((choice) => choice.members.map((name) => [name, choice.bit] as const))),
  }
}

const elementCases = (
  element: ElementDefinition,
  bits: Bits,
  slots: ReadonlyMap<string, number>,
): readonly string[] => {
  const name = JSON.stringify(element.name)
  const sibling = JSON.stringify(`_${element.name}`)
  const value = `case ${name}: v = o[${name}]; ${presence(element, bits, '')}${valueCheck(element, slots)} break`
  if (!element.sibling) return [value]
  // Of a choice that has both, the value sets the bit.
  const alone = `o[${name}] === undefined`
  const inner = `f[${slots.get('Element')}]`
  return [
    value,
    `case ${sibling}: v = o[${sibling}]; ${presence(element, bits, alone)}${siblingCheck(element, alone, inner)} break`,
  ]
}

const presence = (element: ElementDefinition, bits: Bits, unless: string): string => {
  const choice = bits.choice.get(element.name)
  if (choice !== undefined) {
    const code = `if (seen & ${choice}) return -1; seen |= ${choice};`
    return unless === '' ? code : `if (${unless}) { ${code} }`
  }
  const bit = bits.element.get(element.name)
  return bit === undefined ? '' : `seen |= ${bit};`
}

const valueCheck = (element: ElementDefinition, slots: ReadonlyMap<string, number>): string => {
  const isPrimitive = element.type in primitives
  if (!element.array)
    return isPrimitive ? `if (!p_${element.type}(v)) return -1;` : add(count(element, 'v', slots))
  if (!isPrimitive) {
    const guard = element.name === 'contained' ? 'if (contained) return -1; ' : ''
    return `${guard}${arrayCheck(element)} for (let i = 0; i < v.length; i++) { ${add(count(element, 'v[i]', slots))} }`
  }
  const plain = `for (let i = 0; i < v.length; i++) if (!p_${element.type}(v[i])) return -1;`
  if (!element.sibling) return `${arrayCheck(element)} ${plain}`
  return `${arrayCheck(element)} { const s = o[${JSON.stringify(`_${element.name}`)}]
      if (s === undefined) { ${plain} }
      else { if (!Array.isArray(s) || s.length !== v.length) return -1
        for (let i = 0; i < v.length; i++) if (v[i] === null ? s[i] === null : !p_${element.type}(v[i])) return -1 } }`
}

const siblingCheck = (element: ElementDefinition, alone: string, inner: string): string => {
  if (!element.array) return add(`${inner}(v)`)
  return `${arrayCheck(element)} for (let i = 0; i < v.length; i++) {
        if (v[i] === null) { if (${alone}) return -1 } else { ${add(`${inner}(v[i])`)} } }`
}

const arrayCheck = ({ min, max }: ElementDefinition): string => {
  const least = Math.max(min, 1)
  const most = max === Number.POSITIVE_INFINITY ? '' : ` || v.length > ${max}`
  return `if (!Array.isArray(v) || v.length < ${least}${most}) return -1;`
}

const add = (call: string): string => `c = ${call}; if (c < 0) return -1; n += c;`

const count = (element: ElementDefinition, value: string, slots: ReadonlyMap<string, number>): string => {
  if (element.type === 'Resource') return `r(${value}, ${element.name === 'contained' ? 1 : 0})`
  return `f[${slots.get(element.type)}](${value}, 0)`
}
