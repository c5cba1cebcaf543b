/** From a request's body to one resource: text without whitespace, and its parsed form (http://hl7.org/fhir/R4/json.html). */
import { invalid } from '../../base/problem.ts'
import { compact, defaultDepth } from './compact.ts'
import { invalidAt } from './position.ts'
import { skipSpace } from './scan.ts'
import { syntaxProblem } from './syntax.ts'
import type { JsonObject, JsonValue } from './value.ts'

/**
 * `text` has no insignificant whitespace and is otherwise what was sent. `members` counts the members of all objects
 * in the text, a repeated name each time: more than `countMembers(value)` means that the parser dropped some.
 */
export type JsonText<Value = JsonObject> = {
  readonly text: string
  readonly value: Value
  readonly members: number
}

/** Changes values in compact text, no members; `value` tells what the text says. */
export type ChangeText = (text: string, value: () => JsonObject) => string

/** What was read, with changes: the same when nothing changes. */
export const changed = (json: JsonText, change: ChangeText): JsonText => {
  const text = change(json.text, () => json.value)
  return text === json.text ? json : { ...json, text, value: JSON.parse(text) as JsonObject }
}

/** What was read, without its parsed form, which takes ten times the room: it is read again when somebody asks. */
export const folded = ({ text, members }: JsonText): JsonText => ({
  text,
  members,
  get value() {
    return JSON.parse(text) as JsonObject
  },
})

/** `depth`: arrays and objects inside each other, the outermost included. */
export type JsonLimits = { readonly depth?: number }

/** Parses text that `compact` made of a part of `original`; 400 with the place of the mistake. */
export const parseCompact = <Value = JsonObject>(compacted: string, original: string): Value => {
  try {
    return JSON.parse(compacted) as Value
  } catch {
    throw syntaxProblem(original)
  }
}

/** Refuses raw halves of surrogate pairs, which no UTF-8 text can hold. */
export const refuseIllFormed = (text: string): void => {
  if (text.isWellFormed()) return
  const well = text.toWellFormed()
  let at = 0
  while (text.charCodeAt(at) === well.charCodeAt(at)) at++
  throw invalidAt(text, at, 'half of a surrogate pair stands alone; write the whole character.')
}

/** Index of the `{` with which the text begins; 400 when it begins otherwise. */
export const openingBrace = (text: string): number => {
  const at = skipSpace(text, 0)
  if (at === text.length) throw invalid('The body is empty; send one resource in JSON.')
  if (text.charCodeAt(at) === 123) return at
  throw invalidAt(text, at, 'a resource must be one JSON object and begin with {.')
}

/**
 * Reads one resource. Throws Problem 400 with line and column of the given text for: malformed JSON, a top level that
 * is no object, too much depth, null characters, halves of surrogate pairs, an empty body, text after the end.
 */
export const readJson = (text: string, limits: JsonLimits = {}): JsonText =>
  readFrom(openingBrace(text), text, limits)

/** The same for an array of JSON, such as a JSON Patch. */
export const readJsonArray = (text: string, limits: JsonLimits = {}): JsonText<JsonValue[]> => {
  const open = skipSpace(text, 0)
  if (text.charCodeAt(open) !== 91) throw invalidAt(text, open, 'an array must stand here and begin with [.')
  return readFrom(open, text, limits)
}

const readFrom = <Value>(open: number, text: string, limits: JsonLimits): JsonText<Value> => {
  refuseIllFormed(text)
  const compacted = compact(text, open, limits.depth ?? defaultDepth)
  if (skipSpace(text, compacted.end) < text.length) throw syntaxProblem(text)
  return {
    text: compacted.text,
    value: parseCompact<Value>(compacted.text, text),
    members: compacted.members,
  }
}

const strict = new TextDecoder('utf-8', { fatal: true })
const tolerant = new TextDecoder('utf-8')
const replacement = 0xfffd

/** Decodes a body and drops a byte order mark; 400 with the byte's offset (from 0) when it is not UTF-8. */
export const decodeUtf8 = (body: Uint8Array): string => {
  try {
    return strict.decode(body)
  } catch {
    throw invalid(`The body is not valid UTF-8 at byte ${invalidByte(body)}; send it in UTF-8.`)
  }
}

/** The first byte that breaks UTF-8: where a replacement character comes out that was not written. */
const invalidByte = (body: Uint8Array): number => {
  let byte = body[0] === 0xef && body[1] === 0xbb && body[2] === 0xbf ? 3 : 0
  for (const character of tolerant.decode(body)) {
    const code = character.codePointAt(0)!
    const written =
      code === replacement && !(body[byte] === 0xef && body[byte + 1] === 0xbf && body[byte + 2] === 0xbd)
    if (written) return byte
    byte += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4
  }
  return byte
}

/** Members of all objects in a parsed value, at any depth. */
export const countMembers = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const element of value) count += countMembers(element)
    return count
  }
  for (const name of Object.keys(value)) count += 1 + countMembers((value as JsonObject)[name])
  return count
}
