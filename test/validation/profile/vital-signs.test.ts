/** Vital signs by their codes: http://hl7.org/fhir/R4/observation-vitalsigns.html */
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { createValidator } from '../../../src/validation/index.ts'
import type { ValidationOptions } from '../../../src/validation/model.ts'
import { testCanonicals } from '../../support/canonicals.ts'
import { standard } from '../../support/validator.ts'

const validator = createValidator({
  definitions: await loadDefinitions(undefined),
  canonicals: testCanonicals(),
  membership: { now: () => ({ result: 'yes' }), ask: async () => [] },
})

const found = (observation: JsonObject, options: Partial<ValidationOptions> = {}): readonly string[] =>
  validator
    .validate('Observation', observation, { ...standard, ...options })
    .issues.map(({ severity, rule, expression }) => `${severity} ${rule} ${expression?.[0]}`)

const observed = (code: string, more: JsonObject = {}): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { coding: [{ system: 'http://loinc.org', code }] },
  category: [
    {
      coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' }],
    },
  ],
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-11-21',
  ...more,
})
const beats = { value: 60, system: 'http://unitsofmeasure.org', code: '/min', unit: 'beats' }
const missing = 'Observation.effective'

t.test('the profile of the code is held', async (t) => {
  t.same(found(observed('8867-4', { valueQuantity: beats })), [])
  const { effectiveDateTime: _, ...without } = observed('8867-4', { valueQuantity: beats })
  t.same(found(without), [`warning min ${missing}`])
  t.same(found(without, { mode: 'strict' }), [`error min ${missing}`])
  t.same(found(without, { conclusive: true }), [`error min ${missing}`])
})

t.test('a profile that is named is not held twice', async (t) => {
  const { effectiveDateTime: _, ...without } = observed('8867-4', { valueQuantity: beats })
  const profile = ['http://hl7.org/fhir/StructureDefinition/heartrate']
  t.same(found({ ...without, meta: { profile } }), [`error min ${missing}`])
})

t.test('other codes have none', async (t) => {
  t.same(found({ resourceType: 'Observation', status: 'final', code: { text: 'x' } }), [])
  t.same(found(observed('1-8', { valueString: 'x' })), [])
})
