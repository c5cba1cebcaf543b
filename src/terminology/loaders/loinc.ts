/** LOINC: LoincTable/Loinc.csv, the hierarchy of its parts, answer lists, and linguistic variants: https://loinc.org/kb/users-guide/ */
import type { PropertyDefinition } from '../system.ts'
import { allFiles, oneFile, optionalFile, type SourceFile } from './folder.ts'
import { commaed } from './lines.ts'
import { type ConceptRow, type Loading, textProperty } from './row.ts'

/** Columns that are properties: http://hl7.org/fhir/R4/loinc.html#4.3.2.3 */
const columns = [
  ...['COMPONENT', 'PROPERTY', 'TIME_ASPCT', 'SYSTEM', 'SCALE_TYP', 'METHOD_TYP', 'CLASS', 'CLASSTYPE'],
  ...['VersionLastChanged', 'STATUS', 'ORDER_OBS', 'EXAMPLE_UCUM_UNITS', 'UNITSREQUIRED'],
]

const definitions: readonly PropertyDefinition[] = [...columns, 'answer-list'].map((code) => ({
  code,
  type: 'string',
}))

export const loinc = (files: readonly SourceFile[], version: string | undefined): Loading => ({
  url: 'http://loinc.org',
  ...(version === undefined ? {} : { version }),
  name: 'LOINC',
  properties: definitions,
  rows: () => rows(files),
})

async function* rows(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const table = oneFile(files, /^Loinc\.csv$/i, 'Loinc.csv')
  for await (const row of commaed(table.path, table.lines, ['LOINC_NUM', 'LONG_COMMON_NAME', 'STATUS'])) {
    const code = row.get('LOINC_NUM') ?? ''
    const other = [row.get('SHORTNAME'), row.get('CONSUMER_NAME'), row.get('DisplayName')]
    yield {
      code,
      display: row.get('LONG_COMMON_NAME') ?? code,
      inactive: row.get('STATUS') === 'DEPRECATED',
      designations: other
        .filter((text) => text !== undefined && text !== '')
        .map((value) => ({ language: 'en', value: value! })),
      properties: columns.flatMap((column) => textProperty(column, row.get(column))),
    }
  }
  const hierarchy = optionalFile(
    files,
    /^(ComponentHierarchyBySystem|MultiAxialHierarchy|MULTI-AXIAL_HIERARCHY)\.csv$/i,
  )
  if (hierarchy)
    for await (const row of commaed(hierarchy.path, hierarchy.lines, [
      'IMMEDIATE_PARENT',
      'CODE',
      'CODE_TEXT',
    ])) {
      const [code = '', parent = ''] = [row.get('CODE'), row.get('IMMEDIATE_PARENT')]
      const display = row.get('CODE_TEXT')
      const isPart = code.startsWith('LP')
      yield {
        code,
        // Parts stand in the hierarchy only.
        ...(isPart ? { display: display ?? code } : { partial: true }),
        parents: parent === '' ? [] : [parent],
      }
    }
  yield* answers(files)
  for (const file of allFiles(files, /^[a-z]{2}[A-Z]{2}\d+LinguisticVariant\.csv$/)) yield* variants(file)
}

async function* answers(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const lists = optionalFile(files, /^AnswerList\.csv$/i)
  if (!lists) return
  for await (const row of commaed(lists.path, lists.lines, [
    'AnswerListId',
    'AnswerListName',
    'AnswerStringId',
    'DisplayText',
  ])) {
    const [list = '', code = ''] = [row.get('AnswerListId'), row.get('AnswerStringId')]
    yield { code: list, display: row.get('AnswerListName') ?? list, abstract: true }
    if (code !== '')
      yield { code, display: row.get('DisplayText') ?? code, properties: textProperty('answer-list', list) }
  }
}

async function* variants({ path, lines }: SourceFile): AsyncGenerator<ConceptRow> {
  const [, language, country] = /([a-z]{2})([A-Z]{2})\d+LinguisticVariant/.exec(path) ?? []
  for await (const row of commaed(path, lines, ['LOINC_NUM', 'LONG_COMMON_NAME'])) {
    const value = row.get('LONG_COMMON_NAME') || row.get('LinguisticVariantDisplayName')
    if (value)
      yield {
        code: row.get('LOINC_NUM') ?? '',
        partial: true,
        designations: [{ language: `${language}-${country}`, value }],
      }
  }
}
