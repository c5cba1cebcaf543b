import t from 'tap'
import { withReferences } from '../../../src/fhir/json/with-references.ts'

const resource = {
  resourceType: 'Encounter',
  subject: { reference: 'Patient/1', display: 'Patient/1' },
  participant: [{ individual: { reference: '#p' } }, { individual: { display: 'somebody' } }],
  contained: [{ resourceType: 'Practitioner', id: 'p', link: { reference: 'Patient/1' } }],
}

t.test('references are changed, and only what leads to them is copied', async (t) => {
  const before = structuredClone(resource)
  const made = withReferences(resource, (one) => (one === 'Patient/1' ? 'Patient/2' : one))
  t.same(resource, before, 'the resource stays')
  t.match(made, {
    subject: { reference: 'Patient/2', display: 'Patient/1' },
    participant: before.participant,
  })
  t.match(made, { contained: [{ link: { reference: 'Patient/2' } }] })
  t.equal((made as typeof resource).participant, resource.participant, 'not copied')
})

t.test('what changes nothing is not copied, and an excepted member not looked at', async (t) => {
  t.equal(
    withReferences(resource, (one) => one),
    resource,
  )
  const made = withReferences(resource, () => 'x', 'contained') as typeof resource
  t.equal(made.contained, resource.contained)
  t.equal(made.participant[0]?.individual.reference, 'x')
})
