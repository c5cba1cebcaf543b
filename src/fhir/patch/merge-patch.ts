/** JSON Merge Patch (https://www.rfc-editor.org/rfc/rfc7396): the patch is a resource with only what changes. */
import { isObject, parseLossless } from '../json/lossless.ts'
import { readJson } from '../json/read.ts'
import type { JsonObject, JsonValue } from '../json/value.ts'
import { refuseDuplicates } from './duplicates.ts'
import { setMember } from './member.ts'

/** Gives the changed tree; both trees are lossless ones. Throws Problem 400 for a patch that is not a JSON object. */
export const applyMergePatch = (resource: JsonObject, patch: string): JsonObject =>
  merge(resource, readPatch(patch)) as JsonObject

const readPatch = (text: string): JsonObject => {
  const json = readJson(text)
  refuseDuplicates(json, text)
  return parseLossless(json.text)
}

/** RFC 7396 section 2. Nothing that was given is changed. */
export const merge = (target: JsonValue | undefined, patch: JsonValue): JsonValue => {
  if (!isObject(patch)) return patch
  const merged: JsonObject = isObject(target) ? { ...target } : {}
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else setMember(merged, name, merge(Object.hasOwn(merged, name) ? merged[name] : undefined, value))
  }
  return merged
}
