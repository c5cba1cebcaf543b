/** SNOMED CT in release format 2, the snapshot: https://confluence.ihtsdotools.org/display/DOCRELFMT */
import type { Designation, PropertyDefinition } from '../system.ts'
import { allFiles, type SourceFile } from './folder.ts'
import { tabbed } from './lines.ts'
import { type ConceptRow, LoadError, type Loading, textProperty } from './row.ts'

const isA = '116680003'
const fullName = '900000000000003001'
const synonym = '900000000000013009'
const preferred = '900000000000548007'
const primitive = '900000000000074008'

const definitions: readonly PropertyDefinition[] = [
  { code: 'moduleId', type: 'code' },
  { code: 'sufficientlyDefined', type: 'boolean' },
  { code: 'effectiveTime', type: 'string' },
  { code: 'refset', type: 'code' },
]

/** `version` is the URI of the edition and date: http://snomed.info/sct/900000000000207008/version/20250101 */
export const snomed = (files: readonly SourceFile[], version: string | undefined): Loading => ({
  url: 'http://snomed.info/sct',
  ...(version === undefined ? {} : { version }),
  name: 'SNOMED CT',
  properties: definitions,
  rows: () => rows(files),
})

/** Files of the snapshot by the beginning of their name: `sct2_Concept_`. */
const snapshot = (files: readonly SourceFile[], kind: string): readonly SourceFile[] =>
  allFiles(files, new RegExp(`^x?${kind}Snapshot.*\\.txt$`, 'i'))

async function* rows(files: readonly SourceFile[]): AsyncGenerator<ConceptRow> {
  const concepts = snapshot(files, 'sct2_Concept_')
  if (concepts.length === 0)
    throw new LoadError('There is no sct2_Concept_…Snapshot….txt in what is to be loaded.')
  for (const { path, lines } of concepts)
    for await (const row of tabbed(path, lines, [
      'id',
      'effectiveTime',
      'active',
      'moduleId',
      'definitionStatusId',
    ]))
      yield {
        code: row.get('id') ?? '',
        inactive: row.get('active') !== '1',
        properties: [
          ...textProperty('moduleId', row.get('moduleId'), 'code'),
          ...textProperty(
            'sufficientlyDefined',
            String(row.get('definitionStatusId') !== primitive),
            'boolean',
          ),
          ...textProperty('effectiveTime', row.get('effectiveTime')),
        ],
      }
  const best = await preferredTerms(files)
  for (const { path, lines } of [
    ...snapshot(files, 'sct2_Description_'),
    ...snapshot(files, 'sct2_TextDefinition_'),
  ])
    for await (const row of tabbed(path, lines, [
      'id',
      'active',
      'conceptId',
      'languageCode',
      'typeId',
      'term',
    ]))
      if (row.get('active') === '1')
        yield description(row.get('conceptId') ?? '', row, best.size === 0 || best.has(row.get('id') ?? ''))
  for (const { path, lines } of snapshot(files, 'sct2_Relationship_'))
    for await (const row of tabbed(path, lines, ['active', 'sourceId', 'destinationId', 'typeId']))
      if (row.get('active') === '1' && row.get('typeId') === isA)
        yield { code: row.get('sourceId') ?? '', partial: true, parents: [row.get('destinationId') ?? ''] }
  for (const { path, lines } of snapshot(files, 'der2_Refset_Simple'))
    for await (const row of tabbed(path, lines, ['active', 'refsetId', 'referencedComponentId']))
      if (row.get('active') === '1')
        yield {
          code: row.get('referencedComponentId') ?? '',
          partial: true,
          properties: textProperty('refset', row.get('refsetId'), 'code'),
        }
}

/** Ids of the descriptions that the language reference sets prefer. */
const preferredTerms = async (files: readonly SourceFile[]): Promise<ReadonlySet<string>> => {
  const found = new Set<string>()
  for (const { path, lines } of snapshot(files, 'der2_cRefset_Language'))
    for await (const row of tabbed(path, lines, ['active', 'referencedComponentId', 'acceptabilityId']))
      if (row.get('active') === '1' && row.get('acceptabilityId') === preferred)
        found.add(row.get('referencedComponentId') ?? '')
  return found
}

const description = (
  code: string,
  row: { get(column: string): string | undefined },
  isPreferred: boolean,
): ConceptRow => {
  const [term = '', language = '', typeId] = [row.get('term'), row.get('languageCode'), row.get('typeId')]
  if (typeId !== fullName && typeId !== synonym) return { code, partial: true, definition: term }
  const use = {
    system: 'http://snomed.info/sct',
    code: typeId,
    display: typeId === fullName ? 'Fully specified name' : 'Synonym',
  }
  const designations: readonly Designation[] = [{ language, use, value: term }]
  // Without reference sets of languages the first synonym in English stands.
  const isDisplay = typeId === synonym && language === 'en' && isPreferred
  return { code, partial: true, designations, ...(isDisplay ? { display: term } : {}) }
}
