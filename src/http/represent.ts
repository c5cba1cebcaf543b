/** The text of a resource in the form that was asked for: http://hl7.org/fhir/R4/http.html#mime-type */
import { setImmediate as nextTurn } from 'node:timers/promises'
import { bundleLinks, ndjsonOf } from '../fhir/ndjson.ts'
import type { Xml } from '../fhir/xml/xml.ts'
import type { Form } from './negotiate.ts'
import { pretty } from './pretty.ts'

/** Milliseconds after which others get their turn. */
const longest = 5

/** `text` is one resource in compact JSON. Long XML takes several turns. NDJSON is never indented: lines divide it. */
export const represent = (
  text: string,
  form: Form,
  manner: { readonly pretty: boolean; readonly xml: Xml },
): string | Promise<string> => {
  if (form === 'xml') return inTurns(manner.xml.write(text, manner))
  if (form === 'ndjson') return ndjsonOf(text)
  return manner.pretty ? pretty(text) : text
}

const inTurns = async (pieces: Iterable<string>): Promise<string> => {
  let whole = ''
  let since = performance.now()
  for (const piece of pieces) {
    whole += piece
    if (performance.now() - since < longest) continue
    await nextTurn()
    since = performance.now()
  }
  return whole
}

/** The links of a Bundle as a header (RFC 8288), as lines of resources have no place for them. */
export const ndjsonLinks = (text: string): string =>
  bundleLinks(text)
    .map(({ relation, url }) => `<${url}>; rel="${relation}"`)
    .join(', ')
