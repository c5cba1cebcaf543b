/** The constraints that every element or resource has, written by hand: they are asked a hundred times a resource (http://hl7.org/fhir/R4/element.html#invariants) */
import type { Type, Types } from '../../fhir/fhirpath-compile/item.ts'
import { checkNarrative, type NarrativeFault } from '../narrative.ts'

type Json = { readonly [name: string]: unknown }

/** Whether the constraint holds for a value with its sibling; undefined when FHIRPath must tell. */
export type Quick = (value: unknown, sibling: unknown, type: Type) => boolean | undefined

const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

/** ele-1: a value, or children besides the id. */
const hasContent: Quick = (value, sibling, type) => {
  if (type.isPrimitive) return value !== undefined || (isObject(sibling) && filled(sibling, type))
  return isObject(value) && filled(value, type)
}

const filled = (owner: Json, type: Type): boolean => {
  for (const name in owner) {
    if (name === 'id' || !type.byJson.has(name.charCodeAt(0) === 95 ? name.slice(1) : name)) continue
    const value = owner[name]
    if (value !== null && (!Array.isArray(value) || value.some((item) => item !== null))) return true
  }
  return false
}

/** ext-1: extensions or a value, not both. */
const eitherValueOrExtensions: Quick = (value) => {
  if (!isObject(value)) return undefined
  let values = false
  for (const name in value) values ||= name.startsWith('value') || name.startsWith('_value')
  return values !== isFilled(value.extension)
}

const isFilled = (value: unknown): boolean =>
  value !== undefined && value !== null && (!Array.isArray(value) || value.some((item) => item !== null))

/** For the constraints of `contained`, which nearly no resource has. */
const withoutContained: Quick = (value) => (isObject(value) && !isFilled(value.contained) ? true : undefined)

const hasNarrative: Quick = (value) =>
  isObject(value) && isObject(value.text) ? isFilled(value.text.div) : isObject(value) ? false : undefined

/** ref-1, for references that are not local. */
const isNotLocal: Quick = (value) => {
  if (!isObject(value)) return undefined
  if (value.reference === undefined) return true
  return typeof value.reference === 'string' && value.reference.charCodeAt(0) !== 35 ? true : undefined
}

/** txt-1 and txt-2 have one expression, and each of them one half of what it means. */
const narrative =
  (rule: NarrativeFault['rule']): Quick =>
  (value) =>
    typeof value === 'string' ? !checkNarrative(value).some((fault) => fault.rule === rule) : undefined

/** By key: none of these keys means anything else anywhere. */
const byKey: ReadonlyMap<string, Quick> = new Map([
  ['ele-1', hasContent],
  ['ext-1', eitherValueOrExtensions],
  ['dom-2', withoutContained],
  ['dom-3', withoutContained],
  ['dom-4', withoutContained],
  ['dom-5', withoutContained],
  ['dom-6', hasNarrative],
  ['ref-1', isNotLocal],
  ['txt-1', narrative('txt-1')],
  ['txt-2', narrative('txt-2')],
])

const published: Readonly<Record<string, RegExp>> = {
  'ele-1': /^hasValue\(\) or \(children\(\)\.count\(\) > id\.count\(\)\)$/,
  'ext-1': /^extension\.exists\(\) != value\.exists\(\)$/,
  'dom-2': /^contained\.contained\.empty\(\)$/,
  'dom-3': /^contained\.where\(.*\)\.empty\(\)$/s,
  'dom-4': /^contained\.meta\.versionId\.empty\(\) and contained\.meta\.lastUpdated\.empty\(\)$/,
  'dom-5': /^contained\.meta\.security\.empty\(\)$/,
  'dom-6': /^text\.`?div`?\.exists\(\)$/,
  'ref-1': /^reference\.startsWith\('#'\)\.not\(\) or .*%rootResource\.contained\.id/s,
  'txt-1': /^htmlChecks\(\)$/,
  'txt-2': /^htmlChecks\(\)$/,
}

/** Undefined for every other constraint, and for one of these keys with another expression. */
export const quickOf = (key: string, expression: string): Quick | undefined =>
  published[key]?.test(expression) ? byKey.get(key) : undefined

/** The type of a resource by what it says; else the named one. */
export const typeOf = (types: Types, name: string, value: unknown): Type | undefined =>
  types.resource(value)?.type ?? types.get(name)
