/** Rules that R4 states in words: extensions, contained resources, references, Bundles, Questionnaires, attachments, numbers. */
import { hash } from 'node:crypto'
import type { Questionnaire, ValueSet } from 'fhir/r4.js'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { createValidator } from '../../src/validation/index.ts'
import { testCanonicals } from '../support/canonicals.ts'
import { standard } from '../support/validator.ts'

const questionnaire: Questionnaire = {
  resourceType: 'Questionnaire',
  url: 'http://example.org/Questionnaire/q',
  status: 'active',
  item: [
    { linkId: 'smokes', type: 'boolean', required: true },
    {
      linkId: 'often',
      type: 'integer',
      required: true,
      enableWhen: [{ question: 'smokes', operator: '=', answerBoolean: true }],
    },
    {
      linkId: 'colour',
      type: 'choice',
      repeats: true,
      answerOption: [{ valueCoding: { system: 's:c', code: 'red' } }],
    },
    { linkId: 'group', type: 'group', item: [{ linkId: 'inner', type: 'string', maxLength: 3 }] },
    {
      linkId: 'weight',
      type: 'decimal',
      repeats: true,
      extension: [
        { url: 'http://hl7.org/fhir/StructureDefinition/minValue', valueDecimal: 1 },
        { url: 'http://hl7.org/fhir/StructureDefinition/questionnaire-maxOccurs', valueInteger: 2 },
      ],
    },
    { linkId: 'sex', type: 'choice', answerValueSet: '#sexes' },
    { linkId: 'lost', type: 'choice', answerValueSet: '#nowhere' },
  ],
  contained: [{ resourceType: 'ValueSet', id: 'sexes', status: 'active' } as ValueSet],
}

const validator = createValidator({
  definitions: await loadDefinitions(undefined),
  canonicals: testCanonicals([questionnaire]),
  membership: {
    now: ({ inline, value }) =>
      inline && value.code === 'x' ? { result: 'no', reason: 'Not there.' } : { result: 'yes' },
    ask: async () => [],
  },
})

const judge = (resource: JsonObject, text?: string) =>
  validator.validate(String(resource.resourceType), resource, standard, text)

const broken = (resource: JsonObject): readonly string[] =>
  judge(resource)
    .issues.filter(({ severity }) => severity === 'error')
    .map(({ rule, expression }) => `${rule} ${expression?.[0]}`)

const patient = (more: JsonObject): JsonObject => ({ resourceType: 'Patient', active: true, ...more })
const core = 'http://hl7.org/fhir/StructureDefinition/'

