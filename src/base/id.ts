/** Logical ids (http://hl7.org/fhir/R4/datatypes.html#id): time-ordered UUIDs made here, any valid id from clients. */
import { createHash, randomFillSync } from 'node:crypto'

const pool = Buffer.allocUnsafe(16 * 256)
let used = pool.length

/** A new id: UUID version 7 (RFC 9562), so that new rows land at the end of their indexes. `at` in ms since 1970. */
export const newId = (at: number): string => {
  if (used === pool.length) {
    randomFillSync(pool)
    used = 0
  }
  const b = pool.subarray(used, used + 16)
  used += 16
  b.writeUIntBE(at, 0, 6)
  b[6] = (b[6]! & 0x0f) | 0x70
  b[8] = (b[8]! & 0x3f) | 0x80
  const h = b.toString('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-${h.slice(12, 16)}-${h.slice(16, 20)}-${h.slice(20)}`
}

/** http://hl7.org/fhir/R4/datatypes.html#id */
export const isId = (text: string): boolean => /^[A-Za-z0-9\-.]{1,64}$/.test(text)

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-([0-9a-f])[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/

/**
 * The UUID under which storage keeps an id: a lower-case UUID is itself, anything else a hash in UUID version 8.
 * Version 8 ids of clients are hashed too, so that nobody can name a key that stands for another id.
 */
export const idKey = (id: string): string => {
  const match = canonicalUuid.exec(id)
  if (match && match[1] !== '8') return id
  const h = createHash('sha256').update(id).digest('hex')
  return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
}
