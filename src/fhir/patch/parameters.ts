/** Reads the Parameters of a FHIRPath Patch strictly: http://hl7.org/fhir/R4/fhirpatch.html */
import { invalid, type Problem, tooLarge } from '../../base/problem.ts'
import { isObject, parseLossless } from '../json/lossless.ts'
import { readJson } from '../json/read.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { refuseDuplicates } from './duplicates.ts'

/** What a part holds: `value[x]` with its type's name (`HumanName`, `Code`) and `_value[x]`, named parts, or a resource. */
export type Given =
  | { readonly suffix: string; readonly value?: JsonValue; readonly companion?: JsonValue }
  | { readonly parts: readonly NamedPart[] }
  | { readonly resource: JsonObject }
export type NamedPart = { readonly name: string; readonly given: Given }

/** Indexes count from 0. */
export type PathOperation =
  | { readonly type: 'add'; readonly path: string; readonly name: string; readonly value: Given }
  | { readonly type: 'insert'; readonly path: string; readonly index: number; readonly value: Given }
  | { readonly type: 'delete'; readonly path: string }
  | { readonly type: 'replace'; readonly path: string; readonly value: Given }
  | { readonly type: 'move'; readonly path: string; readonly source: number; readonly destination: number }

type Refuse = (why: string) => Problem

const mostOperations = 200

/** Values are lossless trees. Throws Problem 400 for anything that is not as the specification has it, 413 for too much. */
export const readPatchParameters = (text: string): readonly PathOperation[] => {
  const json = readJson(text)
  refuseDuplicates(json, text)
  const { resourceType, parameter = [] } = parseLossless(json.text)
  if (resourceType !== 'Parameters') throw invalid('A FHIRPath Patch must be a Parameters resource.')
  if (!Array.isArray(parameter))
    throw invalid('Parameters.parameter must be an array.', 'Parameters.parameter')
  if (parameter.length > mostOperations)
    throw tooLarge(`A FHIRPath Patch may have ${mostOperations} operations; send it in parts.`)
  return parameter.map(readOperation)
}

const refuseAt =
  (index: number): Refuse =>
  (why) =>
    invalid(`Operation ${index} of the patch: ${why}`, `Parameters.parameter[${index}]`)

const readOperation = (parameter: JsonValue, index: number): PathOperation => {
  const refuse = refuseAt(index)
  if (!isObject(parameter) || parameter.name !== 'operation')
    throw refuse('each parameter must be named "operation".')
  const parts = new Map<string, Given>()
  for (const { name, given } of readParts(parameter.part, refuse)) {
    if (parts.has(name)) throw refuse(`the part "${name}" is repeated; send it once.`)
    parts.set(name, given)
  }
  const operation = operationOf(parts, refuse)
  for (const name of parts.keys()) {
    if (!(name in operation))
      throw refuse(`the part "${name}" does not belong to ${operation.type}; leave it out.`)
  }
  return operation
}

const operationOf = (parts: ReadonlyMap<string, Given>, refuse: Refuse): PathOperation => {
  const value = (name: string, wanted: string): Given => {
    const given = parts.get(name)
    if (!given) throw refuse(`the part "${name}" (${wanted}) is missing.`)
    return given
  }
  const text = (name: string): string => {
    const given = value(name, 'valueString')
    if ('suffix' in given && typeof given.value === 'string') return given.value
    throw refuse(`the part "${name}" must have a valueString.`)
  }
  const integer = (name: string): number => {
    const given = value(name, 'valueInteger')
    if ('suffix' in given && Number.isInteger(given.value) && (given.value as number) >= 0)
      return given.value as number
    throw refuse(`the part "${name}" must have a valueInteger that is not negative.`)
  }
  const type = text('type')
  const path = text('path')
  if (type === 'add') return { type, path, name: text('name'), value: value('value', 'value[x]') }
  if (type === 'insert') return { type, path, index: integer('index'), value: value('value', 'value[x]') }
  if (type === 'delete') return { type, path }
  if (type === 'replace') return { type, path, value: value('value', 'value[x]') }
  if (type === 'move') return { type, path, source: integer('source'), destination: integer('destination') }
  throw refuse('the type must be add, insert, delete, replace or move.')
}

const readParts = (parts: JsonValue | undefined, refuse: Refuse): readonly NamedPart[] => {
  if (!Array.isArray(parts) || parts.length === 0)
    throw refuse('the parts must be an array that is not empty.')
  return parts.map((part) => {
    if (!isObject(part) || typeof part.name !== 'string')
      throw refuse('each part must be an object with a name.')
    return { name: part.name, given: readGiven(part, part.name, refuse) }
  })
}

const readGiven = (part: JsonObject, name: string, refuse: Refuse): Given => {
  const members = Object.keys(part).filter(
    (member) => member !== 'name' && member !== 'id' && member !== 'extension',
  )
  const kinds = new Set(members.map((member) => member.replace(/^_/, '')))
  const [kind] = kinds
  if (kinds.size !== 1 || kind === undefined)
    throw refuse(`the part "${name}" must have exactly one of value[x], part and resource.`)
  if (kind === 'part') return { parts: readParts(part.part, refuse) }
  if (kind === 'resource' && isObject(part.resource)) return { resource: part.resource }
  if (!/^value[A-Z]/.test(kind)) throw refuse(`the part "${name}" has the unknown member "${kind}".`)
  const value = part[kind]
  const companion = part[`_${kind}`]
  return {
    suffix: kind.slice('value'.length),
    ...(value === undefined ? {} : { value }),
    ...(companion === undefined ? {} : { companion }),
  }
}
