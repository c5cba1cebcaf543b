import type { Bundle, Provenance } from 'fhir/r4.js'
import t from 'tap'
import { create, openRest, read, refusal, resourceOf, transaction, update } from '../support/rest.ts'

const provenance = JSON.stringify({
  resourceType: 'Provenance',
  recorded: '2026-01-02T03:04:05Z',
  agent: [{ who: { display: 'Laboratory' } }],
})
const patient = { name: [{ family: 'Test' }] }

t.test('a write with X-Provenance makes both or none', async (t) => {
  const { perform } = await openRest(t)
  const about = async (target: string): Promise<Provenance[]> => {
    const query: [string, string][] = [['target', target]]
    const found = await perform({ interaction: 'search-type', type: 'Provenance', query })
    const bundle: Bundle<Provenance> = resourceOf(found)
    return (bundle.entry ?? []).map(({ resource }) => resource!)
  }
  const reply = await perform(create('Patient', patient, { provenance }))
  t.equal(reply.status, 201)
  const target = `Patient/${resourceOf(reply).id}`
  t.match(await about(target), [
    { target: [{ reference: target }], agent: [{ who: { display: 'Laboratory' } }] },
  ])
  t.equal((await perform(update('Patient', 'p1', patient, { provenance }))).status, 201)
  t.equal((await perform(update('Patient', 'p1', patient, { provenance }))).status, 200)
  t.equal((await about('Patient/p1')).length, 2)

  const bad = [
    JSON.stringify({ resourceType: 'Provenance' }),
    '{"resourceType":"Patient"}',
    provenance.replace('{', '{"target":[{"reference":"Patient/p1"}],'),
    'no JSON',
  ]
  for (const wrong of bad) {
    t.equal((await refusal(perform(update('Patient', 'p2', patient, { provenance: wrong })))).status, 400)
    t.equal((await refusal(perform(read('Patient', 'p2')))).status, 404, 'and nothing is written')
  }
  t.equal((await refusal(perform(read('Patient', 'p1', { provenance })))).status, 400)
  t.equal((await refusal(perform(transaction([], { provenance })))).status, 400)
})
