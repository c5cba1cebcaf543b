/** What comes along with the matches: http://hl7.org/fhir/R4/search.html#revinclude */
import t from 'tap'
import { base, openRest, refusal, resourceOf, transaction } from '../../support/rest.ts'

type Entry = { fullUrl?: string; resource: { resourceType: string; id: string }; search: { mode: string } }

const put = (resource: { resourceType: string; id: string }): object => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
})

const ref = (reference: string): object => ({ reference })

const code = { coding: [{ system: 'http://loinc.org', code: '1234-5' }] }

const ground = [
  { resourceType: 'Organization', id: 'top', name: 'Top' },
  { resourceType: 'Organization', id: 'middle', name: 'Middle', partOf: ref('Organization/top') },
  { resourceType: 'Organization', id: 'low', name: 'Low', partOf: ref('Organization/middle') },
  { resourceType: 'Practitioner', id: 'dr', active: true },
  { resourceType: 'Patient', id: 'p1', managingOrganization: ref('Organization/low') },
  { resourceType: 'Patient', id: 'p2', generalPractitioner: [ref('Practitioner/dr')] },
  ...['o1', 'o2', 'o3'].map((id, n) => ({
    resourceType: 'Observation',
    id,
    status: 'final',
    code,
    subject: ref(n < 2 ? 'Patient/p1' : `${base}/Patient/p2`),
    performer: [ref('Practitioner/dr'), ref('Patient/p1')],
  })),
  {
    resourceType: 'Provenance',
    id: 'why',
    target: [ref('Observation/o1'), ref('Patient/p1/_history/1')],
    recorded: '2024-01-01T00:00:00Z',
    agent: [{ who: ref('Practitioner/dr') }],
  },
]

