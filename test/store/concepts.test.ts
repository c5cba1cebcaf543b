import t from 'tap'
import { noCanonicals } from '../../src/fhir/definitions/posted.ts'
import { createConcepts, loadConcepts, removeConcepts } from '../../src/store/index.ts'
import {
  type ConceptRow,
  createTerminology,
  expand,
  type Loading,
  lookup,
  subsumes,
  systemOf,
  valueSetOf,
} from '../../src/terminology/index.ts'
import { openDatabase } from '../support/store.ts'

const loading = (list: readonly ConceptRow[], version = '1'): Loading => ({
  url: 'http://snomed.info/sct',
  version,
  name: 'SNOMED CT',
  properties: [],
  rows: async function* () {
    yield* list
  },
})
const rows: ConceptRow[] = [
  { code: '100000', display: 'Root' },
  { code: '200000', display: 'Finding of heart', parents: ['100000'] },
  { code: '300000', display: 'Disorder of lung', parents: ['100000'] },
  {
    code: '400000',
    display: 'Both of them',
    parents: ['200000', '300000'],
    properties: [{ code: 'refset', kind: 'code', text: '777777' }],
  },
  { code: '500000', display: 'Gone', inactive: true },
  { code: '400000', partial: true, designations: [{ language: 'de', value: 'Beides' }] },
  { code: '999999', partial: true, display: 'Of nothing' },
]

t.test('stored systems', async (t) => {
  const database = await openDatabase(t)
  t.same(await loadConcepts(database, 0, loading(rows), () => {}), { count: 5, circular: 0 })
  const open = async () => {
    const source = createConcepts(database)
    const terminology = createTerminology(() => noCanonicals, source)
    const scope = await terminology.scope(1)
    const system = systemOf(scope, 'http://snomed.info/sct')
    if (system.kind !== 'stored') throw new Error('not loaded')
    const codes = async (url: string, options = {}) => {
      const { expansion } = await expand(
        source,
        valueSetOf(scope, `http://snomed.info/sct?fhir_vs${url}`),
        options,
        0,
      )
      return expansion?.contains?.map(({ code }) => code) ?? []
    }
    return { source, terminology, scope, system, codes }
  }
  const { source, terminology, scope, system, codes } = await open()

  t.same(
    await subsumes(source, system, [
      ['100000', '400000'],
      ['400000', '300000'],
      ['200000', '300000'],
      ['200000', '200000'],
    ]),
    [...['subsumes', 'subsumed-by', 'not-subsumed', 'equivalent']],
  )
  t.match(await subsumes(source, system, [['1', '200000']]), [{ reason: /no code "1"/ }])
  t.match(await lookup(source, system, '400000', [], 'de'), {
    display: 'Beides',
    properties: [
      { code: 'refset' },
      { code: 'inactive' },
      { code: 'parent', text: '200000', description: 'Finding of heart' },
      { text: '300000' },
    ],
  })

  t.same(await codes(''), ['100000', '200000', '400000', '300000', '500000'])
  t.same(await codes('', { activeOnly: true, count: 2, offset: 2 }), ['400000', '300000'])
  t.same(await codes('=isa/300000'), ['400000', '300000'])
  t.same(await codes('=isa/100000', { filter: 'of hea' }), ['200000'])
  t.same(await codes('=refset/777777'), ['400000'])
  t.same(await codes('=ecl/%3C%20200000%20AND%20%3C%20300000'), ['400000'])
  t.same(await codes('=ecl/%3C%3C100000%20MINUS%20%3C%3C300000'), ['100000', '200000'])
  t.same(await codes('=ecl/(%3C!100000)%20OR%20%5E777777'), ['200000', '300000', '400000'])
  t.same(await codes('=ecl/%3E400000'), ['100000', '200000', '300000'])
  t.throws(() => valueSetOf(scope, 'http://snomed.info/sct?fhir_vs=ecl/%3C%3C'), {
    status: 422,
    message: /a concept is missing/,
  })

  const member = terminology.membership(1)
  t.match(
    await member.ask([
      {
        valueSet: 'http://snomed.info/sct?fhir_vs=isa/200000',
        value: { system: system.url, code: '400000' },
      },
      {
        valueSet: 'http://snomed.info/sct?fhir_vs=isa/200000',
        value: { system: system.url, code: '300000' },
      },
      { value: { system: system.url, code: '500000' } },
      { value: { system: system.url, code: '999999' } },
    ]),
    [
      { result: 'yes', display: 'Both of them' },
      { result: 'no' },
      { result: 'yes', inactive: true },
      { result: 'no' },
    ],
  )

  // The same version again takes the place of the old one at once; another tenant's own is not seen.
  await loadConcepts(database, 0, loading([{ code: '100000', display: 'New' }]), () => {})
  await loadConcepts(database, 7, loading([{ code: '700000', display: 'Own' }], '2'), () => {})
  const later = await open()
  t.same(await later.codes(''), ['100000'])
  t.equal(await removeConcepts(database, 0, system.url, '1'), true)
  t.equal(await removeConcepts(database, 0, system.url, '1'), false)
  await t.rejects(open(), { message: 'not loaded' })
})

t.test('a load that was broken off goes on', async (t) => {
  const database = await openDatabase(t)
  const many = Array.from(
    { length: 2500 },
    (_, n): ConceptRow => ({ code: `c${n}`, ...(n > 0 ? { parents: [`c${n >> 1}`] } : {}) }),
  )
  const broken: Loading = {
    ...loading(many),
    rows: async function* () {
      yield* many.slice(0, 1500)
      throw new Error('the disk went away')
    },
  }
  await t.rejects(
    loadConcepts(database, 0, broken, () => {}),
    { message: /disk/ },
  )
  t.same(await createConcepts(database).systems(1), [], 'half of it is not seen')
  t.match(await loadConcepts(database, 0, loading(many), () => {}), { count: 2500 })
  t.match(await createConcepts(database).systems(1), [{ count: 2500 }])
})

t.test('what stands above itself is cut', async (t) => {
  const database = await openDatabase(t)
  const ring = [
    { code: 'a', parents: ['b'] },
    { code: 'b', parents: ['a'] },
  ]
  t.match(await loadConcepts(database, 0, loading(ring), () => {}), { count: 2, circular: 1 })
})
