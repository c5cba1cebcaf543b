/** The XHTML of narratives, in one scan: well-formed, and only what is allowed and safe (http://hl7.org/fhir/R4/narrative.html#xhtml) */
import { attributeFault } from './narrative-attributes.ts'

/** `sentence` follows the expression of the div; `at` is an index in its text. */
export type NarrativeFault = {
  readonly rule: 'txt-1' | 'txt-2'
  readonly sentence: string
  readonly at: number
}

const elements = new Set([
  ...['a', 'abbr', 'acronym', 'address', 'b', 'bdo', 'big', 'blockquote', 'br', 'caption', 'cite', 'code'],
  ...['col', 'colgroup', 'dd', 'dfn', 'div', 'dl', 'dt', 'em', 'h1', 'h2', 'h3', 'h4', 'h5', 'h6', 'hr', 'i'],
  ...['img', 'kbd', 'li', 'ol', 'p', 'pre', 'q', 'samp', 'small', 'span', 'strong', 'sub', 'sup', 'table'],
  ...['tbody', 'td', 'tfoot', 'th', 'thead', 'tr', 'tt', 'ul', 'var'],
])

/** Elements in each other; browsers stop at some hundred too. */
const deepest = 200
/** After as many the rest is not told. */
const mostFaults = 20

const tag = /<([A-Za-z_][\w.:-]*)/y
const attribute = /[ \t\r\n]+([A-Za-z_:][\w.:-]*)[ \t\r\n]*=[ \t\r\n]*(?:"([^"<]*)"|'([^'<]*)')/y
const tagEnd = /[ \t\r\n]*(\/?)>/y
const closing = /<\/([A-Za-z_][\w.:-]*)[ \t\r\n]*>/y
const reference = /&(?:lt|gt|amp|quot|apos|#(\d{1,7})|#x([0-9A-Fa-f]{1,6}));/y
/** Characters that XML 1.0 does not have. */
const foreign = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/
const visible = /[^ \t\r\n\u00a0]/

/** Whether `htmlChecks()` holds. */
export const isXhtml = (div: string): boolean => checkNarrative(div).length === 0

/** Everything that is wrong; what is not well-formed ends the scan. Time and memory are linear in the length. */
export const checkNarrative = (div: string): readonly NarrativeFault[] => new Scan(div).run()

/** Ends the scan. */
class Malformed extends Error {}

class Scan {
  readonly #text: string
  readonly #faults: NarrativeFault[] = []
  readonly #open: string[] = []
  #at = 0
  #shows = false

  constructor(text: string) {
    this.#text = text
  }

  run(): readonly NarrativeFault[] {
    try {
      this.#document()
    } catch (cause) {
      if (!(cause instanceof Malformed)) throw cause
      this.#fault(`is not well-formed XHTML: ${cause.message}`)
    }
    if (this.#faults.length === 0 && !this.#shows)
      this.#faults.push({
        rule: 'txt-2',
        sentence: 'has no text and no image; write what people are to read.',
        at: 0,
      })
    return this.#faults
  }

  #document(): void {
    this.#skipSpace()
    if (!/^<div[\s/>]/.test(this.#text.slice(this.#at, this.#at + 5)))
      throw new Malformed('it must begin with <div.')
    do this.#next()
    while (this.#open.length > 0)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw new Malformed('nothing may stand after </div>.')
  }

  #skipSpace(): void {
    while (/[ \t\r\n]/.test(this.#text[this.#at] ?? '')) this.#at++
  }

  #fault(sentence: string): void {
    if (this.#faults.length < mostFaults) this.#faults.push({ rule: 'txt-1', sentence, at: this.#at })
  }

  /** The text up to the next `<`, and what begins there. */
  #next(): void {
    const start = this.#text.indexOf('<', this.#at)
    if (start < 0) throw new Malformed(`<${this.#open.at(-1)}> is not closed.`)
    if (start > this.#at) this.#characters(this.#text.slice(this.#at, start))
    this.#at = start
    const mark = this.#text.charCodeAt(start + 1)
    if (mark === 47) this.#close()
    else if (mark === 33) this.#comment()
    else if (mark === 63) throw new Malformed('processing instructions are not allowed.')
    else this.#start()
  }

  #characters(text: string): void {
    if (foreign.test(text)) this.#fault('has control characters; leave them out.')
    if (text.includes(']]>')) throw new Malformed(']]> must be written as ]]&gt;.')
    if (text.includes('&')) this.#references(text)
    this.#shows ||= visible.test(text)
  }

  /** Only what XML itself has: there is no DTD that could declare others. */
  #references(text: string): void {
    for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
      reference.lastIndex = at
      const match = reference.exec(text)
      if (!match)
        throw new Malformed(
          'an & must be written as &amp;, and other entities (&nbsp;) as the character or its number (&#160;).',
        )
      if (!isCharacter(match)) throw new Malformed('a numbered character is none that XML has.')
    }
  }

  #comment(): void {
    if (!this.#text.startsWith('<!--', this.#at))
      throw new Malformed('only comments may begin with <!; DOCTYPE and CDATA are not allowed.')
    const end = this.#text.indexOf('--', this.#at + 4)
    if (end < 0 || this.#text[end + 2] !== '>')
      throw new Malformed('a comment must end in --> and have no -- inside.')
    this.#at = end + 3
  }

  #close(): void {
    const match = this.#take(closing)
    const open = this.#open.pop()
    if (!match || match[1] !== open)
      throw new Malformed(`</${open}> is expected before another element ends.`)
  }

  #start(): void {
    const name = this.#take(tag)?.[1]
    if (name === undefined) throw new Malformed('a < that begins no element must be written as &lt;.')
    if (!elements.has(name))
      this.#fault(`has the element <${name.slice(0, 40)}>, which narratives must not have; leave it out.`)
    const namespace = this.#attributes(name)
    if (this.#open.length === 0 && namespace !== xhtml)
      this.#fault(`must say xmlns="${xhtml}" in its first <div>.`)
    const end = this.#take(tagEnd)
    if (!end)
      throw new Malformed(`the attributes of <${name.slice(0, 40)}> cannot be read; write name="value".`)
    if (name === 'img') this.#shows = true
    if (end[1] === '/') return
    if (this.#open.length >= deepest)
      throw new Malformed(`elements stand in each other deeper than ${deepest} levels.`)
    this.#open.push(name)
  }

  /** Gives the namespace that is declared. */
  #attributes(element: string): string | undefined {
    let namespace: string | undefined
    let seen: Set<string> | undefined
    for (let match = this.#take(attribute); match; match = this.#take(attribute)) {
      const name = match[1] as string
      const raw = match[2] ?? match[3] ?? ''
      if (seen?.has(name)) throw new Malformed(`<${element}> has the attribute ${name.slice(0, 40)} twice.`)
      seen ??= new Set()
      seen.add(name)
      if (raw.includes('&')) this.#references(raw)
      if (foreign.test(raw)) this.#fault('has control characters; leave them out.')
      if (name === 'xmlns') namespace = this.#namespace(raw)
      else this.#attribute(element, name, raw)
    }
    return namespace
  }

  #namespace(value: string): string {
    if (value !== xhtml && this.#open.length > 0)
      this.#fault(`has an xmlns other than ${xhtml}; leave it out.`)
    return value
  }

  #attribute(element: string, name: string, raw: string): void {
    const sentence = attributeFault(element, name, raw)
    if (sentence !== undefined) this.#fault(sentence)
  }

  #take(form: RegExp): RegExpExecArray | null {
    form.lastIndex = this.#at
    const match = form.exec(this.#text)
    if (match) this.#at += match[0].length
    return match
  }
}

const xhtml = 'http://www.w3.org/1999/xhtml'

const isCharacter = ([, decimal, hexadecimal]: RegExpExecArray): boolean => {
  if (decimal === undefined && hexadecimal === undefined) return true
  const code = decimal === undefined ? Number.parseInt(hexadecimal ?? '', 16) : Number(decimal)
  if (code < 32) return code === 9 || code === 10 || code === 13
  return code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff) && code !== 0xfffe && code !== 0xffff
}