t.test('includes', async (t) => {
  const { perform } = await openRest(t)
  await perform(transaction(ground.map(put)))

  const search = async (type: string, query: string, more = {}) =>
    resourceOf(
      await perform({ interaction: 'search-type', type, query: [...new URLSearchParams(query)], ...more }),
    )
  const found = async (type: string, query: string) => {
    const entries: Entry[] = (await search(type, query)).entry ?? []
    const names = (mode: string) =>
      entries
        .filter((entry) => entry.search.mode === mode)
        .map(({ resource }) => `${resource.resourceType}/${resource.id}`)
        .sort()
    return { match: names('match'), include: names('include') }
  }

  await t.test(
    '_include follows a parameter, each resource comes once, the page is not counted',
    async (t) => {
      const { match, include } = await found('Observation', '_include=Observation:subject&_count=3')
      t.same(match, ['Observation/o1', 'Observation/o2', 'Observation/o3'])
      t.same(include, ['Patient/p1', 'Patient/p2'])
      const bundle = await search('Observation', '_include=Observation:subject&_count=1&_total=accurate')
      t.equal(bundle.total, 3)
      t.match(
        bundle.link.find(({ relation }: { relation: string }) => relation === 'next').url,
        /_include=Observation:subject/,
      )
    },
  )

  await t.test('a target type narrows, a wildcard widens', async (t) => {
    const performers = await found('Observation', '_id=o1&_include=Observation:performer:Practitioner')
    t.same(performers.include, ['Practitioner/dr'])
    for (const value of ['*', 'Observation:*']) {
      const all = await found('Observation', `_id=o1&_include=${value}`)
      t.same(all.include, ['Patient/p1', 'Practitioner/dr'])
    }
  })

  await t.test('only :iterate goes on from what was included', async (t) => {
    const once = 'Observation?_include=Observation:subject&_include:iterate=Patient:organization'
    const [, query = ''] = once.split('?')
    t.same((await found('Observation', `_id=o1&${query}`)).include, ['Organization/low', 'Patient/p1'])
    const all = await found('Observation', `_id=o1&${query}&_include:iterate=Organization:partof`)
    t.same(all.include, ['Organization/low', 'Organization/middle', 'Organization/top', 'Patient/p1'])
    t.same((await found('Organization', '_id=low&_include=Organization:partof')).include, [
      'Organization/middle',
    ])
  })

  await t.test('_revinclude brings what refers to the matches', async (t) => {
    t.same((await found('Patient', '_id=p2&_revinclude=Observation:subject')).include, ['Observation/o3'])
    t.same((await found('Patient', '_id=p1&_revinclude=Observation:*')).include, [
      'Observation/o1',
      'Observation/o2',
      'Observation/o3',
    ])
    t.same((await found('Patient', '_id=p1&_revinclude=*')).include, [
      'Observation/o1',
      'Observation/o2',
      'Observation/o3',
      'Provenance/why',
    ])
    const both = await found(
      'Patient',
      '_id=p2&_revinclude=Observation:subject&_include:iterate=Observation:performer',
    )
    t.same(both.include, ['Observation/o3', 'Patient/p1', 'Practitioner/dr'])
    t.same((await found('Organization', '_id=top&_revinclude:iterate=Organization:partof')).include, [
      'Organization/low',
      'Organization/middle',
    ])
  })

  await t.test('a reference to a version brings that version', async (t) => {
    await perform(transaction([put({ resourceType: 'Patient', id: 'p1' })]))
    const { entry } = await search('Provenance', '_include=Provenance:target:Patient')
    t.same(
      entry.map((one: { resource: { meta: { versionId: string } } }) => one.resource.meta.versionId),
      ['1', '1'],
    )
    t.equal(entry[1].resource.managingOrganization.reference, 'Organization/low')
  })

  await t.test('what cannot be used is refused', async (t) => {
    for (const query of [
      '_include=Observation',
      '_include=Nothing:subject',
      '_include=Observation:code',
      '_include=Observation:subject:Medication',
      '_include=Patient:organization',
      '_revinclude=Patient:organization',
      '_include:deep=Observation:subject',
    ]) {
      const { status, issues } = await refusal(search('Observation', query))
      t.equal(status, 400, query)
      t.ok(issues[0]?.diagnostics, query)
    }
    const lenient = await search('Observation', '_include=Observation:code&_include=Observation:subject', {
      lenient: true,
    })
    t.equal(lenient.entry.filter((one: Entry) => one.search.mode === 'include').length, 2)
    t.equal(lenient.entry.at(-1).search.mode, 'outcome')
    t.notMatch(lenient.link[0].url, /Observation:code/)
  })
})

t.test('what does not fit is told', async (t) => {
  const { perform } = await openRest(t, { maxIncludes: 2 })
  await perform(transaction(ground.map(put)))
  const query = [['_revinclude', 'Observation:subject']] as const
  const bundle = resourceOf(await perform({ interaction: 'search-type', type: 'Patient', query }))
  const modes = bundle.entry.map((one: Entry) => one.search.mode)
  t.same(modes, ['match', 'match', 'include', 'include', 'outcome'])
  t.equal(bundle.entry.at(-1).resource.issue[0].code, 'too-costly')
})

t.test('a chain may be a condition', async (t) => {
  const { perform } = await openRest(t)
  await perform(transaction(ground.map(put)))
  const observation = { resourceType: 'Observation', status: 'final', code, subject: ref('Patient/p2') }
  const conditional = (query: string) => ({
    interaction: 'create' as const,
    type: 'Observation',
    query: [],
    ifNoneExist: query,
    body: { text: JSON.stringify(observation) },
  })
  t.equal((await perform(conditional('patient.general-practitioner=dr'))).status, 200)
  t.equal((await perform(conditional('patient.general-practitioner=nobody'))).status, 201)
  const both = transaction(
    ['Observation/o1', 'Observation?patient.general-practitioner=nobody'].map((url, n) => ({
      resource: { ...observation, id: n === 0 ? 'o1' : 'o9' },
      request: { method: 'PUT', url },
    })),
  )
  const { status, issues } = await refusal(perform(both))
  t.equal(status, 400)
  t.match(issues[0]?.diagnostics, /by itself/)
})
