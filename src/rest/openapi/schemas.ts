/** The types of R4 as JSON Schema: https://spec.openapis.org/oas/v3.1.0#schema-object, http://hl7.org/fhir/R4/json.html */
import type { Definitions, ElementDefinition, TypeDefinition } from '../../fhir/definitions/model.ts'
import { resourceTypes } from '../../fhir/resource-types.ts'

export type Schema = Readonly<Record<string, unknown>>

/** Names of components may not have brackets or spaces; those of inline elements have dots: `Patient.contact`. */
export const schemaRef = (type: string): Schema => ({ $ref: `#/components/schemas/${type}` })

const primitive = ({ json = 'string', pattern }: TypeDefinition): Schema => ({
  type: json,
  ...(pattern && json === 'string' ? { pattern: pattern.source } : {}),
})

const member = (element: ElementDefinition): Schema => {
  const schema = element.type === 'Resource' ? schemaRef('AnyResource') : schemaRef(element.type)
  return element.array ? { type: 'array', items: schema, minItems: Math.max(1, element.min) } : schema
}

/** `_birthDate`: id and extensions of a primitive value; in arrays `null` where there are none. */
const sibling = ({ array }: ElementDefinition): Schema =>
  array ? { type: 'array', items: { anyOf: [schemaRef('Element'), { type: 'null' }] } } : schemaRef('Element')

const object = (type: TypeDefinition): Schema => {
  const elements = [...type.elements.values()]
  const properties: Record<string, Schema> = {}
  if (type.kind === 'resource') properties.resourceType = { const: type.name }
  for (const element of elements) {
    properties[element.name] = member(element)
    if (element.sibling) properties[`_${element.name}`] = sibling(element)
  }
  const choices = new Set(type.choices.flatMap(({ members }) => members))
  const needed = elements.filter(({ name, min, sibling }) => min > 0 && !sibling && !choices.has(name))
  const required = [...(type.kind === 'resource' ? ['resourceType'] : []), ...needed.map(({ name }) => name)]
  return {
    type: 'object',
    properties,
    additionalProperties: false,
    ...(required.length > 0 ? { required } : {}),
  }
}

/** Every type by name, and `AnyResource` for places where each may stand. A value that extensions may replace is not required. */
export const schemasOf = ({ types }: Definitions): Readonly<Record<string, Schema>> => {
  const schemas: Record<string, Schema> = {}
  for (const type of types.values()) {
    if (type.abstract && type.name !== 'Element') continue
    schemas[type.name] = type.kind === 'primitive' ? primitive(type) : object(type)
  }
  schemas.AnyResource = {
    oneOf: resourceTypes.map(schemaRef),
    discriminator: { propertyName: 'resourceType' },
  }
  return schemas
}
