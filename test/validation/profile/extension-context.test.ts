/** Where extensions may stand, by each kind of context: http://hl7.org/fhir/R4/defining-extensions.html#context */
import type { StructureDefinition } from 'fhir/r4.js'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { createValidator } from '../../../src/validation/index.ts'
import type { ValidationOptions } from '../../../src/validation/model.ts'
import { testCanonicals } from '../../support/canonicals.ts'

const definitions = await loadDefinitions(undefined)
const files = testCanonicals()
const url = 'http://example.org/StructureDefinition/note'
const outer = 'http://example.org/StructureDefinition/outer'

const extensionAt = (
  context: StructureDefinition['context'] & object,
  contextInvariant: string[] = [],
): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url,
  name: 'Note',
  status: 'active',
  kind: 'complex-type',
  abstract: false,
  type: 'Extension',
  context,
  ...(contextInvariant.length > 0 ? { contextInvariant } : {}),
  baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Extension',
  derivation: 'constraint',
  differential: {
    element: [
      { id: 'Extension', path: 'Extension' },
      { id: 'Extension.url', path: 'Extension.url', fixedUri: url },
    ],
  },
})

const found = (
  definition: StructureDefinition,
  resource: JsonObject,
  mode: ValidationOptions['mode'] = 'standard',
): readonly string[] =>
  createValidator({
    definitions,
    membership: { now: () => ({ result: 'yes' }), ask: async () => [] },
    canonicals: {
      ...files,
      resolve: (type, canonical) =>
        canonical === url ? (definition as never) : files.resolve(type, canonical),
    },
  })
    .validate(String(resource.resourceType), resource, {
      mode,
      profiles: [],
      now: '2026-11-21T00:00:00Z',
      bestPractice: 'ignore',
    })
    .issues.filter(({ rule }) => rule?.startsWith('extension-context'))
    .map(({ severity, rule, expression }) => `${severity} ${rule} ${expression?.[0]}`)

const note = { extension: [{ url, valueString: 'x' }] }
const patient = (more: JsonObject): JsonObject => ({ resourceType: 'Patient', ...more })

t.test('elements', async (t) => {
  const definition = extensionAt([{ type: 'element', expression: 'Patient.name' }])
  t.same(found(definition, patient({ name: [note] })), [])
  t.same(found(definition, patient(note)), ['error extension-context Patient.extension[0]'])
})

t.test('extensions', async (t) => {
  const inside = (inUrl: string): JsonObject => patient({ extension: [{ url: inUrl, ...note }] })
  const definition = extensionAt([{ type: 'extension', expression: outer }])
  t.same(found(definition, inside(outer)), [])
  t.same(found(definition, inside('http://example.org/other')), [
    'error extension-context Patient.extension[0].extension[0]',
  ])
  t.same(found(definition, patient(note)), ['error extension-context Patient.extension[0]'])
  const deeper = extensionAt([{ type: 'extension', expression: `${outer}#part` }])
  t.same(found(deeper, patient({ extension: [{ url: outer, extension: [{ url: 'part', ...note }] }] })), [])
  t.same(found(deeper, inside(outer)), ['error extension-context Patient.extension[0].extension[0]'])
})

t.test('what an expression selects', async (t) => {
  const definition = extensionAt([
    { type: 'fhirpath', expression: 'Patient.where(active).contact | Patient.birthDate' },
  ])
  const contact = [{ name: { text: 'a' }, ...note }]
  t.same(found(definition, patient({ active: true, contact })), [])
  t.same(found(definition, patient({ active: false, contact })), [
    'error extension-context Patient.contact[0].extension[0]',
  ])
  t.same(found(definition, patient({ birthDate: '1970', _birthDate: note })), [])
  t.same(found(definition, patient({ gender: 'male', _gender: note })), [
    'error extension-context Patient.gender.extension[0]',
  ])
  const observation = { resourceType: 'Observation', status: 'final', code: { text: 'x' } }
  const quantity = extensionAt([{ type: 'fhirpath', expression: 'Observation.value.ofType(Quantity)' }])
  t.same(found(quantity, { ...observation, valueQuantity: { value: 1, ...note } }), [])
  t.same(found(quantity, { ...observation, valueRange: note }), [
    'error extension-context Observation.value.extension[0]',
  ])
  const within = patient({ contained: [{ ...observation, id: 'o', subject: { reference: '#' }, ...note }] })
  t.same(found(extensionAt([{ type: 'fhirpath', expression: 'Observation' }]), within), [])
})

t.test('rules about what is around it', async (t) => {
  const definition = extensionAt(
    [{ type: 'element', expression: 'Patient.name' }],
    ['family.exists()', "%extension.value = 'x'", '%resource.active'],
  )
  t.same(found(definition, patient({ active: true, name: [{ family: 'A', ...note }] })), [])
  t.same(found(definition, patient({ active: false, name: [{ text: 'A', ...note }] })), [
    'error extension-context-invariant Patient.name[0].extension[0]',
    'error extension-context-invariant Patient.name[0].extension[0]',
  ])
})

t.test('what cannot be evaluated is told', async (t) => {
  const definition = extensionAt([{ type: 'fhirpath', expression: 'not FHIRPath' }], ['no FHIRPath either'])
  t.same(found(definition, patient(note)), [
    'warning extension-context Patient.extension[0]',
    'warning extension-context-invariant Patient.extension[0]',
  ])
  t.same(found(definition, patient(note), 'strict'), [
    'error extension-context Patient.extension[0]',
    'error extension-context-invariant Patient.extension[0]',
  ])
})
