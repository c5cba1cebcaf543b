/** The `div` of a narrative on its way from XML into a string of JSON: http://hl7.org/fhir/R4/json.html#xhtml */
import { escapeXml } from './escape.ts'
import { shown } from './faults.ts'
import { xhtmlNamespace } from './shape.ts'
import type { Tag } from './tag.ts'

export type Xhtml = {
  open(tag: Tag): void
  write(text: string): void
  /** True when it was the end of the div; `position` is behind the tag. */
  close(position: number): boolean
  text(): string
}

type Options = {
  readonly text: string
  /** Where the div begins in the text. */
  readonly from: number
  /** Whether elements outside of the div have declared prefixes, which the div would lose. */
  readonly hasPrefixes: boolean
  fault(sentence: string): void
}

/** The div's text is kept as it was written, or written anew when it would mean something else on its own. */
export const createXhtml = (div: Tag, options: Options): Xhtml => {
  const isKept = div.prefix === '' && 'xmlns' in div.attributes && !options.hasPrefixes
  const names: string[] = []
  let written = ''
  let to = options.from

  const open = (tag: Tag): void => {
    names.push(tag.local)
    if (tag.uri !== xhtmlNamespace)
      options.fault(`the element ${shown(tag.name)} in the narrative is not in ${xhtmlNamespace}; remove it.`)
    if (isKept) return
    written += names.length === 1 ? `<div xmlns="${xhtmlNamespace}"` : `<${tag.local}`
    for (const { name, prefix, value } of Object.values(tag.attributes)) {
      if (name === 'xmlns' || prefix === 'xmlns') continue
      if (prefix === '' || prefix === 'xml') written += ` ${name}="${escapeXml(value)}"`
      else options.fault(`the attribute ${shown(name)} in the narrative has a namespace; remove it.`)
    }
    written += tag.isSelfClosing ? '/>' : '>'
    if (tag.isSelfClosing) names[names.length - 1] = ''
  }

  const close = (position: number): boolean => {
    const name = names.pop()
    if (!isKept && name !== '') written += `</${name}>`
    to = position
    return names.length === 0
  }

  return {
    open,
    close,
    write: (text) => {
      if (!isKept) written += escapeXml(text)
    },
    text: () => (isKept ? options.text.slice(options.from, to) : written),
  }
}
