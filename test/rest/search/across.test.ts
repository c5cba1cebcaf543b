/** Searches of several types: of the server, and of compartments. http://hl7.org/fhir/R4/http.html#search */
import t from 'tap'
import type { Request } from '../../../src/rest/index.ts'
import { base, batch, openRest, refusal, resourceOf, transaction } from '../../support/rest.ts'

type Entry = { resource: { resourceType: string; id: string } }

type Linked = { entry?: Entry[]; link: { relation: string; url: string }[] }

const put = (resource: { resourceType: string; id: string }): object => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
})
const ref = (reference: string): object => ({ reference })
const code = { coding: [{ system: 'http://loinc.org', code: '1234-5' }] }

t.test('across types', async (t) => {
  const { perform } = await openRest(t)
  const ground = [
    ...['1', '2'].map((id) => ({
      resourceType: 'Patient',
      id,
      meta: { tag: [{ system: 'http://x', code: id === '1' ? 'a' : 'b' }] },
    })),
    ...['1', '2', '3', '4'].map((id, n) => ({
      resourceType: 'Observation',
      id,
      status: 'final',
      code,
      meta: { tag: [{ system: 'http://x', code: n % 2 === 0 ? 'a' : 'b' }] },
      ...(n < 3
        ? { subject: ref('Patient/1') }
        : { performer: [ref('Patient/1')], subject: ref('Patient/2') }),
    })),
    {
      resourceType: 'Encounter',
      id: '1',
      status: 'finished',
      class: { code: 'AMB' },
      subject: ref('Patient/1'),
    },
    { resourceType: 'Medication', id: '1', code },
  ]
  await perform(transaction(ground.map(put)))

  const ask = (query: string, more: Partial<Request> = {}): Request => ({
    interaction: more.type === undefined ? 'search-system' : 'search-type',
    query: [...new URLSearchParams(query)],
    ...more,
  })
  const names = (bundle: { entry?: Entry[] }): string[] =>
    (bundle.entry ?? []).map(({ resource }) => `${resource.resourceType}/${resource.id}`)
  const found = async (query: string, more: Partial<Request> = {}) =>
    names(resourceOf(await perform(ask(query, more)))).sort()

  /** All pages forth, then back from the last. */
  const walk = async (query: string, more: Partial<Request> = {}) => {
    const pages: string[][] = []
    let next: string | undefined = query
    let last: Linked | undefined
    while (next !== undefined) {
      const bundle: Linked = resourceOf(await perform(ask(next, more)))
      pages.push(names(bundle))
      last = bundle
      next = bundle.link.find(({ relation }) => relation === 'next')?.url.split('?')[1]
    }
    let back = last?.link.find(({ relation }) => relation === 'previous')?.url.split('?')[1]
    const backwards: string[][] = []
    while (back !== undefined) {
      const bundle: Linked = resourceOf(await perform(ask(back, more)))
      backwards.unshift(names(bundle))
      back = bundle.link.find(({ relation }) => relation === 'previous')?.url.split('?')[1]
    }
    t.same(backwards.flat(), pages.slice(0, -1).flat(), query)
    return pages.flat()
  }

  await t.test('_type chooses, common parameters select, everything is counted', async (t) => {
    t.same(await found('_type=Patient,Medication'), ['Medication/1', 'Patient/1', 'Patient/2'])
    t.same(await found('_tag=a'), ['Observation/1', 'Observation/3', 'Patient/1'])
    t.same(await found('_type=Patient&_tag=a,b'), ['Patient/1', 'Patient/2'])
    t.same(await found('_id=1'), ['Encounter/1', 'Medication/1', 'Observation/1', 'Patient/1'])
    t.same(await found('_id=1&_tag:not=a&_type=Patient,Encounter'), ['Encounter/1'])
    t.same(await found('_type=Observation,Encounter&subject=Patient/1'), [
      'Encounter/1',
      'Observation/1',
      'Observation/2',
      'Observation/3',
    ])
    for (const query of ['_total=accurate&_count=1', '_summary=count', '_summary=count&_lastUpdated=ge2000'])
      t.equal(resourceOf(await perform(ask(query))).total, 8, query)
    t.equal(resourceOf(await perform(ask('_summary=count&_tag=b'))).total, 3)
  })

  await t.test('pages are the whole, in each order', async (t) => {
    for (const sort of ['', '&_sort=_id', '&_sort=-_id', '&_sort=_lastUpdated', '&_sort=-_lastUpdated'])
      for (const query of [`_count=3${sort}`, `_count=2${sort}&_tag=a,b`, `_count=1${sort}&_id=1`]) {
        const all = await walk(query)
        t.equal(new Set(all).size, all.length, query)
        t.equal(all.length, query.includes('_id=1') ? 4 : query.includes('_tag') ? 6 : 8, query)
      }
  })

  await t.test('compartments', async (t) => {
    const compartment = { type: 'Patient', id: '1' }
    t.same(await found('', { type: 'Observation', compartment }), [
      'Observation/1',
      'Observation/2',
      'Observation/3',
      'Observation/4',
    ])
    t.same(await found('_tag=a', { type: 'Observation', compartment }), ['Observation/1', 'Observation/3'])
    t.same(await found('', { type: 'Patient', compartment }), ['Patient/1'])
    t.same(await found('', { compartment }), [
      'Encounter/1',
      'Observation/1',
      'Observation/2',
      'Observation/3',
      'Observation/4',
      'Patient/1',
    ])
    t.same(await found('_type=Encounter', { compartment }), ['Encounter/1'])
    const outside = await refusal(perform(ask('_type=Encounter,Medication', { compartment })))
    t.match(outside.issues[0], {
      code: 'value',
      diagnostics: /Medication are in no compartment of a Patient/,
    })
    t.same(await found('', { compartment: { type: 'Patient', id: 'nobody' } }), [])
    t.same(await found('', { type: 'Observation', compartment: { type: 'Encounter', id: '1' } }), [])
    t.equal((await walk('_count=1', { compartment })).length, 6)
    const { link } = resourceOf(await perform(ask('_count=1', { compartment })))
    t.equal(link[0].url, `${base}/Patient/1/*?_count=1`)
  })

  await t.test('a batch may search compartments and the server', async (t) => {
    const entries = ['Patient/1/Observation?_tag=a', 'Patient/1/*', '?_type=Patient'].map((url) => ({
      request: { method: 'GET', url },
    }))
    const { entry } = resourceOf(await perform(batch(entries)))
    const sizes = entry.map(({ resource }: { resource: Linked }) => resource.entry?.length)
    t.same(sizes, [2, 6, 2])
  })

  await t.test('_list selects the entries of Lists', async (t) => {
    const entry = ['Patient/2', 'Observation/1'].map((item) => ({ item: ref(item) }))
    const list = { resourceType: 'List', id: 'l', status: 'current', mode: 'working', entry }
    await perform(transaction([put(list)]))
    t.same(await found('_list=l', { type: 'Patient' }), ['Patient/2'])
    t.same(await found('_list=List/l&_tag=a', { type: 'Patient' }), [])
    t.same(await found('_list=l&_type=Patient,Observation'), ['Observation/1', 'Patient/2'])
    t.equal((await refusal(perform(ask('_list=$current-problems')))).status, 400)
    t.same(await found('_contained=true', { type: 'Patient' }), [])
    t.same(await found('_contained=false', { type: 'Patient' }), ['Patient/1', 'Patient/2'])
  })

  await t.test('what cannot be searched is refused', async (t) => {
    t.equal((await refusal(perform(ask('_type=Nothing')))).status, 400)
    const unsorted = await refusal(perform(ask('_type=Patient&_sort=')))
    t.match(unsorted.issues[0], { code: 'value', diagnostics: /"_sort" has an empty value/ })
    const none = await refusal(perform(ask('_type=Patient,Encounter&nothing=1')))
    t.match(none.issues[0], {
      diagnostics: /^No type of this search .*"nothing".* All .* can by: .*identifier/,
    })
    const some = await refusal(perform(ask('_type=Patient,Medication,Encounter&birthdate=2000')))
    t.match(some.issues[0], {
      diagnostics: /^Encounter, Medication cannot be .* by "birthdate". These can: Patient; name/,
    })
    t.equal((await refusal(perform(ask('birthdate=2000')))).status, 400)
    const medication = ask('', { type: 'Medication', compartment: { type: 'Patient', id: '1' } })
    t.equal((await refusal(perform(medication))).status, 404)
    t.equal((await refusal(perform(ask('', { compartment: { type: 'Group', id: '1' } })))).status, 404)
  })
})
