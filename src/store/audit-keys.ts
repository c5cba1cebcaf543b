/** What audit events are found by, as numbers: an index of texts would cost more than the events. Decision 0024. */
import { hash } from 'node:crypto'

/** The first eight bytes of SHA-256, in hexadecimal digits: a bigint. */
const digitsOf = (tenant: number, key: string): string => hash('sha256', `${tenant} ${key}`).slice(0, 16)

/** The same in decimal digits; migration 0017 made it of older events. */
export const auditKey = (tenant: number, key: string): string =>
  BigInt.asIntN(64, BigInt(`0x${digitsOf(tenant, key)}`)).toString()

/** Keys that are remembered. */
const most = 5000

/** In hexadecimal digits, kept for whoever asks often: people and patients return, other resources hardly. */
export const createAuditKeys = (): typeof digitsOf => {
  let known = new Map<string, string>()
  return (tenant, key) => {
    if (key.startsWith('e:')) return digitsOf(tenant, key)
    const name = `${tenant} ${key}`
    const found = known.get(name)
    if (found !== undefined) return found
    const made = digitsOf(tenant, key)
    if (known.size >= most) known = new Map()
    known.set(name, made)
    return made
  }
}
