/** RxNorm's RRF files: https://www.nlm.nih.gov/research/umls/rxnorm/docs/techdoc.html */
import { oneFile, optionalFile, type SourceFile } from './folder.ts'
import { barred } from './lines.ts'
import { type ConceptRow, type Loading, textProperty } from './row.ts'

/** Columns of RXNCONSO and RXNREL by their place. */
const conso = { rxcui: 0, language: 1, source: 11, type: 12, text: 14, suppress: 16 }
const rel = { below: 0, relation: 3, above: 4, name: 7, source: 10 }

export const rxnorm = (files: readonly SourceFile[], version: string | undefined): Loading => ({
  url: 'http://www.nlm.nih.gov/research/umls/rxnorm',
  ...(version === undefined ? {} : { version }),
  name: 'RxNorm',
  properties: ['TTY', 'relation'].map((code) => ({ code, type: 'string' })),
  rows: () => rows(files),
})

/** The names of a concept that are other forms of it. */
const other = new Set(['SY', 'TMSY', 'ET', 'PSN'])

async function* rows(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const names = oneFile(files, /^RXNCONSO\.RRF$/i, 'RXNCONSO.RRF')
  for await (const row of barred(names.lines)) {
    if (row[conso.source] !== 'RXNORM') continue
    const [code = '', text = '', type = ''] = [row[conso.rxcui], row[conso.text], row[conso.type]]
    if (other.has(type)) yield { code, partial: true, designations: [{ language: 'en', value: text }] }
    else {
      const inactive = row[conso.suppress] === 'O' || row[conso.suppress] === 'Y'
      yield { code, display: text, inactive, properties: textProperty('TTY', type) }
    }
  }
  const relations = optionalFile(files, /^RXNREL\.RRF$/i)
  if (!relations) return
  for await (const row of barred(relations.lines)) {
    const [one = '', two = '', name = ''] = [row[rel.below], row[rel.above], row[rel.name]]
    if (row[rel.source] !== 'RXNORM' || one === '' || two === '') continue
    // RXCUI2 stands in the relation to RXCUI1.
    if (name === 'isa') yield { code: two, partial: true, parents: [one] }
    else if (name !== 'inverse_isa' && name !== '')
      yield { code: two, partial: true, properties: textProperty('relation', `${name}|${one}`) }
  }
}
