import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import type { ElementDefinition } from '../../../src/fhir/definitions/model.ts'

const definitions = await loadDefinitions(undefined)
const type = (name: string) => definitions.types.get(name) ?? t.fail(`${name} is missing`)
const element = (name: string, member: string): ElementDefinition | undefined =>
  definitions.types.get(name)?.elements.get(member)

t.test('every element has a type of the table', async (t) => {
  const elements = [...definitions.types.values()].flatMap((type) => [...type.elements.values()])
  t.same(
    elements.filter((element) => !definitions.types.has(element.type)).map((element) => element.path),
    [],
  )
})

t.test('choices stand once per type', async (t) => {
  t.match(element('Observation', 'valueQuantity'), { path: 'Observation.value[x]', type: 'Quantity', min: 0 })
  t.equal(element('Observation', 'value'), undefined)
  t.match(definitions.types.get('Extension')?.choices, [{ name: 'value', min: 0 }])
  t.equal(definitions.types.get('Extension')?.choices[0]?.members.length, 50)
})

t.test('inline elements are types of their own, also by reference', async (t) => {
  t.match(element('Patient', 'contact'), { type: 'Patient.contact', array: true })
  t.match(type('Patient.contact'), { kind: 'backbone', base: 'BackboneElement' })
  t.match(type('Timing.repeat'), { kind: 'backbone', base: 'Element' })
  t.equal(element('Questionnaire.item', 'item')?.type, 'Questionnaire.item')
  t.equal(element('Observation.component', 'referenceRange')?.type, 'Observation.referenceRange')
})

t.test('what JSON has instead of primitives', async (t) => {
  t.match(element('Patient', 'id'), { type: 'id', sibling: false })
  t.match(element('Extension', 'url'), { type: 'uri', sibling: false, min: 1 })
  t.match(element('HumanName', 'id'), { type: 'string', sibling: false })
  t.match(element('Narrative', 'div'), { type: 'xhtml', sibling: false })
  t.match(element('HumanName', 'given'), { type: 'string', sibling: true, array: true })
  t.equal(definitions.types.get('unsignedInt')?.json, 'number')
  t.ok(definitions.types.get('unsignedInt')?.pattern?.test('10'))
  t.notOk(definitions.types.get('unsignedInt')?.pattern?.test('0x'))
  t.same([...(definitions.types.get('date')?.elements.keys() ?? [])], ['id', 'extension'])
})

t.test('targets, bindings and flags', async (t) => {
  t.same(element('Observation', 'subject')?.targets, ['Patient', 'Group', 'Device', 'Location'])
  t.same(element('Observation', 'focus')?.targets, [], 'any')
  t.equal(element('Patient', 'gender')?.binding?.strength, 'required')
  t.ok(element('Patient', 'active')?.modifier)
})

t.test('R4 as it was published', async (t) => {
  const absent = [
    ['Meta', 'project'],
    ['Binary', 'url'],
    ['ResearchStudy', 'recruitment'],
    ['HealthcareService', 'offeredIn'],
  ] as const
  for (const [name, member] of absent) t.equal(element(name, member), undefined, `${name}.${member}`)
  t.equal(definitions.types.has('ResearchStudy.recruitment'), false)
  t.equal(definitions.types.has('SubscriptionStatus'), false)
  t.equal(definitions.types.has('MetadataResource'), false)
  t.equal(element('Bundle.entry.response', 'outcome')?.type, 'Resource')
  t.match(element('EvidenceVariable', 'characteristic'), { min: 1, array: true, summary: true })
  t.equal(
    element('EvidenceVariable.characteristic', 'definitionTriggerDefinition')?.type,
    'TriggerDefinition',
  )
  t.notOk(element('AuditEvent.source', 'observer')?.targets.includes('Bot'))
})

t.test('search parameters, those of all resources included', async (t) => {
  const patient = definitions.searchParameters('Patient')
  t.match(patient.get('birthdate'), {
    type: 'date',
    expression: 'Patient.birthDate | Person.birthDate | RelatedPerson.birthDate',
  })
  t.ok(patient.has('_id'))
  t.ok(patient.has('_text'))
  t.notOk(definitions.searchParameters('Bundle').has('_text'), 'Bundle is no DomainResource')
  t.equal(definitions.searchParameters('Observation').get('code-value-quantity')?.components.length, 2)
  t.equal(definitions.searchParameters('Nonsense').size, 0)
  t.equal(definitions.searchParameters('HumanName').size, 0)
})

t.test('the five compartments', async (t) => {
  t.same([...definitions.compartments.keys()].sort(), [
    'Device',
    'Encounter',
    'Patient',
    'Practitioner',
    'RelatedPerson',
  ])
  t.same(definitions.compartments.get('Patient')?.get('AllergyIntolerance'), [
    'patient',
    'recorder',
    'asserter',
  ])
})
