import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { linksOf, rewriteLinks } from '../../src/fhir/links.ts'

const definitions = await loadDefinitions(undefined)
const known = new Map([
  ['urn:uuid:1', 'Patient/1'],
  ['http://other/fhir/Patient/2', 'Patient/9'],
  ['Patient/3', 'Patient/3'],
  ['Binary/4', 'Binary/5'],
  ['http://codes/CodeSystem/x', 'CodeSystem/x'],
])
const rewrite = (text: string) =>
  rewriteLinks(
    definitions,
    text,
    () => JSON.parse(text) as JsonObject,
    (link) => known.get(link),
  )
const becomes = (before: string, after: string) => t.equal(rewrite(before), after)
const stays = (text: string) => becomes(text, text)

t.test('references', async () => {
  becomes(
    '{"resourceType":"Observation","subject":{"reference":"urn:uuid:1"},"valueDecimal":1.00}',
    '{"resourceType":"Observation","subject":{"reference":"Patient/1"},"valueDecimal":1.00}',
  )
  const subject = (reference: string) =>
    `{"resourceType":"Observation","subject":{"reference":"${reference}"}}`
  becomes(subject('http://other/fhir/Patient/2'), subject('Patient/9'))
  becomes(subject('http://other/fhir/Patient/2/_history/5'), subject('Patient/9'))
  becomes(subject('urn:uuid:1#part'), subject('Patient/1#part'))
  becomes(subject('urn:uuid\\u003a1'), subject('Patient/1'))
  becomes(subject('http:\\/\\/other\\/fhir\\/Patient\\/2'), subject('Patient/9'))
  stays(subject('Patient/3/_history/2'))
  stays(subject('urn:uuid:2'))
  stays(subject('#urn:uuid:1'))
  becomes(
    '{"resourceType":"Observation","contained":[{"resourceType":"Condition","subject":{"reference":"urn:uuid:1"}}]}',
    '{"resourceType":"Observation","contained":[{"resourceType":"Condition","subject":{"reference":"Patient/1"}}]}',
  )
})

t.test('elements of the types uri, url, oid, uuid, and no others', async () => {
  becomes(
    '{"resourceType":"DocumentReference","content":[{"attachment":{"url":"Binary/4","title":"urn:uuid:1"}}]}',
    '{"resourceType":"DocumentReference","content":[{"attachment":{"url":"Binary/5","title":"urn:uuid:1"}}]}',
  )
  becomes(
    '{"resourceType":"Basic","extension":[{"url":"u","valueUri":"urn:uuid:1"},{"url":"u","valueCanonical":"urn:uuid:1"},{"url":"u","valueString":"urn:uuid:1"},{"url":"u","valueUuid":"urn:uuid:1"}]}',
    '{"resourceType":"Basic","extension":[{"url":"u","valueUri":"Patient/1"},{"url":"u","valueCanonical":"urn:uuid:1"},{"url":"u","valueString":"urn:uuid:1"},{"url":"u","valueUuid":"Patient/1"}]}',
  )
  stays('{"resourceType":"Patient","identifier":[{"system":"urn:ietf:rfc:3986","value":"urn:uuid:1"}]}')
  stays('{"resourceType":"Basic","id":"Binary/4","instantiatesCanonical":["urn:uuid:1"]}')
  stays('{"resourceType":"CodeSystem","url":"http://codes/CodeSystem/x"}')
  stays(
    '{"resourceType":"Basic","code":{"coding":[{"system":"http://codes/CodeSystem/x"}]},"subject":{"reference":"x"}}',
  )
  becomes(
    '{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u","valueReference":{"reference":"urn:uuid:1"}},{"url":"v","valueUri":"urn:uuid:1"}]}}',
    '{"resourceType":"Patient","birthDate":"2000","_birthDate":{"extension":[{"url":"u","valueReference":{"reference":"Patient/1"}},{"url":"v","valueUri":"Patient/1"}]}}',
  )
})

t.test('narrative', async () => {
  const text = (div: string) => `{"resourceType":"Basic","text":{"status":"generated","div":"${div}"}}`
  becomes(
    text('<div>urn:uuid:1 <a name=\\"x\\" href=\\"urn:uuid:1\\">urn:uuid:1</a><img src=\'Binary/4\'/></div>'),
    text('<div>urn:uuid:1 <a name=\\"x\\" href=\\"Patient/1\\">urn:uuid:1</a><img src=\'Binary/5\'/></div>'),
  )
  becomes(
    text('<div>\\n<a href=\\u0022urn:uuid:1\\">é</a></div>'),
    text('<div>\\n<a href=\\"Patient/1\\">é</a></div>'),
  )
  stays(text('<div>\\n\\u00e9<a href=\\"urn:uuid:7\\">é</a></div>'))
  stays(text(`<div>${'<a href='.repeat(20_000)}</div>`))
})

t.test('all references with their places', async () => {
  const resource = {
    resourceType: 'MedicationRequest',
    medicationReference: { reference: '#m' },
    contained: [{ resourceType: 'Medication', manufacturer: { reference: 'Organization/1' } }],
    subject: { identifier: { value: 'reference' }, display: 'x' },
    supportingInformation: [{ reference: 'Basic/1' }, { reference: 'Basic/2', _reference: { id: 'q' } }],
    _status: { extension: [{ url: 'u', valueReference: { reference: 'Basic/3' } }] },
  }
  t.same(linksOf(definitions, resource as unknown as JsonObject), [
    { reference: '#m', path: 'MedicationRequest.medication.reference' },
    { reference: 'Organization/1', path: 'MedicationRequest.contained[0].manufacturer.reference' },
    { reference: 'Basic/1', path: 'MedicationRequest.supportingInformation[0].reference' },
    { reference: 'Basic/2', path: 'MedicationRequest.supportingInformation[1].reference' },
    { reference: 'Basic/3', path: 'MedicationRequest.status.extension[0].value.reference' },
  ])
})

t.test('every string member named reference is a link by its type', async () => {
  for (const [name, type] of definitions.types) {
    const element = type.elements.get('reference')
    if (!element || name === 'Reference') continue
    t.ok(element.type === 'uri' || definitions.types.get(element.type)?.kind !== 'primitive', name)
  }
})
