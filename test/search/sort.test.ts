/** Any parameter orders the matches: http://hl7.org/fhir/R4/search.html#sort */
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { resourceTypes } from '../../src/fhir/resource-types.ts'
import { createSearch, readQueryString } from '../../src/search/index.ts'
import { openRest, resourceOf, update } from '../support/rest.ts'

const search = createSearch(await loadDefinitions(undefined))
const options = { tenant: 1, base: 'http://a/fhir', at: 0, lenient: false, defaultCount: 20, maxCount: 100 }
const issuesOf = (type: string | undefined, query: string, lenient = false) =>
  search.plan(type, readQueryString(query), { ...options, lenient }).issues

t.test(
  'by every parameter of every type; what says nothing of an order is refused with the reason',
  async (t) => {
    for (const type of resourceTypes)
      for (const { code } of search.parameters(type)) {
        const [found] = issuesOf(type, `_sort=-${code}`)
        if (code === '_content' || code === '_text')
          t.match(found?.diagnostics, /sort by "_score" beside/, code)
        else if (code === 'near') t.match(found?.diagnostics, /beside "near=\[latitude\]/)
        else if (found) t.fail(`${type} ${code}: ${found.diagnostics}`)
      }
    t.same(issuesOf('Location', 'near=1|2&_sort=near'), [])
    t.match(
      issuesOf('Location', '_filter=not (near eq 1|2)&_sort=near')[0]?.diagnostics,
      /Only searches near a position/,
      'what must not be near has no distance',
    )
  },
)

t.test('everything that is wrong is said at once', async (t) => {
  const found = issuesOf('Patient', '_sort=name,nothing,-_score,,birthdate,-other')
  t.same(
    found.map(({ code, expression }) => [code, ...(expression ?? [])]),
    [
      ['not-supported', 'http._sort'],
      ['invalid', 'http._sort'],
      ['value', 'http._sort'],
      ['not-supported', 'http._sort'],
    ],
  )
  t.match(found[0]?.diagnostics, /"nothing"/)
  t.match(found[3]?.diagnostics, /"other"/)
  t.same(
    issuesOf('Patient', '_sort=nothing,other', true).map(({ severity }) => severity),
    ['warning', 'warning'],
  )
})

t.test(
  'several types have an order where all have the parameter and its values are of one kind',
  async (t) => {
    t.same(issuesOf(undefined, '_type=ValueSet,Library&_sort=context-type-value,context-type-quantity'), [])
    t.same(issuesOf(undefined, '_type=ValueSet,Library,Observation&_sort=-identifier'), [])
    for (const query of [
      '_type=GraphDefinition,Slot&_sort=start',
      '_type=DocumentReference,RelatedPerson&_sort=relationship',
    ])
      t.match(issuesOf(undefined, query)[0]?.diagnostics, /not of one kind/, query)
    t.match(
      issuesOf(undefined, '_type=Patient,Observation&_sort=code-value-quantity')[0]?.diagnostics,
      /cannot sort Observation, Patient by "code-value-quantity"/,
    )
  },
)

t.test('in the database', async (t) => {
  const { perform } = await openRest(t)
  const put = (type: string, resources: Readonly<Record<string, object>>) =>
    Promise.all(Object.entries(resources).map(([id, one]) => perform(update(type, id, one))))
  /** Ids over pages of two, forth. */
  const ids = async (type: string | undefined, query: string): Promise<string> => {
    const found: string[] = []
    for (let next: string | undefined = `${query}&_count=2`; next !== undefined; ) {
      const bundle = resourceOf(
        await perform({
          interaction: type === undefined ? 'search-system' : 'search-type',
          ...(type === undefined ? {} : { type }),
          query: readQueryString(next),
        }),
      )
      for (const { resource } of bundle.entry ?? []) found.push(resource.id)
      next = bundle.link.find((one: { relation: string }) => one.relation === 'next')?.url.split('?')[1]
    }
    return found.join(' ')
  }

  await t.test('whether something is so, where nothing is said is not so', async (t) => {
    await put('Patient', {
      a: { deceasedBoolean: true },
      b: {},
      c: { deceasedDateTime: '2020' },
      d: { deceasedBoolean: false },
    })
    t.equal(await ids('Patient', '_sort=deceased,_id'), 'b d a c')
    t.equal(await ids('Patient', '_sort=-deceased,-_id'), 'c a d b')
    t.equal(await ids('Patient', 'deceased=true&_sort=-_id'), 'c a')
  })

  await t.test('codes of a list of primitives: the first in the order counts', async (t) => {
    const statement = (format: string[]) => ({
      ...{ status: 'active', date: '2024', kind: 'requirements', fhirVersion: '4.0.1' },
      format,
    })
    await put('CapabilityStatement', {
      a: statement(['json', 'xml']),
      b: statement(['ttl', 'html']),
      c: statement(['turtle']),
    })
    t.equal(await ids('CapabilityStatement', '_sort=format'), 'b a c')
    t.equal(await ids('CapabilityStatement', '_sort=-format'), 'a c b')
  })

  await t.test('texts of any length: the first 200 characters count, and links stay short', async (t) => {
    const identified = (value: string) => ({ identifier: [{ system: 'http://example.org/long', value }] })
    await put('Organization', {
      a: { ...identified(`${'x'.repeat(40_000)}b`), name: 'long' },
      b: { ...identified(`${'x'.repeat(40_000)}a`), name: 'long' },
      c: { ...identified(`${'w'.repeat(40_000)}`), name: 'long' },
    })
    t.equal(await ids('Organization', 'name=long&_sort=identifier,name,-_id'), 'c b a')
  })

  await t.test('numbers nearer to 0 than a float can tell keep nobody from searching', async (t) => {
    // Numbers of JavaScript would be 0 already.
    const putText = (type: string, id: string, text: string) => {
      const request = update(type, id, {})
      return perform({ ...request, body: { ...request.body!, text } })
    }
    const code = '{"coding":[{"system":"http://loinc.org","code":"1-8"}]}'
    for (const [id, value] of Object.entries({ a: '1', b: '1e-400', c: '-1' })) {
      const amount = `{"value":${value},"unit":"mg","system":"http://unitsofmeasure.org","code":"mg"}`
      const component = `[{"code":${code},"valueQuantity":${amount}}]`
      const text = `{"resourceType":"Observation","id":"${id}","status":"final","code":${code},"valueQuantity":${amount},"component":${component}}`
      await putText('Observation', id, text)
    }
    t.equal(await ids('Observation', '_sort=code-value-quantity'), 'c b a')
    t.equal(await ids('Observation', '_sort=-component-code-value-quantity'), 'a b c')
    for (const [id, latitude] of Object.entries({ a: '1e-400', b: '1e-200', c: '0.01' })) {
      const position = `{"latitude":${latitude},"longitude":1e-170}`
      await putText('Location', id, `{"resourceType":"Location","id":"${id}","position":${position}}`)
    }
    t.equal(await ids('Location', 'near=0|0|100|km&_sort=near,_id'), 'a b c')
  })

  await t.test('what stands in a Bundle', async (t) => {
    const message = (id: string) => ({
      type: 'message',
      entry: [
        {
          fullUrl: `urn:uuid:00000000-0000-4000-8000-00000000000${id.length}`,
          resource: {
            resourceType: 'MessageHeader',
            id,
            eventUri: 'http://example.org/e',
            source: { endpoint: 'http://example.org' },
          },
        },
      ],
    })
    await put('Bundle', { a: message('z'), b: message('yy'), c: { type: 'collection' } })
    t.equal(await ids('Bundle', '_sort=message'), 'b a c')
    t.equal(await ids('Bundle', '_sort=-message'), 'a b c')
    t.equal(await ids('Bundle', '_sort=composition,_id'), 'a b c')
  })

  await t.test('a composite by its components in turn, within the same element', async (t) => {
    const context = (...all: [string, object][]) => ({
      status: 'draft',
      useContext: all.map(([code, value]) => ({ code: { code }, ...value })),
    })
    const years = (value: number) => ({
      valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'a' },
    })
    const months = (value: number) => ({
      valueQuantity: { value, system: 'http://unitsofmeasure.org', code: 'mo' },
    })
    await put('Library', {
      a: { ...context(['age', years(2)], ['venue', years(1)]), type: { text: 'x' } },
      b: { ...context(['age', months(18)]), type: { text: 'x' } },
      c: { ...context(['age', { valueRange: { high: { value: 3 } } }]), type: { text: 'x' } },
      d: { ...context(['zone', { valueCodeableConcept: { coding: [{ code: 'n' }] } }]), type: { text: 'x' } },
      e: { ...context(['venue', years(0)]), type: { text: 'x' } },
    })
    t.equal(await ids('Library', '_sort=context-type-quantity'), 'c b a e d', 'without a value last')
    t.equal(await ids('Library', '_sort=-context-type-quantity'), 'a e b c d')
    t.equal(await ids('Library', '_sort=context-type-value,-_id'), 'd e c b a')
    await put('ValueSet', { v: context(['age', years(1.75)]) })
    t.equal(await ids(undefined, '_type=Library,ValueSet&_sort=context-type-quantity'), 'c b v a e d')
  })

  await t.test('related documents, whose published components are changed over', async (t) => {
    const document = (code: string, reference: string) => ({
      ...{ status: 'current', content: [{ attachment: { url: 'http://example.org/d' } }] },
      relatesTo: [{ code, target: { reference } }],
    })
    await put('DocumentReference', { z: { status: 'current', content: [{ attachment: { title: 'z' } }] } })
    await put('DocumentReference', {
      a: document('replaces', 'DocumentReference/z'),
      b: document('appends', 'DocumentReference/z'),
    })
    t.equal(await ids('DocumentReference', 'relationship=DocumentReference/z$appends'), 'b')
    t.equal(await ids('DocumentReference', '_sort=relationship'), 'b a z')
    t.equal(await ids('DocumentReference', '_sort=-relationship'), 'a b z')
  })

  await t.test('windows of a sequence', async (t) => {
    const sequence = (code: string, start: number, end: number) => ({
      coordinateSystem: 0,
      referenceSeq: {
        chromosome: { coding: [{ code }] },
        windowStart: start,
        windowEnd: end,
        referenceSeqString: 'A',
        strand: 'watson',
      },
      variant: [
        { start: end, end: end + 1 },
        { start, end: start + 1 },
      ],
    })
    await put('MolecularSequence', {
      a: sequence('2', 100, 200),
      b: sequence('2', 20, 300),
      c: sequence('10', 50, 60),
      d: sequence('2', 100, 150),
    })
    t.equal(
      await ids('MolecularSequence', '_sort=chromosome-window-coordinate'),
      'c b d a',
      'numbers by size',
    )
    t.equal(await ids('MolecularSequence', '_sort=-chromosome-window-coordinate'), 'a d b c')
    t.equal(await ids('MolecularSequence', '_sort=chromosome-variant-coordinate,_id'), 'c b a d')
  })
})
