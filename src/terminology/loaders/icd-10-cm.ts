/** ICD-10-CM's order file, whose hierarchy is in the codes: https://www.cms.gov/medicare/coding-billing/icd-10-codes */
import { oneFile, type SourceFile } from './folder.ts'
import { type ConceptRow, LoadError, type Loading } from './row.ts'

export const icd10cm = (files: readonly SourceFile[], version: string | undefined): Loading => ({
  url: 'http://hl7.org/fhir/sid/icd-10-cm',
  ...(version === undefined ? {} : { version }),
  name: 'ICD-10-CM',
  properties: [],
  rows: () => rows(files),
})

const dotted = (code: string): string => (code.length > 3 ? `${code.slice(0, 3)}.${code.slice(3)}` : code)

/** Number, code, 1 when it is a code to bill with, short and long text, at fixed places. */
async function* rows(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const { path, lines } = oneFile(files, /^icd10cm[_-]order[_-]?\d*.*\.txt$/i, 'icd10cm_order_….txt')
  if (/\.xml$/i.test(path))
    throw new LoadError(
      `${path} is the tabular list in XML; load the order file of the release, icd10cm_order_….txt.`,
    )
  const above: string[] = []
  for await (const line of lines()) {
    if (line.trim() === '') continue
    const code = line.slice(6, 14).trim()
    const display = line.slice(77).trim()
    if (!/^[A-Z][0-9][0-9A-Z]{1,5}$/.test(code) || display === '')
      throw new LoadError(`${path} has a line without a code and its text: "${line.slice(0, 60)}".`)
    while (above.length > 0 && !code.startsWith(above.at(-1)!)) above.pop()
    const parent = above.at(-1)
    above.push(code)
    const short = line.slice(16, 77).trim()
    yield {
      code: dotted(code),
      display,
      abstract: line[14] === '0',
      ...(short === display || short === '' ? {} : { designations: [{ language: 'en', value: short }] }),
      parents: parent === undefined ? [] : [dotted(parent)],
    }
  }
}
