import t from 'tap'
import { type ConceptRow, openLoading, type SourceFile } from '../../src/terminology/index.ts'

const file = (path: string, text: string): SourceFile => ({
  path,
  lines: async function* () {
    yield* text.split('\n')
  },
})
const rows = async (format: string, files: SourceFile[], options = {}): Promise<ConceptRow[]> =>
  Array.fromAsync((await openLoading(format, files, options)).rows())

t.test('LOINC: codes, hierarchy, answers and languages', async (t) => {
  const found = await rows('loinc', [
    file(
      'LoincTable/Loinc.csv',
      'LOINC_NUM,COMPONENT,STATUS,SHORTNAME,LONG_COMMON_NAME\n"1-8","A ""b"", c",ACTIVE,Ab,"One, two"\n2-6,X,DEPRECATED,,Old',
    ),
    file(
      'a/ComponentHierarchyBySystem.csv',
      'PATH_TO_ROOT,SEQUENCE,IMMEDIATE_PARENT,CODE,CODE_TEXT\n,1,,LP1-1,Root\nLP1-1,1,LP1-1,1-8,x',
    ),
    file(
      'a/AnswerList.csv',
      'AnswerListId,AnswerListName,AnswerStringId,DisplayText\nLL1-9,Yes no,LA33-6,Yes',
    ),
    file('a/deDE15LinguisticVariant.csv', 'LOINC_NUM,LONG_COMMON_NAME\n1-8,Eins'),
  ])
  t.match(found, [
    {
      code: '1-8',
      display: 'One, two',
      inactive: false,
      designations: [{ value: 'Ab' }],
      properties: [{ code: 'COMPONENT', text: 'A "b", c' }, {}],
    },
    { code: '2-6', inactive: true },
    { code: 'LP1-1', display: 'Root', parents: [] },
    { code: '1-8', partial: true, parents: ['LP1-1'] },
    { code: 'LL1-9', abstract: true },
    { code: 'LA33-6', display: 'Yes', properties: [{ code: 'answer-list', text: 'LL1-9' }] },
    { code: '1-8', partial: true, designations: [{ language: 'de-DE', value: 'Eins' }] },
  ])
})

t.test('SNOMED CT: concepts, terms, is-a and reference sets', async (t) => {
  const tabs = (...lines: string[]): string =>
    lines.map((line) => line.replaceAll(' ', '\t').replaceAll('_', ' ')).join('\n')
  const found = await rows('snomed', [
    file(
      'sct2_Concept_Snapshot_X.txt',
      tabs(
        'id effectiveTime active moduleId definitionStatusId',
        '138875005 20020131 1 9 900000000000074008',
        '404684003 20020131 0 9 1',
      ),
    ),
    file(
      'sct2_Description_Snapshot-en_X.txt',
      tabs(
        'id active conceptId languageCode typeId term',
        '11 1 404684003 en 900000000000003001 Clinical_finding_(finding)',
        '12 1 404684003 en 900000000000013009 Clinical_finding',
      ),
    ),
    file(
      'der2_cRefset_LanguageSnapshot-en_X.txt',
      tabs('active referencedComponentId acceptabilityId', '1 12 900000000000548007'),
    ),
    file(
      'sct2_Relationship_Snapshot_X.txt',
      tabs('active sourceId destinationId typeId', '1 404684003 138875005 116680003', '0 1 2 116680003'),
    ),
    file(
      'der2_Refset_SimpleSnapshot_X.txt',
      tabs('active refsetId referencedComponentId', '1 777 404684003'),
    ),
  ])
  t.match(found, [
    {
      code: '138875005',
      inactive: false,
      properties: [{}, { code: 'sufficientlyDefined', text: 'false' }, {}],
    },
    { code: '404684003', inactive: true },
    { partial: true, designations: [{ value: 'Clinical finding (finding)' }] },
    { partial: true, display: 'Clinical finding' },
    { code: '404684003', parents: ['138875005'] },
    { code: '404684003', properties: [{ code: 'refset', text: '777' }] },
  ])
})

