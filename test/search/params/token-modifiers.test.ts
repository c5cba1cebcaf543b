import t from 'tap'
import { hasErrors } from '../../../src/base/issue.ts'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../../src/fhir/json/value.ts'
import { createSearch } from '../../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }

const planOf = (resource: JsonObject, query: string) =>
  search.plan(String(resource.resourceType), [...new URLSearchParams(query)], options)

/** Whether a resource meets a query; the diagnostics of one that is refused. */
const meets = (resource: JsonObject, query: string): boolean | string => {
  const { plan, issues } = planOf(resource, query)
  if (hasErrors(issues)) return issues.map(({ diagnostics }) => diagnostics).join()
  const rows = search.extract(String(resource.resourceType), resource, base)
  return search.matches(plan, { id: '1', lastUpdated: 0, rows })
}

const patient = {
  resourceType: 'Patient',
  gender: 'male',
  active: true,
  identifier: [
    { system: 'http://ids', value: '12', type: { coding: [{ system: 'http://types', code: 'MR' }] } },
    { value: '13', type: { text: 'no coding' } },
  ],
  managingOrganization: { identifier: { system: 'http://orgs', value: 'o1' } },
}
const genders = 'http://hl7.org/fhir/administrative-gender'
const actCodes = 'http://terminology.hl7.org/CodeSystem/v3-ActCode'
const encounter = {
  resourceType: 'Encounter',
  status: 'finished',
  class: { system: actCodes, code: 'ACUTE' },
}
const task = { resourceType: 'Task', status: 'requested', intent: 'order' }

t.test('the system of a code follows from its binding', async (t) => {
  t.equal(meets(patient, `gender=${genders}|male`), true)
  t.equal(meets(patient, `gender=${genders}|female`), false)
  t.equal(meets(patient, `gender=${genders}|`), true)
  t.equal(meets({ resourceType: 'Patient' }, `gender=${genders}|`), false)
  t.equal(meets(patient, `gender=${genders}|,female`), true)
  t.match(meets(patient, 'gender=http://other|male'), /it is http:\/\/hl7.org\/fhir\/administrative-gender/)
  t.equal(meets(task, 'intent=http://hl7.org/fhir/request-intent|order'), true)
  t.equal(meets(task, 'intent=http://hl7.org/fhir/request-intent|'), true)
  t.equal(meets(task, 'intent=http://hl7.org/fhir/task-intent|order'), false)
  t.equal(meets(task, 'intent=http://hl7.org/fhir/task-intent|unknown'), false)
})

t.test('not', async (t) => {
  t.equal(meets(patient, 'gender:not=male'), false)
  t.equal(meets(patient, 'gender:not=female'), true)
  t.equal(meets(patient, 'gender:not=female,male'), false)
  t.equal(meets({ resourceType: 'Patient' }, 'gender:not=male'), true, 'what has no value has not this one')
  t.equal(meets(patient, '_id:not=2'), true)
  t.equal(meets(patient, '_id:not=1'), false)
})

t.test('missing', async (t) => {
  t.equal(meets(patient, 'gender:missing=true'), false)
  t.equal(meets(patient, 'gender:missing=false'), true)
  t.equal(meets(patient, 'organization:missing=false'), true, 'a reference by identifier is a value')
  t.equal(meets(patient, 'general-practitioner:missing=true'), true)
  const textOnly = { resourceType: 'Observation', code: { text: 'x' } }
  t.equal(meets(textOnly, 'code:missing=false'), true, 'so is a concept without a code')
  t.equal(meets(textOnly, 'category:missing=true'), true)
  t.match(meets(patient, 'gender:missing=yes'), /true or false/)
  t.match(meets(patient, 'gender:missing=true,false'), /true or false/)
})

t.test('of-type', async (t) => {
  t.equal(meets(patient, 'identifier:of-type=http://types|MR|12'), true)
  t.equal(meets(patient, 'identifier:of-type=http://types|MR|13'), false)
  t.equal(meets(patient, 'identifier:of-type=http://types|XX|12'), false)
  t.match(meets(patient, 'identifier:of-type=MR|12'), /\[system\]\|\[code\]\|\[value\]/)
  t.match(meets(patient, 'gender:of-type=a|b|c'), /does not know that modifier/)
})

t.test('identifiers of references', async (t) => {
  t.equal(meets(patient, 'organization:identifier=http://orgs|o1'), true)
  t.equal(meets(patient, 'organization:identifier=o1'), true)
  t.equal(meets(patient, 'organization:identifier=http://orgs|o2'), false)
  t.equal(meets(patient, 'organization=o1'), false)
})

t.test('value sets', async (t) => {
  t.equal(meets(patient, 'gender:in=http://hl7.org/fhir/ValueSet/administrative-gender'), true)
  t.equal(meets(patient, 'gender:not-in=http://hl7.org/fhir/ValueSet/administrative-gender'), false)
  t.equal(meets(patient, 'gender:in=http://hl7.org/fhir/ValueSet/task-status'), false)
  t.equal(meets(encounter, 'class:in=http://terminology.hl7.org/ValueSet/v3-ActEncounterCode'), true)
  t.equal(meets(encounter, 'class:in=http://terminology.hl7.org/ValueSet/v3-ActMood'), false)
  t.match(meets(encounter, 'class:in=http://nobody/knows'), /is not known to this server/)
  const loinc = {
    resourceType: 'Observation',
    code: { coding: [{ system: 'http://loinc.org', code: '1-1' }] },
  }
  t.equal(meets(loinc, 'code:in=http://hl7.org/fhir/ValueSet/observation-codes'), true)
  t.match(meets(loinc, 'code:in=http://hl7.org/fhir/ValueSet/doc-typecodes'), /SCALE_TYP|not known/)
})

t.test('above and below', async (t) => {
  t.equal(meets(encounter, `class:below=${actCodes}|IMP`), true)
  t.equal(meets(encounter, `class:below=${actCodes}|ACUTE`), true)
  t.equal(meets(encounter, `class:above=${actCodes}|IMP`), false)
  const inpatient = { ...encounter, class: { system: actCodes, code: 'IMP' } }
  t.equal(meets(inpatient, `class:above=${actCodes}|ACUTE`), true)
  t.match(meets(encounter, 'class:below=http://snomed.info/sct|1'), /not known/)
  t.match(meets(encounter, 'class:below=IMP'), /\[system\]\|\[code\]/)
})
