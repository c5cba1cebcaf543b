/** Texts as the words that they are searched by. */

const marks = /\p{M}+/gu
const separators = /[^\p{L}\p{N}]+/u

/** Lower case, without accents, split at everything that is neither letter nor digit. */
export const wordsOf = (text: string): string[] =>
  text.normalize('NFKD').replace(marks, '').toLowerCase().split(separators).filter(Boolean)

/** Whether every word is the beginning of a word of one of the texts. */
export const hasWords = (words: readonly string[], texts: readonly string[]): boolean => {
  const there = texts.flatMap(wordsOf)
  return words.every((word) => there.some((one) => one.startsWith(word)))
}

/** Displays are compared without regard to case and white space. */
export const looseText = (text: string): string => text.trim().replace(/\s+/g, ' ').toLowerCase()