t.test('RxNorm: names and is-a', async (t) => {
  const conso = (code: string, type: string, text: string, source = 'RXNORM'): string =>
    `${code}|ENG||||||||||${source}|${type}|${code}|${text}||N|4096|`
  const found = await rows('rxnorm', [
    file(
      'RXNCONSO.RRF',
      [
        conso('1', 'IN', 'Aspirin'),
        conso('1', 'SY', 'ASA'),
        conso('9', 'PT', 'x', 'OTHER'),
        conso('2', 'SCD', 'Aspirin 81 MG'),
      ].join('\n'),
    ),
    file('RXNREL.RRF', '1||CUI|RN|2||CUI|isa|||RXNORM|RXNORM||||\n'),
  ])
  t.match(found, [
    { code: '1', display: 'Aspirin', properties: [{ code: 'TTY', text: 'IN' }] },
    { code: '1', partial: true, designations: [{ value: 'ASA' }] },
    { code: '2', display: 'Aspirin 81 MG' },
    { code: '2', parents: ['1'] },
  ])
})

t.test('ICD-10-CM: the hierarchy of the codes', async (t) => {
  const line = (n: number, code: string, bill: number, short: string, long: string): string =>
    `${String(n).padStart(5, '0')} ${code.padEnd(7)} ${bill} ${short.padEnd(60)} ${long}`
  const found = await rows('icd-10-cm', [
    file(
      'icd10cm_order_2025.txt',
      [
        line(1, 'A00', 0, 'Cholera', 'Cholera'),
        line(2, 'A000', 1, 'Cholera bio', 'Cholera due to bio'),
        line(3, 'A01', 0, 'T', 'Typhoid'),
      ].join('\n'),
    ),
  ])
  t.match(found, [
    { code: 'A00', abstract: true, parents: [] },
    {
      code: 'A00.0',
      display: 'Cholera due to bio',
      abstract: false,
      parents: ['A00'],
      designations: [{ value: 'Cholera bio' }],
    },
    { code: 'A01', parents: [] },
  ])
  await t.rejects(rows('icd-10-cm', [file('icd10cm_order.txt', 'nothing of that kind')]), {
    message: /without a code/,
  })
  await t.rejects(rows('icd-10-cm', [file('icd10cm_tabular_2025.xml', '<a/>')]), {
    message: /load the order file/,
  })
})

t.test('CSV and CodeSystem resources', async (t) => {
  const table = [file('my.csv', 'code,display,parent,colour\na,"A, b",,red\nb,"two\nlines",a,')]
  t.match(await rows('csv', table, { url: 'http://x/c' }), [
    { code: 'a', display: 'A, b', properties: [{ code: 'colour', text: 'red' }] },
    { code: 'b', display: 'two\nlines', parents: ['a'], properties: [] },
  ])
  const json = JSON.stringify({
    resourceType: 'CodeSystem',
    url: 'http://x/j',
    content: 'complete',
    concept: [{ code: 'p', concept: [{ code: 'q' }] }],
  })
  t.match(await rows('codesystem', [file('x.json', json)]), [{ code: 'p' }, { code: 'q', parents: ['p'] }])
})

t.test('what is missing is said', async (t) => {
  await t.rejects(openLoading('other', [], {}), { message: /There is no format other/ })
  await t.rejects(openLoading('csv', [], {}), { message: /--url/ })
  await t.rejects(rows('snomed', []), { message: /There is no sct2_Concept/ })
  await t.rejects(rows('csv', [file('a.csv', 'x,y\n1,2')], { url: 'u' }), {
    message: /no column code, display/,
  })
  await t.rejects(rows('csv', [file('a.csv', 'code,display\n"1,2')], { url: 'u' }), { message: /not closed/ })
})
