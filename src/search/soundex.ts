/** What a name sounds like, for the parameter `phonetic`: https://www.archives.gov/research/census/soundex */

const digits: Readonly<Record<string, string>> = Object.fromEntries(
  ['bfpv', 'cgjkqsxz', 'dt', 'l', 'mn', 'r'].flatMap((group, index) =>
    [...group].map((letter) => [letter, String(index + 1)]),
  ),
)

/** The American Soundex of a folded word (`r163`); the word itself when it is not of Latin letters. */
export const soundex = (word: string): string => {
  const letters = word.replace(/[^a-z]/g, '')
  if (letters === '') return word
  let code = letters[0] ?? ''
  let last = digits[code]
  for (const letter of letters.slice(1)) {
    const digit = digits[letter]
    if (digit !== undefined && digit !== last) code += digit
    // The same digit counts once across h and w, twice across a vowel.
    if (letter !== 'h' && letter !== 'w') last = digit
    if (code.length === 4) break
  }
  return code.padEnd(4, '0')
}
