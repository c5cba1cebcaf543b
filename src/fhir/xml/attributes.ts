/** The attributes that FHIR has in XML: `value`, `id` and the `url` of an extension (http://hl7.org/fhir/R4/xml.html). */
import { shown } from './faults.ts'
import { addMember, type Frame } from './frame.ts'
import { expectedOf, primitiveText } from './primitive.ts'
import type { Attribute, Tag } from './tag.ts'

const schemaInstance = 'http://www.w3.org/2001/XMLSchema-instance'

/**
 * Takes the attributes over into the frame, and notes the ones that mean nothing. True when a prefix is declared that
 * a narrative inside could use. Where a schema is to be found is of no concern for the content, and passed over.
 */
export const readAttributes = (
  frame: Frame,
  tag: Tag,
  isRoot: boolean,
  fault: (sentence: string) => void,
): boolean => {
  let hasPrefixes = false
  for (const name in tag.attributes) {
    const attribute = tag.attributes[name]!
    if (name === 'xmlns') continue
    if (attribute.prefix === 'xmlns') hasPrefixes ||= attribute.value !== schemaInstance
    else if (!(isRoot && attribute.uri === schemaInstance)) readAttribute(frame, attribute, fault)
  }
  return hasPrefixes
}

const readAttribute = (frame: Frame, { name, value }: Attribute, fault: (sentence: string) => void): void => {
  const { child, shape } = frame
  if (name === 'value' && child?.form === 'primitive') {
    frame.value = primitiveText(child, value)
    if (frame.value !== undefined) return
    frame.isSpoilt = true
    fault(`the value of ${child.name} must be ${expectedOf(child)}.`)
    return
  }
  if (shape?.children.get(name)?.form === 'attribute') addMember(frame, name, JSON.stringify(value))
  else
    fault(
      `the element ${frame.name} has no attribute ${shown(name)} in FHIR; remove it, or correct its name.`,
    )
}
