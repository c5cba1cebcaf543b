/** Profiles without a snapshot follow their base: one that is not there yet, and one that changes. */
import type { StructureDefinition } from 'fhir/r4.js'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { createValidator, missingBase, type TreeCache } from '../../../src/validation/index.ts'
import { testCanonicals } from '../../support/canonicals.ts'
import { standard } from '../../support/validator.ts'

const definitions = await loadDefinitions(undefined)
const trees: TreeCache = new WeakMap()

const profile = (name: string, base: string, element: readonly object[]): StructureDefinition =>
  ({
    resourceType: 'StructureDefinition',
    url: `http://x/${name}`,
    name: name.toUpperCase(),
    status: 'active',
    kind: 'resource',
    abstract: false,
    type: 'Patient',
    baseDefinition: base,
    derivation: 'constraint',
    differential: { element },
  }) as StructureDefinition

const base = (min: number) =>
  profile('base', 'http://hl7.org/fhir/StructureDefinition/Patient', [
    { id: 'Patient.name', path: 'Patient.name', min },
  ])
const derived = profile('derived', 'http://x/base', [
  { id: 'Patient.gender', path: 'Patient.gender', mustSupport: true },
])

const judge = (known: readonly StructureDefinition[], resource: object = patient) =>
  createValidator({
    definitions,
    canonicals: testCanonicals(known),
    membership: { now: () => ({ result: 'yes' }), ask: async () => [] },
    trees,
  })
    .validate((resource as { resourceType: string }).resourceType, resource as JsonObject, standard)
    .issues.map(({ severity, rule, diagnostics }) => ({ severity, rule, diagnostics }))

const patient = { resourceType: 'Patient', active: true, meta: { profile: ['http://x/derived'] } }

t.test('the base comes later, and changes', async (t) => {
  t.match(judge([derived]), [
    {
      severity: 'warning',
      rule: 'profile-unknown',
      diagnostics: /is based on http:\/\/x\/base; that is not/,
    },
  ])
  t.match(judge([derived, base(1)]), [{ severity: 'error', rule: 'min' }])
  t.same(judge([derived, base(0)]), [])
  t.equal(missingBase(testCanonicals([derived]), 'http://x/derived'), 'http://x/base')
  t.equal(missingBase(testCanonicals([derived, base(0)]), 'http://x/derived'), undefined)
  t.equal(missingBase(testCanonicals(), 'http://x/derived'), 'http://x/derived')
})

t.test('what the definition itself is told', async (t) => {
  t.match(judge([], derived), [
    { severity: 'warning', rule: 'base-unknown', diagnostics: /http:\/\/x\/base/ },
  ])
  const constraint = [{ key: 'x-1', severity: 'error', human: 'Some.', expression: 'name.where(' }]
  const odd = profile('odd', 'http://hl7.org/fhir/StructureDefinition/Patient', [
    { id: 'Patient', path: 'Patient', constraint },
  ])
  t.match(judge([], odd), [
    {
      severity: 'warning',
      rule: 'constraint-expression',
      diagnostics: /element\[0\].constraint\[0\].expression is not FHIRPath, so nothing is held against it/,
    },
  ])
})
