/** The escaping of parameter values: http://hl7.org/fhir/R4/search.html#escaping */

/** Splits at a character that no backslash escapes; the parts stay escaped. */
export const splitUnescaped = (text: string, at: ',' | '|' | '$'): readonly string[] => {
  if (!text.includes('\\')) return text.split(at)
  const parts: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === at) {
      parts.push(text.slice(start, i))
      start = i + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** Removes the backslashes of `\,` `\|` `\$` and `\\`; any other backslash stays. */
export const unescapeValue = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')
