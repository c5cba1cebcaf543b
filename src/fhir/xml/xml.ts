/** FHIR's XML both ways, by way of JSON text: http://hl7.org/fhir/R4/xml.html */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { invalid } from '../../base/problem.ts'
import type { Definitions } from '../definitions/model.ts'
import { xmlPieces } from './pieces.ts'
import { startReading } from './read.ts'
import { createShapes } from './shape.ts'
import { createWriter } from './write.ts'

export type Xml = {
  /**
   * JSON text of the resource in an XML document, with every number as it was written. Throws Problem 400 with an issue
   * for each place that is wrong, by line and column; 415 when another encoding is declared.
   */
  read(text: string): string
  /** The same, so that others get their turn while it reads a long document. */
  readInTurns(text: string): Promise<string>
  /**
   * An XML document in pieces, to be written one after the other. `text` is one resource in compact, valid JSON. Throws
   * Problem 406 for content that R4 does not define.
   */
  write(text: string, options?: { readonly pretty?: boolean }): Iterable<string>
}

/** Characters that are read in one turn: a millisecond or two. */
const turn = 65_536

export const createXml = (definitions: Definitions): Xml => {
  const shapes = createShapes(definitions)
  const writer = createWriter(shapes)
  const start = (text: string) => {
    if (/^[ \t\r\n]*$/.test(text)) throw invalid('The body is empty; send one resource in XML.')
    return startReading(text, shapes)
  }
  return {
    read: (text) => {
      const reading = start(text)
      return reading.end()
    },
    readInTurns: async (text) => {
      const reading = start(text)
      for (let at = 0; at < text.length; at += turn) {
        if (at > 0) await nextTurn()
        reading.advance(Math.min(at + turn, text.length))
      }
      return reading.end()
    },
    write: (text, { pretty = false } = {}) => xmlPieces(text, shapes, writer, pretty),
  }
}
