/** The entries of contained resources, and several types in one order. http://hl7.org/fhir/R4/search.html#contained */
import t from 'tap'
import type { Request } from '../../../src/rest/index.ts'
import { base, openRest, refusal, resourceOf, transaction } from '../../support/rest.ts'

type Entry = { fullUrl: string; resource: { resourceType: string; id: string } }
type Found = { entry?: Entry[]; link: { relation: string; url: string }[] }

const put = (resource: { resourceType: string; id: string }): object => ({
  resource,
  request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
})

t.test('with a database', async (t) => {
  const { perform } = await openRest(t)
  const ask = (query: string, more: Partial<Request>): Request => ({
    interaction: more.type === undefined ? 'search-system' : 'search-type',
    query: [...new URLSearchParams(query)],
    ...more,
  })
  const medication = (id: string, code: string) => ({
    resourceType: 'Medication',
    id,
    code: { coding: [{ code }] },
  })
  const request = {
    resourceType: 'MedicationRequest',
    id: '1',
    contained: [medication('m', 'x'), medication('n', 'y')],
    status: 'active',
    intent: 'order',
    medicationReference: { reference: '#m' },
    supportingInformation: [{ reference: '#n' }],
    subject: { display: 'x' },
  }
  const named = (resourceType: string, name: string) => ({ resourceType, id: '1', name: [{ family: name }] })
  const ground = [request, medication('1', 'x'), named('Patient', 'same'), named('Practitioner', 'same')]
  await perform(transaction(ground.map(put)))

  await t.test('alone, under the URL of what contains them', async (t) => {
    const found = async (query: string): Promise<string[]> => {
      const bundle = resourceOf(await perform(ask(query, { type: 'Medication' }))) as Found
      return (bundle.entry ?? []).map(({ fullUrl }) => fullUrl.slice(base.length + 1)).sort()
    }
    t.same(await found('_contained=true&_containedType=contained&code=y'), ['MedicationRequest/1#n'])
    t.same(await found('_contained=both&_containedType=contained&code=x'), [
      'Medication/1',
      'MedicationRequest/1#m',
    ])
    t.same(await found('_contained=both&code=x'), ['Medication/1', 'MedicationRequest/1'])
  })

  await t.test('they are counted, and not what contains them', async (t) => {
    const total = async (query: string): Promise<number | undefined> => {
      const asked = ask(`${query}&_containedType=contained`, { type: 'Medication' })
      return (resourceOf(await perform(asked)) as Found & { total?: number }).total
    }
    t.equal(await total('_contained=true&_summary=count'), 2)
    t.equal(await total('_contained=both&_count=0'), 3)
    t.equal(await total('_contained=both&_total=accurate&_count=1'), 3)
    t.equal(await total('_contained=both&_total=estimate&code=x'), 2)
    t.equal(await total('_contained=true&code=z&_summary=count'), 0)
  })

  await t.test('more than a page may have are not counted', async (t) => {
    const { perform: narrow } = await openRest(t, { maxCount: 1, defaultCount: 1 })
    await narrow(transaction([put(request), put({ ...request, id: '2' })]))
    const query = '_contained=true&_containedType=contained&_summary=count'
    t.match(await refusal(narrow(ask(query, { type: 'Medication' }))), {
      status: 403,
      issues: [{ code: 'too-costly' }],
    })
  })

  await t.test('equal values and equal ids of different types are each found once', async (t) => {
    const types: string[] = []
    let query: string | undefined = '_type=Practitioner,Patient&_sort=name&_count=1'
    while (query !== undefined && types.length < 9) {
      const bundle = resourceOf(await perform(ask(query, {}))) as Found
      types.push(...(bundle.entry ?? []).map(({ resource }) => resource.resourceType))
      query = bundle.link.find(({ relation }) => relation === 'next')?.url.split('?')[1]
    }
    t.same(types.sort(), ['Patient', 'Practitioner'])
  })
})
