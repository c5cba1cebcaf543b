/** What audit events are found by, as numbers: an index of texts would cost more than the events. Decision 0024. */
import { hash } from 'node:crypto'

/** The first eight bytes of SHA-256, as a bigint in decimal digits; migration 0017 made the same of older events. */
export const auditKey = (tenant: number, key: string): string =>
  BigInt.asIntN(64, BigInt(`0x${hash('sha256', `${tenant} ${key}`).slice(0, 16)}`)).toString()

/** Keys that are remembered. */
const most = 5000

/** The same for whoever asks often: people and patients return, other resources hardly. */
export const createAuditKeys = (): typeof auditKey => {
  let known = new Map<string, string>()
  return (tenant, key) => {
    if (key.startsWith('e:')) return auditKey(tenant, key)
    const name = `${tenant} ${key}`
    const found = known.get(name)
    if (found !== undefined) return found
    const made = auditKey(tenant, key)
    if (known.size >= most) known = new Map()
    known.set(name, made)
    return made
  }
}
