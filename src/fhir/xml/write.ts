/** FHIR JSON as FHIR XML, elements in the order of their definitions: http://hl7.org/fhir/R4/xml.html */
import { notAcceptable, type Problem } from '../../base/problem.ts'
import { isObject, isRawNumber } from '../json/lossless.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { escapeXml } from './escape.ts'
import { narrativeXml } from './narrative.ts'
import { type Child, fhirNamespace, type Shape, type Shapes } from './shape.ts'

/** `gap` stands before each element: empty, or a line break and the indentation of `_pretty`. */
export type Writer = {
  /** A resource of a lossless tree. Throws Problem 406 for what R4 does not define, which has no place in XML. */
  resource(value: JsonValue | undefined, gap: string, isRoot?: boolean): string
  /** The members of an object as elements, those that are attributes left out. */
  content(shape: Shape, value: JsonObject, gap: string): string
}

/** The gap of what is inside. */
export const deeper = (gap: string): string => (gap === '' ? '' : `${gap}  `)

/** The tag that opens a document's outermost element, without its `>`. */
export const rootTag = (type: string): string => `<${type} xmlns="${fhirNamespace}"`

export const createWriter = (shapes: Shapes): Writer => {
  const content = (shape: Shape, value: JsonObject, gap: string): string => {
    let out = ''
    for (const child of inOrder(shape, value)) out += element(child, value, gap)
    return out
  }

  const element = (child: Child, owner: JsonObject, gap: string): string => {
    if (child.form === 'primitive') return primitives(child, owner, gap)
    const value = owner[child.name]
    if (!Array.isArray(value)) return one(child, value, gap)
    let out = ''
    for (const item of value) out += one(child, item, gap)
    return out
  }

  const one = (child: Child, value: JsonValue | undefined, gap: string): string => {
    const { name, form } = child
    if (form === 'xhtml') {
      if (typeof value !== 'string') throw notXml(name)
      return gap + narrativeXml(value)
    }
    if (!isObject(value)) throw notXml(name)
    if (form === 'resource') {
      return `${gap}<${name}>${resource(value, deeper(gap))}${gap}</${name}>`
    }
    return wrapped(name, attributes(child.inside, value), content(child.inside, value, deeper(gap)), gap)
  }

  const primitives = (child: Child, owner: JsonObject, gap: string): string => {
    const value = owner[child.name]
    const sibling = owner[child.sibling]
    if (!Array.isArray(value) && !Array.isArray(sibling)) return primitive(child, value, sibling, gap)
    const values = Array.isArray(value) ? value : []
    const siblings = Array.isArray(sibling) ? sibling : []
    let out = ''
    for (let n = 0; n < Math.max(values.length, siblings.length); n++)
      out += primitive(child, values[n], siblings[n], gap)
    return out
  }

  const primitive = (
    { name, inside }: Child,
    value: JsonValue | undefined,
    sibling: JsonValue | undefined,
    gap: string,
  ): string => {
    const shown = value === undefined || value === null ? '' : ` value="${textOf(value, name)}"`
    if (sibling === undefined || sibling === null) return `${gap}<${name}${shown}/>`
    if (!isObject(sibling)) throw notXml(name)
    return wrapped(name, attributes(inside, sibling) + shown, content(inside, sibling, deeper(gap)), gap)
  }

  const resource = (value: JsonValue | undefined, gap: string, isRoot = false): string => {
    const type = isObject(value) ? value.resourceType : undefined
    const shape = typeof type === 'string' ? shapes.resource(type) : undefined
    if (!shape) throw notXml('resourceType')
    const inside = content(shape, value as JsonObject, deeper(gap))
    const open = isRoot ? rootTag(shape.name) : `<${shape.name}`
    const shown = inside === '' ? `${open}/>` : `${open}>${inside}${gap}</${shape.name}>`
    return isRoot ? shown : gap + shown
  }

  return { resource, content }
}

const wrapped = (name: string, attributes: string, content: string, gap: string): string =>
  content === '' ? `${gap}<${name}${attributes}/>` : `${gap}<${name}${attributes}>${content}${gap}</${name}>`

/** The children that the object has, each once. Stored texts nearly always have them in order already. */
const inOrder = (shape: Shape, value: JsonObject): readonly Child[] => {
  const found: Child[] = []
  let last = -1
  let isSorted = true
  for (const name in value) {
    const child = shape.members.get(name)
    if (child === undefined) {
      if (name === 'resourceType' && shape.isResource) continue
      throw notXml(name)
    }
    if (child.form === 'attribute' || (child.name !== name && value[child.name] !== undefined)) continue
    if (child.order < last) isSorted = false
    last = child.order
    found.push(child)
  }
  return isSorted ? found : found.sort((a, b) => a.order - b.order)
}

const attributes = (shape: Shape, value: JsonObject): string => {
  let out = ''
  if (value.id !== undefined && !shape.isResource) out = ` id="${textOf(value.id, 'id')}"`
  if (shape.name === 'Extension' && value.url !== undefined) out += ` url="${textOf(value.url, 'url')}"`
  return out
}

const textOf = (value: JsonValue, name: string): string => {
  if (typeof value === 'string') return escapeXml(value)
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  if (isRawNumber(value)) return value.rawJSON
  throw notXml(name)
}

const notXml = (name: string): Problem =>
  notAcceptable(
    `The content has ${JSON.stringify(name.slice(0, 64))} where FHIR R4 defines nothing like it, so it has no place in XML. Ask for application/fhir+json.`,
  )
