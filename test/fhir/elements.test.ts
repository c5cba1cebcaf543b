import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { mandatoryElements, summaryElements } from '../../src/fhir/elements.ts'

const definitions = await loadDefinitions(undefined)

t.test('the summary holds what is marked and what is mandatory', async (t) => {
  const patient = summaryElements(definitions, 'Patient')
  t.ok(patient.has('name'))
  t.ok(patient.has('id'))
  t.ok(patient.has('meta'))
  t.ok(patient.has('deceasedDateTime'))
  t.notOk(patient.has('photo'))
  t.notOk(patient.has('text'))
  t.ok(summaryElements(definitions, 'Questionnaire').has('status'))
  t.equal(summaryElements(definitions, 'Patient'), patient, 'worked out once')
})

t.test('mandatory elements, choices included', async (t) => {
  t.same([...mandatoryElements(definitions, 'Observation')], ['status', 'code'])
  t.same(
    [...mandatoryElements(definitions, 'MedicationRequest')],
    ['status', 'intent', 'subject', 'medicationCodeableConcept', 'medicationReference'],
  )
})

t.test('an unknown type has none', async (t) => {
  t.equal(summaryElements(definitions, 'Nonsense').size, 0)
  t.equal(mandatoryElements(definitions, 'Nonsense').size, 0)
})
