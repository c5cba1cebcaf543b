/** What XML needs to know of each type: its children in order, which of them are attributes (http://hl7.org/fhir/R4/xml.html). */
import type { Definitions, ElementDefinition, TypeDefinition } from '../definitions/model.ts'

export const fhirNamespace = 'http://hl7.org/fhir'
export const xhtmlNamespace = 'http://www.w3.org/1999/xhtml'

/** How a child stands in XML: as an attribute, with a `value`, with children, around a resource, or as XHTML. */
type Form = 'attribute' | 'primitive' | 'complex' | 'resource' | 'xhtml'

/** One element of a type. The members of a choice share their `order`. */
export type Child = {
  readonly name: string
  /** `_name` in JSON. */
  readonly sibling: string
  readonly order: number
  readonly form: Form
  readonly array: boolean
  /** The primitive type, or the key of the type table. */
  readonly type: string
  /** What its value is in JSON; `string` for all that is not primitive. */
  readonly json: 'string' | 'number' | 'boolean'
  /** Of what is inside; of Element for primitives. Made when first asked for: types contain themselves. */
  readonly inside: Shape
}

export type Shape = {
  readonly name: string
  readonly isResource: boolean
  /** By name in XML. */
  readonly children: ReadonlyMap<string, Child>
  /** By member name in JSON, `_name` included. */
  readonly members: ReadonlyMap<string, Child>
}

export type Shapes = {
  /** Undefined for what is no resource type that can stand by itself. */
  resource(name: string): Shape | undefined
  /** Of any key of the type table. */
  of(name: string): Shape
}

export const createShapes = ({ types }: Definitions): Shapes => {
  const made = new Map<string, Shape>()
  const typeOf = (name: string): TypeDefinition => {
    const type = types.get(name)
    if (!type) throw new Error(`The definitions have no type ${name}.`)
    return type
  }
  const of = (name: string): Shape => {
    const known = made.get(name)
    if (known) return known
    const shape = shapeOf(typeOf(name), types, of)
    made.set(name, shape)
    return shape
  }
  const resource = (name: string): Shape | undefined => {
    const type = types.get(name)
    return type?.kind === 'resource' && !type.abstract ? of(name) : undefined
  }
  return { resource, of }
}

const shapeOf = (type: TypeDefinition, types: Definitions['types'], of: (name: string) => Shape): Shape => {
  const children = new Map<string, Child>()
  const members = new Map<string, Child>()
  const orders = new Map<string, number>()
  let next = 0
  for (const element of type.elements.values()) {
    const group = type.choices.find(({ members }) => members.includes(element.name))?.name ?? element.name
    const order = orders.get(group) ?? next++
    orders.set(group, order)
    const child = childOf(type, element, order, types, of)
    children.set(element.name, child)
    members.set(element.name, child)
    if (element.sibling) members.set(child.sibling, child)
  }
  return { name: type.name, isResource: type.kind === 'resource', children, members }
}

const childOf = (
  owner: TypeDefinition,
  element: ElementDefinition,
  order: number,
  types: Definitions['types'],
  of: (name: string) => Shape,
): Child => {
  const type = types.get(element.type)
  const form = formOf(owner, element, type)
  let inside: Shape | undefined
  return {
    name: element.name,
    sibling: `_${element.name}`,
    order,
    form,
    array: element.array,
    type: element.type,
    json: type?.json ?? 'string',
    get inside() {
      inside ??= of(form === 'complex' ? element.type : 'Element')
      return inside
    },
  }
}

const formOf = (owner: TypeDefinition, { name, type }: ElementDefinition, found?: TypeDefinition): Form => {
  if (owner.kind !== 'resource' && name === 'id') return 'attribute'
  if (owner.name === 'Extension' && name === 'url') return 'attribute'
  if (type === 'xhtml') return 'xhtml'
  if (found?.kind === 'primitive') return 'primitive'
  return found?.kind === 'resource' ? 'resource' : 'complex'
}