t.test('extensions', async (t) => {
  const birthPlace = { url: `${core}patient-birthPlace`, valueAddress: { city: 'Ulm' } }
  t.same(broken(patient({ extension: [birthPlace] })), [])
  t.same(broken(patient({ name: [{ family: 'A', extension: [birthPlace] }] })), [
    'extension-context Patient.name[0].extension[0]',
  ])
  t.same(broken(patient({ extension: [{ url: `${core}patient-birthPlace`, valueString: 'Ulm' }] })), [
    'type Patient.extension[0].value',
  ])
  t.same(broken(patient({ extension: [{ url: 'http://example.org/own', valueString: 'a' }] })), [])
  t.same(broken(patient({ modifierExtension: [{ url: 'http://example.org/own', valueString: 'a' }] })), [
    'extension-unknown Patient.modifierExtension[0]',
  ])
  t.same(broken(patient({ extension: [{ url: 'http://example.org/own' }] })), ['ext-1 Patient.extension[0]'])
  t.same(broken(patient({ extension: [{ url: 'relative', valueString: 'a' }] })), [
    'extension-url Patient.extension[0]',
  ])
  t.same(broken(patient({ modifierExtension: [birthPlace] })), [
    'extension-modifier Patient.modifierExtension[0]',
  ])
  const race = (...extension: JsonObject[]) =>
    patient({
      extension: [{ url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-race', extension }],
    })
  t.same(broken(race({ url: 'text', valueString: 'a' })), [])
  t.same(
    broken(
      race({
        url: 'ombCategory',
        valueCoding: { system: 'urn:oid:2.16.840.1.113883.6.238', code: '2106-3' },
      }),
    ),
    ['slice-min Patient.extension[0].extension'],
  )
  t.same(broken(race({ url: 'text', valueString: 'a' }, { url: 'other', valueString: 'b' })), [
    'extension-inner Patient.extension[0].extension[1]',
  ])
  t.same(broken(patient({ birthDate: '1970-03-30', _birthDate: { extension: [{ ...birthPlace }] } })), [
    'extension-context Patient.birthDate.extension[0]',
  ])
})

t.test('contained resources', async (t) => {
  const held = { resourceType: 'Organization', id: 'o', name: 'O' }
  const reference = { managingOrganization: { reference: '#o' } }
  t.same(broken(patient({ contained: [held], ...reference })), [])
  t.same(broken(patient({ contained: [held] })), ['dom-3 Patient.contained[0]'])
  t.same(broken(patient({ ...reference })), ['ref-1 Patient.managingOrganization'])
  t.same(
    broken(
      patient({
        contained: [{ ...held, meta: { versionId: '1', security: [{ code: 'R' }] } }],
        ...reference,
      }),
    ),
    ['dom-4 Patient.contained[0]', 'dom-5 Patient.contained[0]'],
  )
  t.same(broken(patient({ contained: [held, held], ...reference })), ['contained-id Patient.contained[1]'])
})

t.test('references', async (t) => {
  const of = (managingOrganization: JsonObject) => patient({ managingOrganization })
  t.same(broken(of({ reference: 'Organization/1' })), [])
  t.same(broken(of({ reference: 'http://x.org/fhir/Organization/1/_history/2' })), [])
  t.same(broken(of({ reference: 'Patient/1' })), ['reference-target Patient.managingOrganization'])
  for (const reference of ['urn:uuid:0c3151bd-1cbf-4d64-b04d-cd9187a4c6e0', 'Organization?identifier=a|1'])
    t.same(broken(of({ reference })), [], reference)
  for (const reference of [
    'the clinic',
    'organization/1',
    'Nothing/1',
    '/Organization/1',
    'Organization/a_b',
    'x?a=1',
  ])
    t.same(broken(of({ reference })), ['reference-form Patient.managingOrganization'], reference)
  t.same(broken(of({ reference: 'Organization/1', type: 'Group' })), [
    'reference-type Patient.managingOrganization',
  ])
  t.same(broken(of({ type: 'Group', identifier: { value: '1' } })), [
    'reference-target Patient.managingOrganization',
  ])
  t.same(judge(of({ reference: 'Organization/1' })).references, [
    { reference: 'Organization/1', expression: 'Patient.managingOrganization', profiles: [] },
  ])
})

t.test('Bundles', async (t) => {
  const entry = (fullUrl: string, resource: JsonObject, more: JsonObject = {}): JsonObject => ({
    fullUrl,
    resource,
    ...more,
  })
  const bundle = (type: string, ...entries: JsonObject[]): JsonObject => ({
    resourceType: 'Bundle',
    type,
    entry: entries,
  })
  const one = patient({ id: '1' })
  t.same(broken(bundle('collection', entry('http://x.org/Patient/1', one))), [])
  t.same(broken(bundle('collection', entry('Patient/1', one))), ['bundle-full-url Bundle.entry[0].fullUrl'])
  t.same(broken(bundle('collection', entry('urn:uuid:ABC', one))), [
    'bundle-full-url Bundle.entry[0].fullUrl',
  ])
  t.same(broken(bundle('collection', entry('http://x.org/Patient/2', one))), [
    'bundle-full-url-id Bundle.entry[0].fullUrl',
  ])
  t.same(broken(bundle('searchset', entry('http://x.org/Patient/1', patient({})))), [
    'bundle-search-id Bundle.entry[0].resource',
  ])
  const put = { request: { method: 'PUT', url: 'Patient/2' } }
  t.same(broken(bundle('transaction', entry('http://x.org/Patient/1', one, put))), [
    'bundle-request Bundle.entry[0].resource',
  ])
  const broke = patient({ id: '3', managingOrganization: { reference: 'Patient/1' } })
  t.same(
    broken(
      bundle('collection', entry('http://x.org/Patient/1', one), entry('http://x.org/Patient/3', broke)),
    ),
    ['reference-target Bundle.entry[1].resource.managingOrganization'],
  )
})

t.test('a Questionnaire', async (t) => {
  const of = (...item: JsonObject[]): JsonObject => ({ resourceType: 'Questionnaire', status: 'draft', item })
  const when = { enableWhen: [{ question: 'b', operator: 'exists', answerBoolean: true }] }
  t.same(
    broken(
      of({ linkId: 'a', type: 'string', text: 'A', ...when }, { linkId: 'b', type: 'string', text: 'B' }),
    ),
    [],
  )
  t.same(broken(of({ linkId: 'a', type: 'string', text: 'A', ...when })), [
    'questionnaire-enable-when Questionnaire.item[0].enableWhen[0].question',
  ])
})

t.test('answers to a Questionnaire', async (t) => {
  const response = (...item: JsonObject[]): JsonObject => ({
    resourceType: 'QuestionnaireResponse',
    questionnaire: 'http://example.org/Questionnaire/q',
    status: 'completed',
    item,
  })
  const answer = (linkId: string, ...answers: JsonObject[]): JsonObject => ({ linkId, answer: answers })
  const no = answer('smokes', { valueBoolean: false })
  const yes = answer('smokes', { valueBoolean: true })
  t.same(broken(response(no)), [])
  t.same(broken(response(yes, answer('often', { valueInteger: 3 }))), [])
  t.same(broken(response(yes)), ['response-required QuestionnaireResponse.item'])
  t.same(broken(response(no, answer('often', { valueInteger: 3 }))), [
    'response-disabled QuestionnaireResponse.item[1]',
  ])
  t.same(broken(response(answer('smokes', { valueString: 'no' }))), [
    'response-type QuestionnaireResponse.item[0].answer[0].value',
  ])
  t.same(broken(response(no, answer('colour', { valueCoding: { system: 's:c', code: 'blue' } }))), [
    'response-option QuestionnaireResponse.item[1].answer[0].value',
  ])
  t.same(broken(response(no, { linkId: 'nowhere' })), ['response-link-id QuestionnaireResponse.item[1]'])
  t.same(broken(response({ linkId: 'group', item: [answer('inner', { valueString: 'long' })] }, no)), [
    'response-length QuestionnaireResponse.item[0].item[0].answer[0].value',
    'response-order QuestionnaireResponse.item[1]',
  ])
  const weighed = (...weights: number[]) => ({
    linkId: 'weight',
    answer: weights.map((valueDecimal) => ({ valueDecimal })),
  })
  t.same(broken(response(no, weighed(1, 2))), [])
  t.same(broken(response(no, weighed(0.5, 2, 3))), [
    'response-occurs QuestionnaireResponse.item[1]',
    'response-limit QuestionnaireResponse.item[1].answer[0].value',
  ])
  t.same(broken(response(no, answer('sex', { valueCoding: { system: 's:c', code: 'f' } }))), [])
  t.same(broken(response(no, answer('sex', { valueCoding: { system: 's:c', code: 'x' } }))), [
    'binding-required QuestionnaireResponse.item[1].answer[0].value',
  ])
  t.match(judge(response(no, answer('lost', { valueCoding: { system: 's:c', code: 'f' } }))).issues, [
    { severity: 'warning', rule: 'response-option' },
  ])
})

t.test('attachments, numbers and texts', async (t) => {
  const photo = (more: JsonObject) =>
    patient({ photo: [{ contentType: 'image/png', data: 'AAAA', ...more }] })
  const sha1 = hash('sha1', Buffer.alloc(3), 'base64')
  t.same(broken(photo({ size: 3, hash: sha1 })), [])
  t.same(broken(photo({ hash: sha1.toLowerCase() })), ['attachment-hash Patient.photo[0]'])
  t.same(broken(photo({ size: 4 })), ['attachment-size Patient.photo[0]'])
  const text = '{"resourceType":"Patient",\n "multipleBirthInteger": 2.0}'
  const found = judge(JSON.parse(text), text).issues
  t.match(found, [{ rule: 'integer-form', expression: ['Patient.multipleBirth'] }])
  t.match(judge(patient({ name: [{ text: '  ' }] })).issues, [{ rule: 'blank', severity: 'warning' }])
  t.match(judge(patient({ name: [{ text: '<b>A</b>' }] })).issues, [
    { rule: 'html-in-text', severity: 'warning' },
  ])
  t.match(judge(patient({ name: [{ text: 'a\u202eb' }] })).issues, [
    { rule: 'text-direction', severity: 'warning' },
  ])
})

t.test('definitions', async (t) => {
  const parameter = {
    resourceType: 'SearchParameter',
    url: 'http://x.org/p',
    name: 'P',
    status: 'draft',
    description: 'd',
    code: 'p',
  }
  t.same(broken({ ...parameter, type: 'composite', base: ['Patient'], expression: 'Patient' }), [
    'searchparameter-component SearchParameter.component',
  ])
  t.same(broken({ ...parameter, type: 'string', base: ['Patient'], expression: 'Group.name' }), [
    'searchparameter-base SearchParameter.expression',
  ])
  const structure = {
    resourceType: 'StructureDefinition',
    ...{
      url: 'http://x.org/s',
      name: 'S',
      status: 'draft',
      kind: 'resource',
      abstract: false,
      type: 'Patient',
    },
    ...{ baseDefinition: `${core}Patient`, derivation: 'constraint' },
    differential: { element: [{ id: 'Patient.nme', path: 'Patient.nme', min: 1 }] },
  }
  t.same(broken(structure), ['differential-path StructureDefinition.differential.element[0].path'])
})

t.test('narratives are told what is wrong with them, and not what a book says', async (t) => {
  const said = (div: string) =>
    judge(patient({ text: { status: 'generated', div } }))
      .issues.filter(({ rule }) => rule?.startsWith('txt-'))
      .map(({ diagnostics }) => diagnostics)
  const open = '<div xmlns="http://www.w3.org/1999/xhtml">'
  t.match(said(`${open}<script>a</script></div>`), [/^Patient.text.div has the element <script>/])
  t.match(said('<div>a</div>'), [/^Patient.text.div must say xmlns=/])
  t.match(said(`${open} </div>`), [/^Patient.text.div has no text and no image/])
})
