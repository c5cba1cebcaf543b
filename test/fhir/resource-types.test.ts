import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { isResourceType, resourceTypes, typeName, typeNumber } from '../../src/fhir/resource-types.ts'

t.test('the concrete resource types of the definitions, and no other', async (t) => {
  const { types } = await loadDefinitions(undefined)
  const concrete = [...types.values()].filter((type) => type.kind === 'resource' && !type.abstract)
  t.equal(resourceTypes.length, 146)
  t.same([...resourceTypes].sort(), concrete.map((type) => type.name).sort())
})

t.test('numbers start at one and never change', async (t) => {
  t.equal(typeNumber('Account'), 1)
  t.equal(typeNumber('Observation'), 96)
  t.equal(typeNumber('Patient'), 103)
  t.equal(typeNumber('VisionPrescription'), 146)
  for (const name of resourceTypes) t.equal(typeName(typeNumber(name) ?? 0), name)
})

t.test('anything else is no resource type', async (t) => {
  for (const name of ['patient', 'Resource', 'DomainResource', 'SubscriptionStatus', 'constructor', '']) {
    t.equal(typeNumber(name), undefined)
    t.notOk(isResourceType(name))
  }
  t.equal(typeName(0), undefined)
  t.equal(typeName(147), undefined)
})
