/** The words of a text, as searches for words compare them: http://hl7.org/fhir/R4/search.html#content */
import { fold } from './fold.ts'

const separators = /[^\p{L}\p{M}\p{N}]+/u

/** Longer words are compared by their beginning; the database takes 2 KB. */
const longest = 100
/** A text counts by its first words; the database takes 1 MB. */
const most = 10_000

/** Folded words in their order. */
export const wordsOf = (text: string): readonly string[] =>
  fold(text)
    .split(separators, most + 1)
    .filter((word) => word !== '')
    .map((word) => (word.length > longest ? word.slice(0, longest).toWellFormed() : word))

const entities: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
}

/** Comments give way to a space; one that is never closed takes the rest with it. */
const withoutComments = (text: string): string => {
  const parts = text.split('<!--')
  const after = (part: string): string => {
    const end = part.indexOf('-->')
    return end < 0 ? '' : part.slice(end + 3)
  }
  return parts.length === 1 ? text : [parts[0], ...parts.slice(1).map(after)].join(' ')
}

/** What a reader sees of the XHTML of a narrative. */
export const plainText = (xhtml: string): string =>
  withoutComments(xhtml)
    // No tag holds another's beginning: so one that is never closed is not looked for again and again.
    .replace(/<[^<>]*>/g, ' ')
    .replace(/&(?:#(\d{1,7})|#x([\da-f]{1,6})|(\w{1,10}));/gi, (whole, decimal, hex, name: string) => {
      if (name !== undefined) return entities[name.toLowerCase()] ?? whole
      const point = decimal === undefined ? Number.parseInt(hex, 16) : Number(decimal)
      return point > 0 && point <= 0x10_ffff ? String.fromCodePoint(point) : ' '
    })
