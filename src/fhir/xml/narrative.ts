/** A narrative's XHTML, which JSON keeps as a string, as a part of an XML document: http://hl7.org/fhir/R4/narrative.html */
import { SaxesParser } from 'saxes'
import { htmlEntities } from './entities.ts'
import { escapeXml, isXmlCharacter } from './escape.ts'
import { xhtmlNamespace } from './shape.ts'

const tag =
  /<(\/?)([A-Za-z][A-Za-z0-9]*)((?:[ \t\r\n]+(?:xml:)?[A-Za-z-]+=(?:"[^"<>]*"|'[^'<>]*'))*)[ \t\r\n]*(\/?)>/y
const attributeNames = /([A-Za-z:-]+)=(?:"[^"]*"|'[^']*')/g
const reference = /&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|([A-Za-z][A-Za-z0-9]*));|&/g
const ownEntities = new Set(['amp', 'lt', 'gt', 'quot', 'apos'])
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const divStart = /^<div(?=[ \t\r\n/>])/
const divTag = /^<div(?:[ \t\r\n][^>]*)?>/
const ownNamespace = /[ \t\r\n]xmlns[ \t\r\n]*=/

/**
 * The `div` as it stands in XML: the same text when that is well-formed; entities that only HTML has become characters'
 * numbers, and a missing namespace is added. A text that is no XHTML at all is shown as text inside of a `div`.
 */
export const narrativeXml = (text: string): string => {
  const div = withOwnEntities(text.trim())
  if (div === undefined || !divStart.test(div)) return shownAsText(text)
  const named = ownNamespace.test(divTag.exec(div)?.[0] ?? '')
    ? div
    : div.replace(divStart, `<div xmlns="${xhtmlNamespace}"`)
  return isPlain(named) || isWellFormed(named) ? named : shownAsText(text)
}

const shownAsText = (text: string): string => `<div xmlns="${xhtmlNamespace}">${escapeXml(text)}</div>`

/** Undefined when an ampersand begins nothing that is known. */
const withOwnEntities = (text: string): string | undefined => {
  if (!text.includes('&') || text.includes('<!')) return text
  let isKnown = true
  const mended = text.replace(reference, (whole, decimal?: string, hex?: string, name?: string) => {
    const code =
      name === undefined ? Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10) : htmlEntities.get(name)
    if (name !== undefined && ownEntities.has(name)) return whole
    if (code === undefined || Number.isNaN(code) || !isXmlCharacter(code)) isKnown = false
    return name === undefined ? whole : `&#${code};`
  })
  return isKnown ? mended : undefined
}

/** Whether it is well-formed and without anything unusual: ten times faster than a parser, and true for nearly all. */
const isPlain = (div: string): boolean => !forbidden.test(div) && plainEnd(div, 0, mostDepth) === div.length

/** Elements inside each other that a plain narrative may have. */
const mostDepth = 50

/**
 * Where the element that begins at `from` ends, or -1 when there is anything unusual in it, or more than `depth`
 * elements inside each other. Characters that are not
 * XML, and ampersands, are for others to find.
 */
export const plainEnd = (text: string, from: number, depth: number): number => {
  const open: string[] = []
  let at = from
  for (;;) {
    tag.lastIndex = at
    const found = tag.exec(text)
    if (!found) return -1
    const [whole, closes, name, attributes, empty] = found as unknown as [
      string,
      string,
      string,
      string,
      string,
    ]
    if (attributes !== '' && (closes || !hasPlainAttributes(attributes, open.length === 0))) return -1
    if (closes && (empty || open.pop() !== name)) return -1
    if (!closes && !empty && open.push(name) > depth) return -1
    at += whole.length
    if (open.length === 0) return at
    const next = text.indexOf('<', at)
    if (next < 0 || text.slice(at, next).includes(']]>')) return -1
    at = next
  }
}

const hasPlainAttributes = (text: string, isRoot: boolean): boolean => {
  const names = new Set<string>()
  for (const [whole, name] of text.matchAll(attributeNames)) {
    if (names.has(name!)) return false
    if (name === 'xmlns' && !(isRoot && whole.slice(7, -1) === xhtmlNamespace)) return false
    names.add(name!)
  }
  return true
}

const isWellFormed = (div: string): boolean => {
  const parser = new SaxesParser({ xmlns: true, position: false })
  let isSound = true
  const stop = (): void => {
    isSound = false
  }
  parser.on('error', stop)
  parser.on('doctype', stop)
  parser.on('xmldecl', stop)
  parser.write(div).close()
  return isSound
}
