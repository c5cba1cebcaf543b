/** Finds elements in an XML document, in one pass over it: http://hl7.org/fhir/R4/xml.html */
import { SaxesParser } from 'saxes'
import { type Sought, soughtAs } from '../sought.ts'

/** An element that is open: what is sought in it, and how many of each name it had. */
type Open = { readonly sought: Sought | undefined; readonly counts: Map<string, number> }

/** Sets `at` of everything that is there. `text` was read before, so it is well-formed and has no doctype. */
export const locateXml = (text: string, root: Sought): void => {
  const parser = new SaxesParser({
    xmlns: false,
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  })
  const open: Open[] = []
  parser.on('opentag', ({ name }) => {
    // Attributes cannot have this character, so the last one begins the tag.
    const at = text.lastIndexOf('<', parser.position - 1)
    open.push({ sought: enter(name.slice(name.indexOf(':') + 1), at, open.at(-1), root), counts: new Map() })
  })
  parser.on('closetag', () => open.pop())
  parser.write(text).close()
}

const enter = (name: string, at: number, parent: Open | undefined, root: Sought): Sought | undefined => {
  if (!parent) return found(root, at)
  const { sought, counts } = parent
  if (!sought) return undefined
  // A resource within another one stands in an element of its own: contained/Patient/name.
  if (/^[A-Z]/.test(name)) return sought
  const element = soughtAs(sought, name)
  if (!element) return undefined
  const index = counts.get(name) ?? 0
  counts.set(name, index + 1)
  found(element, at)
  const item = element.below.get(String(index))
  return item ? found(item, at) : element
}

const found = (sought: Sought, at: number): Sought => {
  if (sought.at < 0) sought.at = at
  return sought
}
