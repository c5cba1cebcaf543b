import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { readJson } from '../../src/fhir/json/read.ts'
import { createStructure } from '../../src/validation/structure.ts'

const structure = createStructure(await loadDefinitions(undefined))

const check = (resource: unknown) => {
  const { value, members, text } = readJson(
    typeof resource === 'string' ? resource : JSON.stringify(resource),
  )
  return structure.check(value, members, text)
}
/** `code expression` of every issue. */
const found = (resource: unknown): readonly string[] =>
  check(resource).map((issue) => `${issue.code} ${issue.expression?.join(',') ?? '-'}`)

const observation = { resourceType: 'Observation', status: 'final', code: { text: 'a' } }
const patient = { resourceType: 'Patient' }

t.test('clean resources', async (t) => {
  t.same(found(patient), [])
  t.same(
    found({
      ...observation,
      valueQuantity: { value: 1.5, unit: 'kg' },
      component: [{ code: { text: 'b' } }],
    }),
    [],
  )
  t.same(
    found({
      resourceType: 'ExampleScenario',
      status: 'draft',
      instance: [{ resourceId: 'a', resourceType: 'Patient' }],
    }),
    [],
  )
})

t.test('members that no definition knows, with the nearest that it does', async (t) => {
  const [issue, ...others] = check({ ...patient, name: [{ familly: 'a' }] })
  t.same(others, [])
  t.match(issue, { code: 'structure', severity: 'error', expression: ['Patient.name[0].familly'] })
  t.match(issue?.diagnostics, 'Did you mean "family"?')
  t.match(check({ ...observation, value: 1 })[0]?.diagnostics, 'needs its type in its name: valueQuantity')
  t.match(check({ ...patient, _name: [{ id: 'a' }] })[0]?.diagnostics, '_name is not a member of Patient.')
  t.same(found('{"resourceType":"Patient","__proto__":{"a":1}}'), ['structure Patient.__proto__'])
  for (const name of ['constructor', 'toString', 'hasOwnProperty', 'valueOf'])
    t.same(found({ ...patient, [name]: 'a' }), [`structure Patient.${name}`])
  t.same(found({ ...patient, 'a`b': 'a' }), ['structure Patient.`a\\`b`'])
  t.ok((check({ ...patient, [`x${'y'.repeat(10_000)}`]: 1 })[0]?.diagnostics.length ?? 999) < 200)
})

t.test('resource types', async (t) => {
  t.same(found({ id: 'a' }), ['required -'])
  t.same(found({ resourceType: 5 }), ['structure -'])
  t.match(check({ resourceType: 'Pateint' })[0]?.diagnostics, 'Did you mean "resourceType": "Patient"?')
  for (const resourceType of [
    'Resource',
    'DomainResource',
    'HumanName',
    'SubscriptionStatus',
    '__proto__',
    '',
  ])
    t.same(found({ resourceType }), ['structure -'], resourceType)
})

t.test('JSON types', async (t) => {
  t.same(found({ ...patient, active: 'true' }), ['structure Patient.active'])
  t.same(found({ ...patient, birthDate: 1974 }), ['structure Patient.birthDate'])
  t.same(found({ ...patient, name: { family: 'a' } }), ['structure Patient.name'])
  t.same(found({ ...patient, gender: ['male'] }), ['structure Patient.gender'])
  t.same(found({ ...patient, name: ['a'] }), ['structure Patient.name[0]'])
  t.same(found({ ...patient, maritalStatus: [] }), ['structure Patient.maritalStatus'])
  t.same(found({ ...patient, maritalStatus: '' }), ['structure Patient.maritalStatus'])
  t.same(found({ ...patient, maritalStatus: null }), ['structure Patient.maritalStatus'])
  t.same(found({ ...patient, gender: null }), ['structure Patient.gender'])
})

t.test('forms of primitives', async (t) => {
  t.same(found({ ...patient, birthDate: '2023-02-29' }), ['value Patient.birthDate'])
  t.same(found({ ...patient, id: 'a b' }), ['value Patient.id'])
  t.same(
    found(
      '{"resourceType":"Observation","status":"final","code":{"text":"a"},"valueQuantity":{"value":1e999}}',
    ),
    ['value Observation.value.value'],
  )
  const issue = check({ ...patient, birthDate: 'secret' })[0]
  t.notMatch(issue?.diagnostics, 'secret', 'values are not repeated')
})

t.test('empty objects, arrays and texts', async (t) => {
  t.same(found({ ...patient, name: [] }), ['structure Patient.name'])
  t.same(found({ ...patient, name: [{}] }), ['structure Patient.name[0]'])
  t.same(found({ ...patient, meta: {} }), ['structure Patient.meta'])
  t.same(found({ ...patient, language: '' }), ['value Patient.language'])
})

