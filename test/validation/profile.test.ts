/** Profiles: what a differential demands is laid over its base, compiled and held. */
import type { ElementDefinition, StructureDefinition } from 'fhir/r4.js'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import type { MembershipTest } from '../../src/terminology/model.ts'
import { createValidator } from '../../src/validation/index.ts'
import type { ValidationOptions } from '../../src/validation/model.ts'
import { testCanonicals } from '../support/canonicals.ts'

const definitions = await loadDefinitions(undefined)
const membership: MembershipTest = {
  now: ({ value }) =>
    value.code === 'unlisted' ? { result: 'no', reason: 'It is not there.' } : { result: 'yes' },
  ask: async () => [],
}
const options: ValidationOptions = {
  mode: 'standard',
  profiles: [],
  now: '2026-11-21T00:00:00Z',
  bestPractice: 'ignore',
}
const url = 'http://example.org/StructureDefinition/tested'
const core = 'http://hl7.org/fhir/StructureDefinition/'
const files = testCanonicals()

const profileOn = (type: string, element: readonly Partial<ElementDefinition>[]): StructureDefinition => ({
  resourceType: 'StructureDefinition',
  url,
  name: 'Tested',
  status: 'active',
  kind: 'resource',
  abstract: false,
  type,
  baseDefinition: core + type,
  derivation: 'constraint',
  differential: { element: element as ElementDefinition[] },
})

const validatorWith = (profile: StructureDefinition) =>
  createValidator({
    definitions,
    membership,
    canonicals: {
      ...files,
      resolve: (type, canonical) =>
        canonical === profile.url ? (profile as never) : files.resolve(type, canonical),
    },
  })

/** Rules that the resource breaks, with their places. */
const broken = (profile: StructureDefinition, resource: JsonObject): readonly string[] =>
  validatorWith(profile)
    .validate(String(resource.resourceType), resource, { ...options, profiles: [url] })
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ rule, expression }) => `${rule} ${expression?.[0]}`)
    .sort()

const patient = (more: JsonObject): JsonObject => ({ resourceType: 'Patient', ...more })
const observation = (more: JsonObject): JsonObject => ({
  resourceType: 'Observation',
  status: 'final',
  code: { text: 'seen' },
  ...more,
})

t.test('cardinality', async (t) => {
  const profile = profileOn('Patient', [
    { path: 'Patient.name', min: 1, max: '2' },
    { path: 'Patient.name.family', min: 1 },
    { path: 'Patient.photo', max: '0' },
  ])
  t.same(broken(profile, patient({ name: [{ family: 'A' }] })), [])
  t.same(broken(profile, patient({ active: true })), ['min Patient.name'])
  t.same(broken(profile, patient({ name: [{ text: 'A' }] })), ['min Patient.name[0].family'])
  t.same(
    broken(profile, patient({ name: [1, 2, 3].map(() => ({ family: 'A' })), photo: [{ url: 'http://x' }] })),
    ['max Patient.name', 'max Patient.photo'],
  )
})

t.test('values', async (t) => {
  const profile = profileOn('Patient', [
    { path: 'Patient.active', fixedBoolean: true },
    { path: 'Patient.maritalStatus', patternCodeableConcept: { coding: [{ system: 's:1', code: 'M' }] } },
    { path: 'Patient.birthDate', minValueDate: '1900-01-01', maxValueDate: '2020-12-31' },
    { path: 'Patient.name.family', maxLength: 3 },
  ])
  const coding = { system: 's:1', code: 'M', display: 'married' }
  t.same(broken(profile, patient({ active: true, maritalStatus: { coding: [{ code: 'x' }, coding] } })), [])
  t.same(broken(profile, patient({ active: false, maritalStatus: { coding: [{ ...coding, code: 'S' }] } })), [
    'fixed Patient.active',
    'pattern Patient.maritalStatus',
  ])
  t.same(broken(profile, patient({ birthDate: '1899-12-31', name: [{ family: 'Long' }] })), [
    'max-length Patient.name[0].family',
    'minValue Patient.birthDate',
  ])
  t.same(broken(profile, patient({ birthDate: '2021' })), ['maxValue Patient.birthDate'])
})

