/** The 64-bit hash under which the database keeps a token. */
import { idKey } from '../base/id.ts'
import { presenceValue } from './presence.ts'

/** The upper and the lower 32 bits, both signed; the whole as decimal text when somebody has asked for it. */
type Hash = { readonly high: number; readonly low: number; text: string | undefined }

const hashOf = (high: number, low: number): Hash => ({ high: high | 0, low: low | 0, text: undefined })

/** Hashes one after the other, each as its upper and its lower 32 bits: what the database takes in binary form. */
export type Hashes = Int32Array

/** Two 32-bit lanes in the manner of MurmurHash3 over pairs of UTF-16 units; every lane step is a bijection of its state. */
const lanes = (tenant: number, text: string): Hash => {
  let a = 0x9e3779b9 ^ Math.imul(tenant, 0x85ebca6b)
  let b = 0x165667b1 ^ Math.imul(tenant, 0x27d4eb2f)
  const length = text.length
  for (let i = 0; i < length; i += 2) {
    const k = text.charCodeAt(i) | (i + 1 < length ? text.charCodeAt(i + 1) << 16 : 0)
    let x = Math.imul(k, 0xcc9e2d51)
    x = Math.imul((x << 15) | (x >>> 17), 0x1b873593)
    a ^= x
    a = (Math.imul((a << 13) | (a >>> 19), 5) + 0xe6546b64) | 0
    let y = Math.imul(k, 0x239b961b)
    y = Math.imul((y << 16) | (y >>> 16), 0xab0e9789)
    b ^= y
    b = (Math.imul((b << 17) | (b >>> 15), 5) + 0x0bcaa747) | 0
  }
  a ^= length
  b ^= length
  a = (a + b) | 0
  b = (b + a) | 0
  a = finish(a)
  b = finish(b)
  a = (a + b) | 0
  b = (b + a) | 0
  return hashOf(a, b)
}

const finish = (h: number): number => {
  let x = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35)
  return x ^ (x >>> 16)
}

const both = new DataView(new ArrayBuffer(8))

const decimal = ({ high, low }: Hash): string => {
  both.setInt32(0, high)
  both.setInt32(4, low)
  return both.getBigInt64(0).toString()
}

const readDecimal = (text: string): Hash => {
  both.setBigInt64(0, BigInt(text))
  return hashOf(both.getInt32(0), both.getInt32(4))
}

/** `Observation.subject|Patient/123`: what comes before the id, and the id. */
const referenceForm = /^([^|]*\|[A-Z][A-Za-z]*\/)([A-Za-z0-9\-.]{1,64})$/

/** Eight hex digits of a UUID, which has hyphens in between, as a number; `at` counts without them. */
const word = (uuid: string, at: number): number => {
  let value = 0
  for (let n = at; n < at + 8; n++) {
    const place = n + (n < 8 ? 0 : n < 12 ? 1 : n < 16 ? 2 : n < 20 ? 3 : 4)
    const c = uuid.charCodeAt(place)
    value = (value << 4) | (c < 58 ? c - 48 : c - 87)
  }
  return value
}

/**
 * References are the hash of what comes before the id, combined by exclusive or with both halves of the id's key: so
 * a statement can make the token of a resource from its row, which is how chains find their way.
 */
const referenceHash = (tenant: number, prefix: string, id: string): Hash => {
  const { high, low } = lanes(tenant, prefix)
  const key = idKey(id)
  return hashOf(high ^ word(key, 0) ^ word(key, 16), low ^ word(key, 8) ^ word(key, 24))
}

/** The hash of what stands before the id (`Observation.subject|Patient/`): the first argument of SQL's `reference_token`. */
export const referencePrefix = (tenant: number, prefix: string): string => decimal(lanes(tenant, prefix))

/**
 * The number under which side tables keep a parameter: 32 bits of the hash of `Type.code`. A test proves that no two
 * parameters of the specification meet.
 */
export const parameterNumber = (parameter: string): number => {
  const known = numbers.get(parameter)
  if (known !== undefined) return known
  const { high: number } = lanes(0, parameter)
  if (numbers.size >= generation) numbers.clear()
  numbers.set(parameter, number)
  return number
}

const numbers = new Map<string, number>()

const compute = (tenant: number, token: string): Hash => {
  const presence = presenceValue(token)
  if (presence !== undefined) return readDecimal(presence)
  const reference = referenceForm.exec(token)
  if (reference) return referenceHash(tenant, reference[1]!, reference[2]!)
  return lanes(tenant, token)
}

const generation = 16_384
/** Longer tokens are not remembered. */
const longest = 300

/** Two generations: what was asked for since the last change survives it, so frequent tokens stay. */
let recent = new Map<string, Hash>()
let older = new Map<string, Hash>()
let owner = Number.NaN

const hash = (tenant: number, token: string): Hash => {
  if (owner !== tenant) {
    recent = new Map()
    older = new Map()
    owner = tenant
  }
  // Texts may be long, and come once.
  if (token.length > longest) return compute(tenant, token)
  const known = recent.get(token)
  if (known !== undefined) return known
  const made = older.get(token) ?? compute(tenant, token)
  if (recent.size >= generation) {
    older = recent
    recent = new Map()
  }
  recent.set(token, made)
  return made
}

/**
 * The hash of a token of a tenant: a signed 64-bit integer as decimal text, for a `bigint` parameter. Stable for ever,
 * as it is stored. Unequal tokens may meet (about once in 10^9 resources), so where it matters re-check in memory.
 */
export const hashToken = (tenant: number, token: string): string => {
  const found = hash(tenant, token)
  found.text ??= decimal(found)
  return found.text
}

/** The hashes of all tokens of a resource, to be written. */
export const hashTokens = (tenant: number, tokens: readonly string[]): Hashes => {
  const hashes = new Int32Array(2 * tokens.length)
  let at = 0
  for (const token of tokens) {
    const { high, low } = hash(tenant, token)
    hashes[at++] = high
    hashes[at++] = low
  }
  return hashes
}
