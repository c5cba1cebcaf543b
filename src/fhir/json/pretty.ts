/** Indents JSON text for people (`_pretty`, http://hl7.org/fhir/R4/http.html#pretty); numbers and strings stay as they are. */
import { stringEnd } from './scan.ts'

/** Two spaces per level. Takes compact, valid JSON text. */
export const pretty = (text: string): string => {
  let out = ''
  let kept = 0
  let indent = '\n'
  const put = (at: number, between: string) => {
    out += text.slice(kept, at) + between
    kept = at
  }
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at)
    if (c === 34) at = stringEnd(text, at) - 1
    else if (c === 44) put(at + 1, indent)
    else if (c === 58) put(at + 1, ' ')
    else if (c === 123 || c === 91) {
      if (text.charCodeAt(at + 1) === c + 2) at++
      else {
        indent += '  '
        put(at + 1, indent)
      }
    } else if (c === 125 || c === 93) {
      indent = indent.slice(0, -2)
      put(at, indent)
    }
  }
  return out + text.slice(kept)
}
