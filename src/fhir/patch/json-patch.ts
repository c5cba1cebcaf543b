/** JSON Patch (https://www.rfc-editor.org/rfc/rfc6902), whole: add, remove, replace, move, copy, test. */
import { type Problem, unprocessable } from '../../base/problem.ts'
import { isObject, sameJson } from '../json/lossless.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { type Budget, copyTree, newBudget } from './copy.ts'
import { setMember } from './member.ts'
import { type JsonPatchOperation, readOperations } from './operations.ts'
import { isWithin, type Pointer, readPointer } from './pointer.ts'

/**
 * Gives the changed tree; the given one, a lossless one, stays as it is. Throws Problem 400 for text that is not a JSON
 * Patch, 422 with the operation's index for one that cannot be applied or whose test fails.
 */
export const applyJsonPatch = (resource: JsonObject, patch: string): JsonObject => {
  const result = applyOperations(resource, readOperations(patch))
  if (isObject(result)) return result
  throw unprocessable('The patch replaces the resource by something that is no object; patch its elements.')
}

/** The same for any JSON value, without the check that a resource is left. */
export const applyOperations = (value: JsonValue, operations: readonly JsonPatchOperation[]): JsonValue => {
  const budget = newBudget()
  return operations.reduce((root, operation, index) => {
    const refuse: Refuse = (why) =>
      unprocessable(
        `Operation ${index} (${operation.op} ${operation.path}) cannot be applied: ${why}`,
        `[${index}]`,
      )
    return applyOperation(root, operation, budget, refuse)
  }, copyTree(value))
}

type Refuse = (why: string) => Problem

/** Changes the tree in place, as it is this patch's own copy; gives the root, which may be another one. */
const applyOperation = (
  root: JsonValue,
  operation: JsonPatchOperation,
  budget: Budget,
  refuse: Refuse,
): JsonValue => {
  const path = readPointer(operation.path)
  const own = (value: JsonValue) => copyTree(value, path.length, budget)
  if (operation.op === 'add') return change(root, path, add(own(operation.value)), refuse)
  if (operation.op === 'replace') return change(root, path, replace(own(operation.value)), refuse)
  if (operation.op === 'remove') return change(root, path, remove, refuse)
  if (operation.op === 'test') {
    if (sameJson(valueAt(root, path, refuse), operation.value)) return root
    throw refuse('the value there is another one; read the resource again.')
  }
  const from = readPointer(operation.from)
  const value = valueAt(root, from, refuse)
  if (operation.op === 'copy') return change(root, path, add(own(value)), refuse)
  if (operation.from === operation.path) return root
  if (isWithin(path, from)) throw refuse('a value cannot be moved into itself.')
  return change(change(root, from, remove, refuse), path, add(own(value)), refuse)
}

/** What happens at the last step of a pointer: to a member, to an element, to the whole value. */
type Change = {
  readonly member: (object: JsonObject, name: string, refuse: Refuse) => void
  readonly element: (array: JsonValue[], step: string, refuse: Refuse) => void
  readonly root: (refuse: Refuse) => JsonValue
}

const add = (value: JsonValue): Change => ({
  member: (object, name) => setMember(object, name, value),
  element: (array, step, refuse) => {
    array.splice(step === '-' ? array.length : indexIn(step, array.length, refuse), 0, value)
  },
  root: () => value,
})

const replace = (value: JsonValue): Change => ({
  member: (object, name, refuse) => {
    if (!Object.hasOwn(object, name)) throw refuse(`there is no member "${name}".`)
    setMember(object, name, value)
  },
  element: (array, step, refuse) => {
    array[indexIn(step, array.length - 1, refuse)] = value
  },
  root: () => value,
})

const remove: Change = {
  member: (object, name, refuse) => {
    if (!Object.hasOwn(object, name)) throw refuse(`there is no member "${name}".`)
    delete object[name]
  },
  element: (array, step, refuse) => {
    array.splice(indexIn(step, array.length - 1, refuse), 1)
  },
  root: (refuse) => {
    throw refuse('the whole resource cannot be removed; delete it instead.')
  },
}

/** RFC 6901 section 4: digits without leading zeros. */
const indexIn = (step: string, last: number, refuse: Refuse): number => {
  if (!/^(?:0|[1-9]\d{0,9})$/.test(step)) throw refuse(`"${step}" is not an index of an array.`)
  const index = Number(step)
  if (index > last) throw refuse(`index ${step} is beyond the end of the array.`)
  return index
}

const child = (parent: JsonValue, step: string, refuse: Refuse): JsonValue => {
  if (Array.isArray(parent)) return parent[indexIn(step, parent.length - 1, refuse)]!
  if (!isObject(parent)) throw refuse(`"${step}" leads into a value that is neither array nor object.`)
  if (!Object.hasOwn(parent, step)) throw refuse(`there is no member "${step}".`)
  return parent[step]!
}

const valueAt = (root: JsonValue, path: Pointer, refuse: Refuse): JsonValue =>
  path.reduce((value, step) => child(value, step, refuse), root)

const change = (root: JsonValue, path: Pointer, what: Change, refuse: Refuse): JsonValue => {
  const step = path.at(-1)
  if (step === undefined) return what.root(refuse)
  const parent = valueAt(root, path.slice(0, -1), refuse)
  if (Array.isArray(parent)) what.element(parent, step, refuse)
  else if (isObject(parent)) what.member(parent, step, refuse)
  else throw refuse(`"${step}" leads into a value that is neither array nor object.`)
  return root
}
