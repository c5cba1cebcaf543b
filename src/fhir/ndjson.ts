/** One resource a line: http://ndjson.org, as the Bulk Data specification uses it. Both ways, a line at a time. */
import { invalid, Problem, tooLarge } from '../base/problem.ts'
import { decodeUtf8, type JsonText, readJson } from './json/read.ts'
import { valueEnd } from './json/scan.ts'
import { walkArray, walkObject } from './json/walk.ts'

/** `line`: bytes that one line may have. `depth`: of arrays and objects in it. */
export type NdjsonLimits = { readonly line: number; readonly depth?: number }

/** A resource and the number of its line, from 1. */
export type NdjsonLine = { readonly line: number; readonly json: JsonText }

/**
 * The resources of a stream, never holding more than a line and a chunk. Empty lines are passed over. Throws Problem 413
 * for a line that is too long and 400 for one that is not a JSON object, with its number; the lines before are out then.
 */
export const readNdjson = async function* (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  limits: NdjsonLimits,
): AsyncGenerator<NdjsonLine> {
  let line = 0
  for await (const bytes of linesOf(chunks, limits.line)) {
    line++
    const json = readLine(bytes, line, limits)
    if (json) yield { line, json }
  }
}

const readLine = (bytes: Uint8Array, line: number, limits: NdjsonLimits): JsonText | undefined => {
  if (bytes.every((byte) => byte === 32 || byte === 9 || byte === 13)) return undefined
  try {
    return readJson(decodeUtf8(bytes), limits)
  } catch (error) {
    if (!(error instanceof Problem)) throw error
    throw invalid(`Resource of line ${line}: ${error.message}`)
  }
}

const linesOf = async function* (
  chunks: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
  most: number,
): AsyncGenerator<Uint8Array> {
  let parts: Uint8Array[] = []
  let length = 0
  let line = 1
  const keep = (part: Uint8Array): void => {
    parts.push(part)
    length += part.length
    if (length > most) throw tooLarge(`Line ${line} is longer than ${most} bytes; send smaller resources.`)
  }
  for await (const chunk of chunks) {
    let from = 0
    for (let end = chunk.indexOf(10); end >= 0; end = chunk.indexOf(10, from)) {
      keep(chunk.subarray(from, end))
      yield parts.length === 1 ? parts[0]! : Buffer.concat(parts)
      parts = []
      length = 0
      line++
      from = end + 1
    }
    if (from < chunk.length) keep(chunk.subarray(from))
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

/**
 * The resources of a Bundle in compact, valid JSON, each on a line and as it was written. An entry that has none (the
 * deletion in a history) becomes a Bundle of its own, as nothing may get lost. Any other resource is one line.
 */
export const ndjsonOf = (text: string): string => {
  let type = ''
  let lines: string | undefined
  let isBundle = false
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    const end = valueEnd(text, valueAt)
    if (name === 'resourceType') isBundle = text.slice(valueAt, end) === '"Bundle"'
    if (name === 'type') type = text.slice(valueAt, end)
    if (name === 'entry' && text.charCodeAt(valueAt) === 91) lines = linesOfEntries(text, valueAt, type)
    return end
  })
  return isBundle ? (lines ?? '') : `${text}\n`
}

const linesOfEntries = (text: string, open: number, type: string): string => {
  let lines = ''
  walkArray(text, open, (at) => {
    const end = valueEnd(text, at)
    lines += `${resourceOf(text, at) ?? `{"resourceType":"Bundle","type":${type},"entry":[${text.slice(at, end)}]}`}\n`
    return end
  })
  return lines
}

const resourceOf = (text: string, entry: number): string | undefined => {
  let resource: string | undefined
  walkObject(text, entry, (name, _nameAt, valueAt) => {
    const end = valueEnd(text, valueAt)
    if (name !== 'resource') return end
    resource = text.slice(valueAt, end)
    return -1
  })
  return resource
}

/** The links of a Bundle in compact, valid JSON. */
export const bundleLinks = (text: string): readonly { readonly relation: string; readonly url: string }[] => {
  let links: readonly { readonly relation: string; readonly url: string }[] = []
  walkObject(text, 0, (name, _nameAt, valueAt) => {
    const end = valueEnd(text, valueAt)
    if (name !== 'link') return end
    links = JSON.parse(text.slice(valueAt, end))
    return -1
  })
  return links
}
