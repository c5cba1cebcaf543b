/** A resource's JSON text as XML in pieces, a big Bundle entry by entry, so that nobody else has to wait for all of it. */
import { parseLossless } from '../json/lossless.ts'
import { skipSpace, valueEnd } from '../json/scan.ts'
import { memberOf } from '../json/stamp.ts'
import type { JsonObject } from '../json/value.ts'
import { walkObject } from '../json/walk.ts'
import type { Shapes } from './shape.ts'
import { deeper, rootTag, type Writer } from './write.ts'

const declaration = '<?xml version="1.0" encoding="UTF-8"?>'

/** Below this many characters a Bundle is written at once. */
const small = 32_768

/**
 * The pieces of an XML document, one after the other. `text` is one resource in compact, valid JSON; numbers stay as
 * they stand in it. Throws Problem 406 for content that R4 does not define.
 */
export const xmlPieces = function* (
  text: string,
  shapes: Shapes,
  writer: Writer,
  isPretty: boolean,
): Generator<string> {
  const gap = isPretty ? '\n' : ''
  const end = isPretty ? '\n' : ''
  if (text.length < small || memberOf(text, 'resourceType') !== 'Bundle') {
    yield declaration + gap + writer.resource(parseLossless(text), gap, true) + end
    return
  }
  const { shell, entriesAt } = openBundle(text)
  const bundle = shapes.of('Bundle')
  const entryOrder = bundle.members.get('entry')!.order
  const part = (isPart: (order: number) => boolean): string => {
    const members = Object.entries(shell).filter(
      ([name]) => name !== 'resourceType' && isPart(bundle.members.get(name)?.order ?? 0),
    )
    return writer.content(bundle, Object.fromEntries(members), deeper(gap))
  }
  yield `${declaration}${gap}${rootTag('Bundle')}>${part((order) => order < entryOrder)}`
  for (const entry of entriesOf(text, entriesAt))
    yield writer.content(bundle, { entry: [parseLossless(entry)] }, deeper(gap))
  yield `${part((order) => order > entryOrder)}${gap}</Bundle>${end}`
}

/** All of the Bundle but its entries, and where their array begins (-1 without one). */
const openBundle = (text: string): { readonly shell: JsonObject; readonly entriesAt: number } => {
  const kept: string[] = []
  let entriesAt = -1
  walkObject(text, 0, (name, nameAt, valueAt) => {
    const to = valueEnd(text, valueAt)
    if (name === 'entry') entriesAt = valueAt
    else kept.push(text.slice(nameAt, to))
    return to
  })
  return { shell: parseLossless(`{${kept.join(',')}}`), entriesAt }
}

const entriesOf = function* (text: string, open: number): Generator<string> {
  if (open < 0 || text.charCodeAt(open) !== 91) return
  let at = skipSpace(text, open + 1)
  while (at < text.length && text.charCodeAt(at) !== 93) {
    const to = valueEnd(text, at)
    yield text.slice(at, to)
    at = skipSpace(text, to)
    if (text.charCodeAt(at) === 44) at = skipSpace(text, at + 1)
  }
}
