/** FHIR's elements as JSON, as they are entered and left: http://hl7.org/fhir/R4/xml.html and json.html#xml. */
import { readAttributes } from './attributes.ts'
import { createFaults, type Faults, shown } from './faults.ts'
import { addOccurrence, createFrame, type Frame, objectOf, pathOf } from './frame.ts'
import { checkOrder } from './order.ts'
import { type Child, fhirNamespace, type Shapes, xhtmlNamespace } from './shape.ts'
import { type Listener, mostDepth, type Tag } from './tag.ts'
import { createXhtml, type Xhtml } from './xhtml.ts'

export type Elements = Listener & {
  /** Text between tags. */
  take(text: string, position: number): void
  /** The JSON text, after the last tag. Throws Problem 400 when anything was wrong. */
  end(): string
}

/** `text` is all of the document, for the places of faults and for narratives. */
export const createElements = (
  text: string,
  shapes: Shapes,
  faults: Faults = createFaults(text),
): Elements => {
  let position = 0
  const frames: Frame[] = []
  let depth = 0
  /** Depth of an element that is not understood: what is inside is passed over. 0 for none. */
  let ignored = 0
  let hasPrefixes = false
  let xhtml: Xhtml | undefined
  let result = ''

  /** Where the last tag begins: attributes hold no `<`. */
  const here = (): number => Math.max(text.lastIndexOf('<', position - 1), 0)
  const fault = (sentence: string): void => faults.add('structure', here(), sentence, pathOf(frames))

  const enter = (tag: Tag): void => {
    depth++
    if (depth > mostDepth)
      faults.stop('structure', here(), `elements are nested more than ${mostDepth} deep; nest less.`)
    if (ignored > 0) return
    if (xhtml) {
      xhtml.open(tag)
      return
    }
    const parent = frames.at(-1)
    const sentence = parent?.shape ? enterElement(tag, parent) : enterResource(tag, parent)
    if (sentence === undefined) return
    fault(sentence)
    ignored = depth
    if (parent) parent.isSpoilt = true
  }

  /** Gives the sentence when the element cannot be understood. */
  const enterElement = (tag: Tag, parent: Frame): string | undefined => {
    const child = parent.shape?.children.get(tag.local)
    const namespace = child?.form === 'xhtml' ? xhtmlNamespace : fhirNamespace
    if (tag.uri !== namespace) return wrongNamespace(tag, namespace)
    if (child === undefined || child.form === 'attribute') return unknownElement(tag.local, parent, child)
    const order = checkOrder(parent, child)
    if (order !== undefined) fault(order)
    if (child.form === 'xhtml') {
      xhtml = createXhtml(tag, { text, from: here(), hasPrefixes, fault })
      xhtml.open(tag)
      return
    }
    push(tag, createFrame(tag.local, child, child.form === 'resource' ? undefined : child.inside))
    return
  }

  const enterResource = (tag: Tag, wrapper: Frame | undefined): string | undefined => {
    if (tag.uri !== fhirNamespace) return wrongNamespace(tag, fhirNamespace)
    const shape = shapes.resource(tag.local)
    if (!shape) return `${shown(tag.local)} is not a resource type of FHIR R4.`
    if (wrapper?.value !== undefined)
      return `${wrapper.name} holds one resource; give each its own ${wrapper.name}.`
    push(tag, createFrame(shape.name, undefined, shape))
    return
  }

  const push = (tag: Tag, frame: Frame): void => {
    frames.push(frame)
    if (readAttributes(frame, tag, frames.length === 1, fault)) hasPrefixes = true
  }

  const leave = (): void => {
    const at = depth--
    if (ignored > 0) {
      if (ignored === at) ignored = 0
    } else if (xhtml === undefined) leaveElement(frames.at(-1)!)
    else if (xhtml.close(position)) {
      const parent = frames.at(-1)!
      addOccurrence(parent, parent.latest!, JSON.stringify(xhtml.text()))
      xhtml = undefined
    }
  }

  const leaveElement = (frame: Frame): void => {
    const { child } = frame
    const object = objectOf(frame)
    if (object === undefined && frame.value === undefined && !frame.isSpoilt) fault(emptyElement(frame))
    frames.pop()
    const parent = frames.at(-1)
    if (parent === undefined) result = object ?? ''
    else if (child === undefined) parent.value = object
    else if (child.form === 'primitive') addOccurrence(parent, child, frame.value, object)
    else addOccurrence(parent, child, frame.value ?? object)
  }

  const take = (written: string): void => {
    if (ignored > 0) return
    if (xhtml) xhtml.write(written)
    else if (/[^ \t\r\n]/.test(written)) fault('text stands between elements; FHIR has values in attributes.')
  }

  return {
    enter: (tag, behind) => {
      position = behind
      enter(tag)
    },
    leave: (behind) => {
      position = behind
      leave()
    },
    take: (written, behind) => {
      position = behind
      take(written)
    },
    end: () => {
      faults.settle()
      return result
    },
  }
}

const wrongNamespace = ({ name, uri }: Tag, wanted: string): string => {
  const found = uri === '' ? 'no namespace' : `the namespace ${shown(uri)}`
  return `the element ${shown(name)} is in ${found}; it must be in ${wanted}, or be left out.`
}

const unknownElement = (name: string, { shape }: Frame, child: Child | undefined): string => {
  const owner = shape?.name ?? ''
  if (child) return `${name} of ${owner} is an attribute in XML, not an element.`
  return `${owner} has no element ${shown(name)} in FHIR R4; remove it, or correct its name.`
}

const emptyElement = ({ name, shape, child }: Frame): string => {
  if (shape === undefined) return `${name} is empty; put a resource into it, or leave it out.`
  if (child?.form === 'primitive') return `${name} has neither a value nor an extension; leave it out.`
  return `${name} is empty; give it content, or leave it out.`
}
