/** Lines and columns of elements in a resource as it was sent: http://hl7.org/fhir/R4/operationoutcome.html */
import { locateJson } from './json/locate.ts'
import type { Position } from './json/position.ts'
import { type Sought, soughtIn } from './sought.ts'
import { locateXml } from './xml/locate.ts'

/**
 * A resource as it was sent, in JSON, or in XML when `xml` has the document from which the JSON was made. The first
 * line begins with `lead` characters that were not sent.
 */
export type Sent = { readonly text: string; readonly xml?: string; readonly lead?: number }

/** `Patient.name[0].family` is `['name', '0', 'family']`. */
export const pathOf = (expression: string): readonly string[] =>
  (expression.match(/[^.[\]`]+|`[^`]*`/g) ?? []).slice(1)

/** For each path its position, or that of the nearest element around it that is there. */
export const positionsOf = (
  { text, xml, lead = 0 }: Sent,
  paths: readonly (readonly string[])[],
): readonly Position[] => {
  const { root, chains } = soughtIn(paths)
  if (xml === undefined) locateJson(text, root)
  else locateXml(xml, root)
  const offsets = chains.map((chain) => Math.max(nearestOf(chain)?.at ?? 0, 0))
  const known = positionsAt(xml ?? text, offsets)
  return offsets.map((offset) => {
    const { line, column } = known.get(offset) as Position
    return { line, column: line === 1 ? Math.max(column - lead, 1) : column }
  })
}

/** Deepest that was found; what is below something absent is absent. */
const nearestOf = (chain: readonly Sought[]): Sought | undefined => chain.findLast(({ at }) => at >= 0)

/** In one look at the text, however many there are. Columns count UTF-16 units. */
const positionsAt = (text: string, offsets: readonly number[]): ReadonlyMap<number, Position> => {
  const known = new Map<number, Position>()
  let [line, lineStart, next] = [1, 0, text.indexOf('\n')]
  for (const offset of [...new Set(offsets)].sort((a, b) => a - b)) {
    while (next >= 0 && next < offset) {
      line++
      lineStart = next + 1
      next = text.indexOf('\n', lineStart)
    }
    known.set(offset, { line, column: offset - lineStart + 1 })
  }
  return known
}
