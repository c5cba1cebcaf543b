/** E-mail addresses as identifiers: https://www.rfc-editor.org/rfc/rfc6531 */
import { domainToASCII } from 'node:url'

const form = /^[^\s@<>()[\],;:\\"\p{C}]{1,64}@[^\s@]{1,253}$/u

/**
 * One spelling for one mailbox: Unicode NFKC, no capitals, the domain in ASCII. What comes after a `+` stays: it may be
 * another mailbox. Undefined for what is no address.
 */
export const normaliseEmail = (text: string): string | undefined => {
  const trimmed = text.normalize('NFKC').trim().toLowerCase()
  if (trimmed.length > 254 || !form.test(trimmed)) return undefined
  const at = trimmed.lastIndexOf('@')
  const local = trimmed.slice(0, at)
  const domain = domainToASCII(trimmed.slice(at + 1))
  if (local.startsWith('.') || local.endsWith('.') || local.includes('..')) return undefined
  const labels = domain.split('.')
  if (labels.some((label) => !/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(label))) return undefined
  if (labels.length < 2 && domain !== 'localhost') return undefined
  return `${local}@${domain}`
}
