/** HTML as a tagged template: whatever is put in is escaped, but HTML that was made so itself. https://html.spec.whatwg.org/multipage/syntax.html */

/** Escaped text, ready to be sent. */
export class Html {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

type Content = string | number | boolean | Html | undefined | readonly Content[]

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}

const escaped = (text: string): string => text.replaceAll(/[&<>"']/g, (character) => entities[character]!)

const textOf = (content: Content): string => {
  if (content instanceof Html) return content.text
  if (Array.isArray(content)) return content.map(textOf).join('')
  if (content === undefined || content === false || content === true) return ''
  return escaped(String(content))
}

/** Lists are put together; undefined, true and false are nothing. Attributes must stand in quotation marks. */
export const html = (parts: TemplateStringsArray, ...contents: readonly Content[]): Html =>
  new Html(parts.map((part, n) => part + textOf(contents[n])).join(''))

/** The text to send. */
export const render = ({ text }: Html): string => text
