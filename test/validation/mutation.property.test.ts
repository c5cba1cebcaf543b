/** What is broken in a valid resource is found, at its place; the rest is not. */
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { createValidator } from '../../src/validation/index.ts'
import { testCanonicals } from '../support/canonicals.ts'
import { standard } from '../support/validator.ts'

const validator = createValidator({
  definitions: await loadDefinitions(undefined),
  canonicals: testCanonicals(),
  membership: { now: () => ({ result: 'yes' }), ask: async () => [] },
})
const bp = 'http://hl7.org/fhir/StructureDefinition/bp'

const coding = (system: string, code: string): JsonObject => ({ coding: [{ system, code }] })
const component = (code: string): JsonObject => ({
  code: coding('http://loinc.org', code),
  valueQuantity: { value: 1, unit: 'mmHg', system: 'http://unitsofmeasure.org', code: 'mm[Hg]' },
})
const valid = (): JsonObject => ({
  resourceType: 'Observation',
  meta: { profile: [bp] },
  status: 'final',
  category: [coding('http://terminology.hl7.org/CodeSystem/observation-category', 'vital-signs')],
  code: coding('http://loinc.org', '85354-9'),
  subject: { reference: 'Patient/1' },
  effectiveDateTime: '2026-01-01',
  component: [component('8480-6'), component('8462-4')],
})

type Mutation = readonly [name: string, rule: string, place: string, change: (value: JsonObject) => void]

const at = (value: JsonObject, name: string, index: number): JsonObject =>
  (value[name] as JsonObject[])[index] as JsonObject

const mutations: readonly Mutation[] = [
  ['no subject', 'min', 'Observation.subject', (o) => delete o.subject],
  ['no time', 'min', 'Observation.effective', (o) => delete o.effectiveDateTime],
  [
    'wrong target',
    'reference-target',
    'Observation.performer[0]',
    (o) => Object.assign(o, { performer: [{ reference: 'Device/1' }] }),
  ],
  [
    'no systolic',
    'slice-min',
    'Observation.component',
    (o) => Object.assign(at(o, 'component', 0), { code: { text: 'x' } }),
  ],
  [
    'a value',
    'slice-max',
    'Observation.value',
    (o) =>
      Object.assign(o, {
        valueQuantity: { value: 1, unit: 'a', system: 'http://unitsofmeasure.org', code: 'a' },
      }),
  ],
  [
    'other unit',
    'fixed',
    'Observation.component[1].value.code',
    (o) => Object.assign(at(o, 'component', 1).valueQuantity as JsonObject, { code: 'kg' }),
  ],
  [
    'no category',
    'slice-min',
    'Observation.category',
    (o) => Object.assign(o, { category: [{ text: 'x' }] }),
  ],
  [
    'an empty component',
    'vs-3',
    'Observation.component[0]',
    (o) => delete at(o, 'component', 0).valueQuantity,
  ],
  [
    'unknown modifier',
    'extension-unknown',
    'Observation.modifierExtension[0]',
    (o) => Object.assign(o, { modifierExtension: [{ url: 'http://x.org/m', valueBoolean: true }] }),
  ],
  [
    'unused contained',
    'dom-3',
    'Observation.contained[0]',
    (o) => Object.assign(o, { contained: [{ resourceType: 'Patient', id: 'p', active: true }] }),
  ],
]

const errorsOf = (resource: JsonObject): readonly string[] =>
  validator
    .validate('Observation', resource, standard)
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ rule, expression }) => `${rule} ${expression?.[0]}`)

t.test('each mutation and any set of them', async (t) => {
  t.same(errorsOf(valid()), [])
  fc.assert(
    fc.property(fc.subarray([...mutations], { minLength: 1 }), (chosen) => {
      const resource = valid()
      for (const [, , , change] of chosen) change(resource)
      const found = errorsOf(resource)
      const missed = chosen.filter(([, rule, place]) => !found.includes(`${rule} ${place}`))
      return missed.length === 0
    }),
  )
})
