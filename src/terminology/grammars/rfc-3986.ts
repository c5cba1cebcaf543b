/** URIs as codes: https://www.rfc-editor.org/rfc/rfc3986 */
import type { GrammarSystem } from '../system.ts'
import { bare } from './bare.ts'

const form = /^[A-Za-z][A-Za-z0-9+.-]*:(?:[A-Za-z0-9._~:/?#[\]@!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/
const oid = /^urn:oid:[0-2](\.(0|[1-9][0-9]*))+$/
const uuid = /^urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i

const isUri = (code: string): boolean => {
  if (code.startsWith('urn:oid:')) return oid.test(code)
  if (code.startsWith('urn:uuid:')) return uuid.test(code)
  return form.test(code)
}

export const rfc3986: GrammarSystem = {
  kind: 'grammar',
  url: 'urn:ietf:rfc:3986',
  name: 'URIs',
  find: (code) => (isUri(code) ? bare(code) : `"${code.slice(0, 200)}" is not a URI.`),
}
