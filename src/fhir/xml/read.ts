/** FHIR XML as FHIR JSON text, in one pass over the document: https://www.w3.org/TR/xml/ and xml-names. */
import { SaxesParser } from 'saxes'
import { unsupportedMediaType } from '../../base/problem.ts'
import { createElements } from './elements.ts'
import { createFaults, shown } from './faults.ts'
import { startPlain } from './plain.ts'
import type { Shapes } from './shape.ts'

/** A document on its way. `advance` reads up to the limit and is told in order; both throw a Problem. */
type Reading = { advance(limit: number): void; end(): string }

/**
 * Reads `text`, which is all of the document: what is plain without a parser, and everything else with one. Throws
 * Problem 400 with every place that is wrong, 415 for an encoding.
 */
export const startReading = (text: string, shapes: Shapes): Reading => {
  const elements = createElements(text, shapes)
  const scan = startPlain(text, elements)
  let parsed: Reading | undefined
  return {
    advance: (limit) => {
      if (parsed === undefined && scan(limit) === 'unusual') parsed = startParsing(text, shapes)
      parsed?.advance(limit)
    },
    end: () => {
      if (parsed === undefined && scan(text.length) === 'done') return elements.end()
      parsed ??= startParsing(text, shapes)
      parsed.advance(text.length)
      return parsed.end()
    },
  }
}

/** With a parser that knows all of XML. */
const startParsing = (text: string, shapes: Shapes): Reading => {
  const parser = new SaxesParser({
    xmlns: true,
    position: false,
    defaultXMLVersion: '1.0',
    forceXMLVersion: true,
  })
  const faults = createFaults(text)
  const elements = createElements(text, shapes, faults)
  let at = 0
  const take = (written: string): void => elements.take(written, parser.position)
  parser.on('opentag', (tag) => elements.enter(tag, parser.position))
  parser.on('closetag', () => elements.leave(parser.position))
  parser.on('text', take)
  parser.on('cdata', take)
  parser.on('xmldecl', ({ encoding }) => checkEncoding(encoding))
  parser.on('doctype', () =>
    faults.stop('security', Math.max(text.lastIndexOf('<!DOCTYPE', parser.position), 0), noDoctype),
  )
  parser.on('error', ({ message }) =>
    faults.stop(
      'invalid',
      Math.max(parser.position - 1, 0),
      `this is not well-formed XML: ${shown(message)}`,
    ),
  )
  return {
    advance: (limit) => {
      if (limit <= at) return
      parser.write(text.slice(at, limit))
      at = limit
    },
    end: () => {
      parser.close()
      return elements.end()
    },
  }
}

const noDoctype =
  'a document type declaration is not allowed in FHIR; remove it, and write characters instead of entities.'

/** The text was decoded before, as FHIR's is always UTF-8; a document that claims something else was written otherwise. */
const checkEncoding = (encoding: string | undefined): void => {
  if (encoding === undefined || /^(?:utf-?8|us-ascii)$/i.test(encoding)) return
  throw unsupportedMediaType('The XML declares an encoding that is not read here; write it in UTF-8.')
}
