import t from 'tap'
import { Problem } from '../../src/base/problem.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { evaluateLocated } from '../../src/fhir/path.ts'

const patient = {
  resourceType: 'Patient',
  _gender: { id: 'g' },
  name: [{ use: 'official', given: ['a', 'b'] }, { given: ['z'] }],
  multipleBirthInteger: 3,
  contained: [{ resourceType: 'Observation', valueQuantity: { value: 1 } }],
} as unknown as JsonObject

const places = (expression: string) => evaluateLocated(patient, expression).map(({ path }) => path)
const statusOf = (resource: JsonObject, expression: string): number => {
  try {
    evaluateLocated(resource, expression)
    return 200
  } catch (error) {
    if (error instanceof Problem) return error.status
    throw error
  }
}

t.test('results know where they stand', async () => {
  t.same(places('Patient'), [[]])
  t.same(places("Patient.name.where(use='official').given"), [
    ['name', 0, 'given', 0],
    ['name', 0, 'given', 1],
  ])
  t.same(places('Patient.gender'), [['gender']])
  t.same(places('Patient.multipleBirth'), [['multipleBirthInteger']])
  t.same(places('Patient.contained.value.value'), [['contained', 0, 'valueQuantity', 'value']])
  t.same(places('%resource.name[1]'), [['name', 1]])
  t.same(places('Observation.value'), [])
  t.same(places('1 + 1'), [undefined])
})

t.test('expressions of callers are bounded', async () => {
  t.equal(statusOf(patient, 'Patient.('), 400)
  t.equal(statusOf(patient, `Patient${'.name'.repeat(300)}`), 400)
  const large = { ...patient, name: Array.from({ length: 3000 }, () => ({ family: 'x' })) }
  const nested = 'Patient.name.where(%resource.name.where(%resource.name.exists()).exists())'
  t.equal(statusOf(large, nested), 403)
})
