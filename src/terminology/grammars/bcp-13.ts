/** Media types: https://www.rfc-editor.org/rfc/rfc6838#section-4.2, parameters by https://www.rfc-editor.org/rfc/rfc2045#section-5.1 */
import type { GrammarSystem } from '../system.ts'
import { bare } from './bare.ts'

const token = "[!#$%&'*+.^_`|~0-9A-Za-z-]+"
const name = '[A-Za-z0-9][A-Za-z0-9!#$&^_.+-]{0,126}'
const form = new RegExp(
  `^${name}/${name}(?:[ \\t]*;[ \\t]*${token}=(?:${token}|"(?:[^"\\\\\\r\\n]|\\\\.)*"))*$`,
)

/** Types of http://www.iana.org/assignments/media-types; a model or an example may be anything. */
const top = new Set(
  'application audio chemical example font haptics image message model multipart text video'.split(' '),
)

export const bcp13: GrammarSystem = {
  kind: 'grammar',
  url: 'urn:ietf:bcp:13',
  name: 'media types',
  find: (code) => {
    if (code.length > 500 || !form.test(code))
      return `"${code.slice(0, 100)}" is not a media type such as application/pdf or text/plain; charset=UTF-8.`
    const kind = code.slice(0, code.indexOf('/')).toLowerCase()
    return top.has(kind) || kind.startsWith('x-')
      ? bare(code)
      : `"${code}" is not a media type: there is no top-level type "${kind}".`
  },
}