t.test('choices', async (t) => {
  const profile = profileOn('Observation', [
    { path: 'Observation.value[x]', min: 1, type: [{ code: 'Quantity' }, { code: 'string' }] },
    { path: 'Observation.valueQuantity', sliceName: 'valueQuantity', type: [{ code: 'Quantity' }] },
    { path: 'Observation.valueQuantity.unit', min: 1 },
  ])
  t.same(broken(profile, observation({ valueString: 'a' })), [])
  t.same(broken(profile, observation({ valueQuantity: { value: 1, unit: 'g' } })), [])
  t.same(broken(profile, observation({ valueBoolean: true })), ['type Observation.value'])
  t.same(broken(profile, observation({})), ['min Observation.value'])
  t.same(broken(profile, observation({ valueQuantity: { value: 1 } })), ['min Observation.value.unit'])
})

const identifiers = (rules: 'open' | 'closed' | 'openAtEnd', ordered: boolean): StructureDefinition =>
  profileOn('Patient', [
    {
      path: 'Patient.identifier',
      slicing: { discriminator: [{ type: 'value', path: 'system' }], rules, ordered },
    },
    { path: 'Patient.identifier', sliceName: 'a', min: 1, max: '1' },
    { path: 'Patient.identifier.system', min: 1, fixedUri: 's:a' },
    { path: 'Patient.identifier', sliceName: 'b', min: 0, max: '*' },
    { path: 'Patient.identifier.system', min: 1, fixedUri: 's:b' },
    { path: 'Patient.identifier.value', min: 1 },
  ])
const identified = (...systems: string[]): JsonObject =>
  patient({ identifier: systems.map((system) => ({ system, value: '1' })) })

t.test('slices by value', async (t) => {
  t.same(broken(identifiers('open', false), identified('s:b', 's:x', 's:a')), [])
  t.same(broken(identifiers('open', false), identified('s:b')), ['slice-min Patient.identifier'])
  t.same(broken(identifiers('open', false), identified('s:a', 's:a')), ['slice-max Patient.identifier'])
  t.same(broken(identifiers('closed', false), identified('s:a', 's:x')), [
    'slice-closed Patient.identifier[1]',
  ])
  t.same(broken(identifiers('openAtEnd', false), identified('s:a', 's:x', 's:b')), [
    'slice-end Patient.identifier[2]',
  ])
  t.same(broken(identifiers('open', true), identified('s:b', 's:a')), ['slice-order Patient.identifier[1]'])
  const noValue = patient({ identifier: [{ system: 's:a' }, { system: 's:b' }] })
  t.same(broken(identifiers('open', false), noValue), ['min Patient.identifier[1].value'])
})

t.test('slices by pattern, type, exists, profile and position', async (t) => {
  const sliced = (type: string, path: string, ...slices: Partial<ElementDefinition>[]) =>
    profileOn('Observation', [
      {
        path: 'Observation.component',
        slicing: { discriminator: [{ type: type as 'value', path }], rules: 'closed' },
      },
      ...slices,
    ])
  const component = (...items: JsonObject[]): JsonObject =>
    observation({ component: items.map((item) => ({ code: { text: 'x' }, ...item })) })
  const pattern = sliced(
    'pattern',
    'code',
    { path: 'Observation.component', sliceName: 'one', max: '1' },
    { path: 'Observation.component.code', patternCodeableConcept: { coding: [{ code: '1' }] } },
  )
  t.same(broken(pattern, component({ code: { coding: [{ code: '2' }, { code: '1' }] } })), [])
  t.same(broken(pattern, component({})), ['slice-closed Observation.component[0]'])
  const type = sliced(
    'type',
    'value',
    { path: 'Observation.component', sliceName: 'text' },
    { path: 'Observation.component.value[x]', type: [{ code: 'string' }] },
  )
  t.same(broken(type, component({ valueString: 'a' }, { valueInteger: 1 })), [
    'slice-closed Observation.component[1]',
  ])
  const exists = sliced(
    'exists',
    'interpretation',
    { path: 'Observation.component', sliceName: 'judged', max: '1' },
    { path: 'Observation.component.interpretation', min: 1 },
    { path: 'Observation.component', sliceName: 'other' },
    { path: 'Observation.component.interpretation', max: '0' },
  )
  t.same(broken(exists, component({ interpretation: [{ text: 'H' }] }, {}, {})), [])
  t.same(
    broken(exists, component({ interpretation: [{ text: 'H' }] }, { interpretation: [{ text: 'L' }] })),
    ['slice-max Observation.component'],
  )
  const position = sliced(
    'position',
    '$this',
    { path: 'Observation.component', sliceName: 'first' },
    { path: 'Observation.component.value[x]', min: 1 },
    { path: 'Observation.component', sliceName: 'second' },
  )
  t.same(broken(position, component({ valueString: 'a' }, {})), [])
  t.same(broken(position, component({}, {})), ['min Observation.component[0].value'])
  const resolved = profileOn('Observation', [
    {
      path: 'Observation.hasMember',
      slicing: { discriminator: [{ type: 'type', path: 'resolve()' }], rules: 'closed' },
    },
    {
      path: 'Observation.hasMember',
      sliceName: 'seen',
      type: [{ code: 'Reference', targetProfile: [`${core}Observation`] }],
    },
  ])
  const members = (...references: string[]) =>
    observation({ hasMember: references.map((reference) => ({ reference })) })
  t.same(broken(resolved, members('Observation/1', 'MolecularSequence/1')), [
    'slice-closed Observation.hasMember[1]',
  ])
})