t.test('cardinality', async (t) => {
  t.same(found({ resourceType: 'Observation' }), ['required Observation.status', 'required Observation.code'])
  t.same(found({ ...observation, component: [{ valueString: 'a' }] }), [
    'required Observation.component[0].code',
  ])
  t.same(found({ ...patient, extension: [{ valueString: 'a' }] }), ['required Patient.extension[0].url'])
  t.same(
    found({ ...observation, status: undefined, _status: { extension: [{ url: 'u', valueCode: 'a' }] } }),
    [],
  )
})

t.test('choices', async (t) => {
  t.same(found({ ...observation, valueString: 'a', valueInteger: 1 }), ['structure Observation.value'])
  t.same(found({ ...observation, valueString: 'a', _valueString: { id: 'a' } }), [])
  t.same(found({ ...observation, _valueString: { id: 'a' }, valueString: 'a' }), [])
  t.same(found({ ...observation, _valueString: { id: 'a' }, valueInteger: 1 }), [
    'structure Observation.value',
  ])
  t.same(found({ ...observation, valueMoney: { value: 1 } }), ['structure Observation.valueMoney'])
  const request = {
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: 'order',
    subject: { display: 'a' },
  }
  t.same(found(request), ['required MedicationRequest.medication'])
  t.same(found({ ...request, medicationReference: { reference: 'Medication/a' } }), [])
})

t.test('extensions of primitives', async (t) => {
  const extension = [{ url: 'u', valueString: 'a' }]
  t.same(found({ ...patient, _birthDate: { extension } }), [])
  t.same(found({ ...patient, _birthDate: { value: 'a' } }), ['structure Patient.birthDate.value'])
  t.same(found({ ...patient, _birthDate: {} }), ['structure Patient.birthDate'])
  t.same(found({ ...patient, _birthDate: [{ extension }] }), ['structure Patient.birthDate'])
  t.same(found({ ...patient, _id: { extension } }), ['structure Patient._id'])
  const name = (given: unknown, _given: unknown) => ({ ...patient, name: [{ given, _given }] })
  t.same(found(name(['a', null], [null, { extension }])), [])
  t.same(found(name(undefined, [{ extension }])), [])
  t.same(found(name(['a', null], undefined)), ['structure Patient.name[0].given[1]'])
  t.same(found(name(['a'], [null, { extension }])), ['structure Patient.name[0].given'])
  t.same(found(name(['a', null], [null, null])), ['structure Patient.name[0].given[1]'])
  t.same(found(name(undefined, [null, { extension }])), ['structure Patient.name[0].given[0]'])
  t.same(found(name(['a'], { extension })), [
    'structure Patient.name[0].given',
    'structure Patient.name[0].given',
  ])
})

t.test('resources in resources', async (t) => {
  const contained = [{ ...patient, id: 'a', contained: [patient] }]
  t.same(found({ ...observation, contained }), ['structure Observation.contained[0].contained'])
  t.same(
    found({
      resourceType: 'Bundle',
      type: 'collection',
      entry: [{ resource: { ...observation, contained: [patient] } }],
    }),
    [],
  )
  t.same(found({ resourceType: 'Bundle', type: 'collection', entry: [{ resource: { ...patient, x: 1 } }] }), [
    'structure Bundle.entry[0].resource.x',
  ])
  t.same(found({ resourceType: 'Parameters', parameter: [{ name: 'a', resource: { id: 'a' } }] }), [
    'required Parameters.parameter[0].resource',
  ])
  t.same(found({ ...observation, contained: [[patient]] }), ['structure Observation.contained[0]'])
})

t.test('names that stand twice', async (t) => {
  t.same(found('{"resourceType":"Patient","name":[{"family":"a","family":"b"}]}'), [
    'structure Patient.name[0].family',
  ])
  t.same(found('{"resourceType":"Patient","active":true,"active":true,"x":1}'), [
    'structure Patient.x',
    'structure Patient.active',
  ])
})

t.test('an answer of bounded length', async (t) => {
  const issues = check({ ...patient, name: Array.from({ length: 20_000 }, () => ({ x: 1, y: 2 })) })
  t.equal(issues.length, 501)
  t.match(issues.at(-1)?.diagnostics, 'more issues')
})

t.test('deep nesting within the limit', async (t) => {
  const nested = `${'{"linkId":"a","type":"group","item":['.repeat(40)}{"linkId":"a","type":"display"}${']}'.repeat(40)}`
  t.same(found(`{"resourceType":"Questionnaire","status":"draft","item":[${nested}]}`), [])
})
