/** Text of FHIR strings as text of XML: https://www.w3.org/TR/xml/#syntax */

const special = /[&<>"\x00-\x1f\ufffe\uffff]/
const specials = /[&<>"\x00-\x1f\ufffe\uffff]/g

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' }

/** Space other than a blank would come back as a blank; the other controls and two code points are not in XML at all. */
const escaped = (character: string): string => {
  const name = named[character]
  if (name !== undefined) return name
  const isSpace = character === '\n' || character === '\t' || character === '\r'
  return isSpace ? `&#${character.charCodeAt(0)};` : '\ufffd'
}

/**
 * For a value in double quotes, and for text between tags. What no XML can hold (controls, U+FFFE, U+FFFF) becomes
 * U+FFFD.
 */
export const escapeXml = (text: string): string =>
  special.test(text) ? text.replace(specials, escaped) : text

/** Whether XML may have the code point: https://www.w3.org/TR/xml/#charsets */
export const isXmlCharacter = (code: number): boolean =>
  code === 9 ||
  code === 10 ||
  code === 13 ||
  (code >= 0x20 && code <= 0xd7ff) ||
  (code >= 0xe000 && code <= 0xfffd) ||
  (code >= 0x10000 && code <= 0x10ffff)