t.test('reslicing and the default slice', async (t) => {
  const profile = profileOn('Patient', [
    {
      path: 'Patient.telecom',
      slicing: { discriminator: [{ type: 'value', path: 'system' }], rules: 'open' },
    },
    {
      id: 'Patient.telecom:phone',
      path: 'Patient.telecom',
      sliceName: 'phone',
      slicing: { discriminator: [{ type: 'value', path: 'use' }], rules: 'closed' },
    },
    { id: 'Patient.telecom:phone.system', path: 'Patient.telecom.system', min: 1, fixedCode: 'phone' },
    { id: 'Patient.telecom:phone/home', path: 'Patient.telecom', sliceName: 'phone/home', max: '1' },
    { id: 'Patient.telecom:phone/home.use', path: 'Patient.telecom.use', min: 1, fixedCode: 'home' },
    { id: 'Patient.telecom:@default', path: 'Patient.telecom', sliceName: '@default' },
    { id: 'Patient.telecom:@default.value', path: 'Patient.telecom.value', min: 1 },
  ])
  const telecom = (...each: JsonObject[]) => patient({ telecom: each })
  const home = { system: 'phone', use: 'home', value: '1' }
  t.same(broken(profile, telecom(home, { system: 'email', value: 'a' })), [])
  t.same(broken(profile, telecom(home, home)), ['slice-max Patient.telecom'])
  t.same(broken(profile, telecom({ ...home, use: 'work' })), ['slice-closed Patient.telecom[0]'])
  t.same(broken(profile, telecom({ system: 'email' })), ['min Patient.telecom[0].value'])
})

t.test('bindings, constraints and targets of a profile', async (t) => {
  const profile = profileOn('Observation', [
    {
      path: 'Observation',
      constraint: [
        { key: 'own-1', severity: 'error', human: 'Notes are needed', expression: 'note.exists()' },
      ],
    },
    { path: 'Observation.method', binding: { strength: 'required', valueSet: 'http://example.org/vs' } },
    { path: 'Observation.subject', type: [{ code: 'Reference', targetProfile: [`${core}Patient`] }] },
  ])
  const good = {
    note: [{ text: 'n' }],
    method: { coding: [{ system: 's:1', code: 'a' }] },
    subject: { reference: 'Patient/1' },
  }
  t.same(broken(profile, observation(good)), [])
  t.same(
    broken(
      profile,
      observation({
        method: { coding: [{ system: 's:1', code: 'unlisted' }] },
        subject: { reference: 'Group/1' },
      }),
    ),
    ['binding-required Observation.method', 'own-1 Observation', 'reference-target Observation.subject'],
  )
})

t.test('profiles that the resource names, and those that are not loaded', async (t) => {
  const profile = profileOn('Patient', [{ path: 'Patient.name', min: 1 }])
  const validator = validatorWith(profile)
  const named = patient({ meta: { profile: [url, 'http://example.org/unknown'] }, active: true })
  const rules = (mode: 'standard' | 'strict') =>
    validator
      .validate('Patient', named, { ...options, mode })
      .issues.map(({ rule, severity }) => `${severity} ${rule}`)
  t.same(rules('standard'), ['error min', 'warning profile-unknown'])
  t.same(rules('strict'), ['error min', 'error profile-unknown'])
  t.same(validator.validate('Patient', named, { ...options, mode: 'off' }).issues, [])
})
