/** Functional lists: http://hl7.org/fhir/R4/lifecycle.html#lists */
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createSearch, type Parameter } from '../../../src/search/index.ts'

const search = createSearch(await loadDefinitions(undefined))
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }
const plan = (type: string, query: readonly Parameter[]) => search.plan(type, query, options)

const allergy = (clinical: string, verification: string, category: string) => ({
  resourceType: 'AllergyIntolerance',
  patient: { reference: 'Patient/1' },
  clinicalStatus: { coding: [{ code: clinical }] },
  verificationStatus: { coding: [{ code: verification }] },
  category: [category],
})

t.test('what is on a list of the patient', async (t) => {
  const found = (list: string, resource: ReturnType<typeof allergy>): boolean => {
    const made = plan('AllergyIntolerance', [
      ['patient', '1'],
      ['_list', list],
    ])
    t.same(made.issues, [])
    const rows = search.extract('AllergyIntolerance', resource, base)
    return search.matches(made.plan, { id: 'x', lastUpdated: 0, rows })
  }
  t.ok(found('$current-allergies', allergy('active', 'confirmed', 'food')))
  t.notOk(found('$current-allergies', allergy('resolved', 'confirmed', 'food')))
  t.notOk(found('$current-allergies', allergy('active', 'refuted', 'food')))
  t.notOk(found('$current-drug-allergies', allergy('active', 'confirmed', 'food')))
  t.ok(found('$current-drug-allergies', allergy('active', 'confirmed', 'medication')))
})

t.test('every list can be asked for', async (t) => {
  for (const [type, list] of [
    ['Condition', '$current-problems'],
    ['MedicationRequest', '$current-medications'],
    ['MedicationStatement', '$current-medications'],
  ] as const)
    t.same(
      plan(type, [
        ['patient', '1'],
        ['_list', list],
      ]).issues,
      [],
    )
})

t.test('refused with the reason', async (t) => {
  const says = (type: string, query: readonly Parameter[]): string =>
    plan(type, query).issues[0]?.diagnostics ?? ''
  t.match(says('AllergyIntolerance', [['_list', '$current-allergies']]), /patient=\[id\]/)
  t.match(says('Condition', [['_list', '$current-allergies']]), /AllergyIntolerance/)
  t.match(says('Condition', [['_list', '$current-nonsense']]), /\$current-problems/)
  t.match(says('Condition', [['_query', 'mine']]), /named query "mine"/)
})
