/** Logical ids (http://hl7.org/fhir/R4/datatypes.html#id): time-ordered UUIDs made here, any valid id from clients. */
import { hash, randomFillSync } from 'node:crypto'
import { remembered } from './remembered.ts'

/** A new id: UUID version 7 (RFC 9562), so that new rows land at the end of their indexes. `at` in ms since 1970. */
export const newId = (at: number): string => {
  if (at !== lastAt) {
    const time = at.toString(16).padStart(12, '0')
    lastBeginning = `${time.slice(0, 8)}-${time.slice(8)}-`
    lastAt = at
  }
  if (nextEnd === ends.length) fillEnds()
  const end = ends.slice(nextEnd, nextEnd + endLength)
  nextEnd += endLength
  return lastBeginning + end
}

/** A transaction makes hundreds of ids at one time: random ends `7xxx-vxxx-xxxxxxxxxxxx` are made in advance. */
const endLength = 22
const digits = Buffer.from('0123456789abcdef')
const random = Buffer.alloc(128 * endLength)
let ends = ''
let nextEnd = 0
let lastAt = Number.NaN
let lastBeginning = ''

const fillEnds = (): void => {
  randomFillSync(random)
  for (let n = 0; n < random.length; n++) {
    const place = n % endLength
    const byte = random[n] as number
    // The variant is a digit from 8 to b.
    const digit = place === 0 ? 7 : place === 5 ? 8 | (byte & 3) : byte & 15
    random[n] = place === 4 || place === 9 ? hyphen : (digits[digit] as number)
  }
  ends = random.toString('latin1')
  nextEnd = 0
}
const hyphen = 45

/** http://hl7.org/fhir/R4/datatypes.html#id */
export const isId = (text: string): boolean => /^[A-Za-z0-9\-.]{1,64}$/.test(text)

const canonicalUuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

/** Whether it is a UUID in lower case with hyphens, as keys of rows and ids made here are. */
export const isUuid = (text: string): boolean => canonicalUuid.test(text)

/**
 * The UUID under which storage keeps an id: a lower-case UUID is itself, anything else a hash in UUID version 8.
 * Version 8 ids of clients are hashed too, so that nobody can name a key that stands for another id.
 */
export const idKey = (id: string): string => {
  if (id.length === 36 && id[14] !== '8' && isUuid(id)) return id
  return hashedKey(id)
}

/** One request asks several times for the same, and resources refer to the same others. */
const hashedKey = remembered(
  (id) => {
    const h = hash('sha256', id)
    return `${h.slice(0, 8)}-${h.slice(8, 12)}-8${h.slice(13, 16)}-a${h.slice(17, 20)}-${h.slice(20, 32)}`
  },
  { most: 4096, longest: 64 },
)
