/** Reads XML of the plain kind that most clients write, several times faster than a parser, and says when it is another kind. */
import { isXmlCharacter } from './escape.ts'
import { plainEnd } from './narrative.ts'
import { fhirNamespace, xhtmlNamespace } from './shape.ts'
import { type Attribute, type Listener, mostDepth } from './tag.ts'

const declaration = /<\?xml version="1\.0"(?: encoding="utf-8")?\?>/iy
const space = /[ \t\r\n]*/y
const opening = /<([A-Za-z][A-Za-z0-9]*)/y
const closing = /<\/([A-Za-z][A-Za-z0-9]*)[ \t\r\n]*>/y
const attribute = /[ \t\r\n]+([A-Za-z]+)=(?:"([^"<\t\r\n]*)"|'([^'<\t\r\n]*)')/y
const tagEnd = /[ \t\r\n]*(\/?)>/y
const forbidden = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const reference = /&(?:#([0-9]{1,7})|#x([0-9a-fA-F]{1,6})|(amp|lt|gt|quot|apos));|&/g
const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }

export type Progress = 'more' | 'done' | 'unusual'

/** Reads on until `limit` or a little behind. After `unusual` a parser must read everything from the start. */
export type PlainScan = (limit: number) => Progress

/**
 * Only elements and attributes without prefixes, FHIR's namespace on the outermost element and XHTML's on narratives,
 * no comments, no CDATA. Whatever it tells the listener a parser would tell the same.
 */
export const startPlain = (text: string, listener: Listener): PlainScan => {
  const open: string[] = []
  let at = 0
  let hasRoot = false
  let isUnusual = !text.isWellFormed() || forbidden.test(text)

  const matchAt = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    if (found) at = pattern.lastIndex
    return found
  }

  const step = (): boolean => {
    if (text.charCodeAt(at + 1) === 47) return close()
    const from = at
    const name = matchAt(opening)?.[1]
    if (name === undefined) return false
    const attributes: Record<string, Attribute> = {}
    for (let found = matchAt(attribute); found; found = matchAt(attribute)) {
      const value = decoded(found[2] ?? found[3]!)
      const key = found[1]!
      if (value === undefined || Object.hasOwn(attributes, key)) return false
      attributes[key] = { name: key, prefix: '', uri: '', value }
    }
    const end = matchAt(tagEnd)
    if (!end) return false
    const namespace = attributes.xmlns?.value
    if (namespace === xhtmlNamespace && name === 'div' && open.length > 0) return narrative(from, attributes)
    if (open.length === 0 ? namespace !== fhirNamespace : namespace !== undefined) return false
    const isSelfClosing = end[1] === '/'
    listener.enter({ name, local: name, prefix: '', uri: fhirNamespace, attributes, isSelfClosing }, at)
    if (isSelfClosing) listener.leave(at)
    else open.push(name)
    return true
  }

  const close = (): boolean => {
    const name = matchAt(closing)?.[1]
    if (name === undefined || open.pop() !== name) return false
    listener.leave(at)
    return true
  }

  /** Read as a whole, as its text is kept. */
  const narrative = (from: number, attributes: Record<string, Attribute>): boolean => {
    const begun = at
    const end = plainEnd(text, from, mostDepth - open.length)
    if (end < 0 || decoded(text.slice(from, end)) === undefined) return false
    const tag = {
      name: 'div',
      local: 'div',
      prefix: '',
      uri: xhtmlNamespace,
      attributes,
      isSelfClosing: false,
    }
    listener.enter(tag, begun)
    at = end
    listener.leave(at)
    return true
  }

  return (limit) => {
    if (at === 0) matchAt(declaration)
    while (!isUnusual) {
      matchAt(space)
      if (open.length === 0 && at > 0 && hasRoot) return at === text.length ? 'done' : 'unusual'
      if (at >= limit) return 'more'
      if (!step()) isUnusual = true
      hasRoot = true
    }
    return 'unusual'
  }
}

/** Undefined when something begins with an ampersand that is no reference of XML itself. */
const decoded = (value: string): string | undefined => {
  if (!value.includes('&')) return value
  let isKnown = true
  const text = value.replace(reference, (_, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return named[name]!
    const code = Number.parseInt(hex ?? decimal ?? '', hex ? 16 : 10)
    if (Number.isNaN(code) || !isXmlCharacter(code)) {
      isKnown = false
      return ''
    }
    return String.fromCodePoint(code)
  })
  return isKnown ? text : undefined
}
