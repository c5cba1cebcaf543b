/** What audit events are found by, as numbers: an index of texts would cost more than the events. Decision 0024. */
import { hash } from 'node:crypto'
import { remembered } from '../base/remembered.ts'

/** The first eight bytes of SHA-256, in hexadecimal digits: a bigint. */
const digits = (name: string): string => hash('sha256', name).slice(0, 16)
const digitsOf = (tenant: number, key: string): string => digits(`${tenant} ${key}`)

/** The same in decimal digits; migration 0017 made it of older events. */
export const auditKey = (tenant: number, key: string): string =>
  BigInt.asIntN(64, BigInt(`0x${digitsOf(tenant, key)}`)).toString()

/** In hexadecimal digits, kept for whoever asks often: people and patients return, other resources hardly. */
export const createAuditKeys = (): typeof digitsOf => {
  const known = remembered(digits, { most: 5000, longest: 600 })
  return (tenant, key) => (key.startsWith('e:') ? digits : known)(`${tenant} ${key}`)
}
