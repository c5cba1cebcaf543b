/** Arrays as PostgreSQL takes them in binary form: https://www.postgresql.org/docs/current/protocol-overview.html#PROTOCOL-FORMAT-CODES */

import type { Hashes } from '../search/index.ts'

const oid = { int8: 20, int2: 21, int4: 23, text: 25, float8: 701, timestamptz: 1184, uuid: 2950 } as const

/** Dimensions, whether there are nulls, type of the elements, how many, and the number of the first. */
const header = 20

/** The length before each element, which is -1 for null. */
const length = 4

const begin = (type: keyof typeof oid, elements: number, bytes: number): Buffer => {
  const array = Buffer.allocUnsafe(header + elements * length + bytes)
  array.writeInt32BE(1, 0)
  array.writeInt32BE(1, 4)
  array.writeInt32BE(oid[type], 8)
  array.writeInt32BE(elements, 12)
  array.writeInt32BE(1, 16)
  return array
}

/** Elements that all take `size` bytes; `put` writes one at a place. */
const ofSize = <T>(
  type: keyof typeof oid,
  size: number,
  values: readonly T[],
  put: (array: Buffer, value: T, at: number) => void,
): Buffer => {
  const array = begin(type, values.length, values.length * size)
  let at = header
  for (const value of values) {
    at = array.writeInt32BE(size, at)
    put(array, value, at)
    at += size
  }
  return array
}

/** `int2[]` of whole numbers that fit. */
export const int2Array = (values: readonly number[]): Buffer =>
  ofSize('int2', 2, values, (array, value, at) => array.writeInt16BE(value, at))

/** `int4[]` of whole numbers that fit. */
export const int4Array = (values: readonly number[]): Buffer =>
  ofSize('int4', 4, values, (array, value, at) => array.writeInt32BE(value, at))

/** `int8[]`, each as its 16 hexadecimal digits. */
export const int8Array = (values: readonly string[]): Buffer =>
  ofSize('int8', 8, values, (array, value, at) => array.write(value, at, 8, 'hex'))

/** `int8[]` of hashes that stand in several lists, one list after the other. */
export const hashArray = (lists: readonly Hashes[]): Buffer => {
  const elements = lists.reduce((sum, { length }) => sum + length, 0) / 2
  const array = begin('int8', elements, elements * 8)
  const view = new DataView(array.buffer, array.byteOffset, array.byteLength)
  let at = header
  for (const list of lists)
    for (let n = 0; n < list.length; n += 2) {
      view.setInt32(at, 8)
      view.setInt32(at + length, list[n]!)
      view.setInt32(at + length + 4, list[n + 1]!)
      at += length + 8
    }
  return array
}

const epoch = Date.UTC(2000)
const half = 2 ** 32

/** `timestamptz[]` of milliseconds since 1970, less than 200 years from now. */
export const timestampArray = (values: readonly number[]): Buffer =>
  ofSize('timestamptz', 8, values, (array, value, at) => {
    const microseconds = (value - epoch) * 1000
    array.writeInt32BE(Math.floor(microseconds / half), at)
    array.writeInt32BE(microseconds | 0, at + 4)
  })

/** `float8[]`. */
export const float8Array = (values: readonly number[]): Buffer =>
  ofSize('float8', 8, values, (array, value, at) => array.writeDoubleBE(value, at))

/** `uuid[]` of UUIDs with hyphens. */
export const uuidArray = (values: readonly string[]): Buffer =>
  ofSize('uuid', 16, values, (array, value, at) => array.write(value.replaceAll('-', ''), at, 16, 'hex'))

/** `text[]`; undefined is null. */
export const textArray = (values: readonly (string | undefined)[]): Buffer => {
  const bytes = values.reduce((sum, value) => sum + (value === undefined ? 0 : Buffer.byteLength(value)), 0)
  const array = begin('text', values.length, bytes)
  let at = header
  for (const value of values) {
    const written = value === undefined ? -1 : array.write(value, at + length)
    array.writeInt32BE(written, at)
    at += length + Math.max(0, written)
  }
  return array
}
