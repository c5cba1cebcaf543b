/** How strings are compared: without regard to case, accents and the amount of white space. http://hl7.org/fhir/R4/search.html#string */

/** Combining accents of every script that has them as decoration; vowel signs of Indic scripts are letters and stay. */
const marks = new RegExp(
  `[${[
    '\\u0300-\\u036f\\u1ab0-\\u1aff\\u1dc0-\\u1dff\\u20d0-\\u20ff',
    // Hebrew and Arabic vowel points
    '\\u0591-\\u05bd\\u05bf\\u05c1\\u05c2\\u05c4\\u05c5\\u05c7\\u0610-\\u061a\\u064b-\\u065f\\u0670',
  ].join('')}]`,
  'g',
)

/** Letters that Unicode does not take apart. */
const letters: Readonly<Record<string, string>> = {
  ø: 'o',
  ł: 'l',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  þ: 'th',
  æ: 'ae',
  œ: 'oe',
  ς: 'σ',
  '‘': "'",
  '’': "'",
  ʼ: "'",
}
const special = /[øłđðħþæœς‘’ʼ]/g

const isPlain = /^[\u0020-\u007e]*$/
const space = /\s+/g
/** Control characters cannot stand in a FHIR string, and Postgres has no zero character. */
const control = /[^\P{Cc}\t\n\v\f\r\u007f-\u009f]/gu

/** The text without characters that the database cannot keep. */
export const clean = (text: string): string =>
  isPlain.test(text) ? text : text.replace(control, '').toWellFormed()

/** The form in which two strings are compared. Folding it again changes nothing. */
export const fold = (text: string): string => {
  if (isPlain.test(text)) {
    const lower = text.toLowerCase()
    return lower.includes('  ') || lower.startsWith(' ') || lower.endsWith(' ')
      ? lower.replace(space, ' ').trim()
      : lower
  }
  return clean(text)
    .normalize('NFKD')
    .replace(marks, '')
    .toUpperCase()
    .toLowerCase()
    .replace(special, (letter) => letters[letter] ?? letter)
    .normalize('NFKD')
    .replace(marks, '')
    .normalize('NFC')
    .replace(space, ' ')
    .trim()
}
