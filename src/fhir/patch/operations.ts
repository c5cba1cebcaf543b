/** Reads a JSON Patch document strictly: https://www.rfc-editor.org/rfc/rfc6902#section-4 */
import { invalid, type Problem, tooLarge } from '../../base/problem.ts'
import { isObject, parseLossless } from '../json/lossless.ts'
import { readJsonArray } from '../json/read.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { refuseDuplicates } from './duplicates.ts'
import { isPointer } from './pointer.ts'

export type JsonPatchOperation =
  | { readonly op: 'add'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'replace'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'test'; readonly path: string; readonly value: JsonValue }
  | { readonly op: 'remove'; readonly path: string }
  | { readonly op: 'move' | 'copy'; readonly path: string; readonly from: string }

/** Each may shift a whole array. */
const mostOperations = 1_000

/** Values are lossless trees. Throws Problem 400 for what is not a JSON Patch, 413 for more than 1,000 operations. */
export const readOperations = (text: string): readonly JsonPatchOperation[] => {
  const json = readJsonArray(text)
  refuseDuplicates(json, text)
  if (json.value.length > mostOperations)
    throw tooLarge(`A JSON Patch may have ${mostOperations} operations; send it in parts.`)
  return parseLossless<JsonValue[]>(json.text).map(readOperation)
}

const readOperation = (operation: JsonValue, index: number): JsonPatchOperation => {
  const refuse = (why: string) => invalid(`Operation ${index} of the patch: ${why}`, `[${index}]`)
  if (!isObject(operation)) throw refuse('an operation must be an object.')
  const op = own(operation, 'op')
  const path = pointer(operation, 'path', refuse)
  if (op === 'remove') return { op, path }
  if (op === 'move' || op === 'copy') return { op, path, from: pointer(operation, 'from', refuse) }
  if (op !== 'add' && op !== 'replace' && op !== 'test')
    throw refuse('"op" must be add, remove, replace, move, copy or test.')
  const value = own(operation, 'value')
  if (value === undefined) throw refuse('"value" is missing.')
  return { op, path, value }
}

const pointer = (operation: JsonObject, name: string, refuse: (why: string) => Problem): string => {
  const text = own(operation, name)
  if (typeof text !== 'string') throw refuse(`"${name}" must be a JSON Pointer in a string.`)
  if (!isPointer(text)) throw refuse(`"${name}" is not a JSON Pointer; begin it with a slash, as in /name/0.`)
  return text
}

const own = (object: JsonObject, name: string): JsonValue | undefined =>
  Object.hasOwn(object, name) ? object[name] : undefined
