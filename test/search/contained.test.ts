/** What is written of contained resources, and what chains and `_contained` find in them. */
import t from 'tap'
import { hasErrors } from '../../src/base/issue.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject } from '../../src/fhir/json/value.ts'
import { resourceTypes } from '../../src/fhir/resource-types.ts'
import { slots } from '../../src/search/contained.ts'
import { createExtractor } from '../../src/search/extract.ts'
import { followAmong } from '../../src/search/follow.ts'
import { parameterNumber } from '../../src/search/hash.ts'
import { createSearch, type Parameter } from '../../src/search/index.ts'

const definitions = await loadDefinitions(undefined)
const search = createSearch(definitions)
const base = 'http://example.com/fhir'
const options = { tenant: 1, base, at: 0, lenient: false, defaultCount: 10, maxCount: 50 }

const finds = (type: string, resource: JsonObject, query: readonly Parameter[]): boolean => {
  const { plan, issues } = search.plan(type, query, options)
  if (hasErrors(issues)) throw new Error(JSON.stringify(issues))
  const own = String(resource.resourceType)
  const rows = search.extract(own, resource, base)
  return search.matches(plan, { id: 'x', type: own, lastUpdated: 0, rows, follow: followAmong([]) })
}

const request: JsonObject = {
  resourceType: 'MedicationRequest',
  contained: [
    {
      resourceType: 'Medication',
      id: 'm1',
      code: { coding: [{ system: 'http://m', code: 'a' }] },
      form: { coding: [{ code: 'pill' }] },
      manufacturer: { reference: '#o' },
    },
    { resourceType: 'Medication', id: 'm2', code: { coding: [{ code: 'b' }] } },
    { resourceType: 'Organization', id: 'o', name: 'Acme' },
    { resourceType: 'Patient', id: 'p', birthDate: '1980-01-01', name: [{ family: 'Doe' }] },
  ],
  medicationReference: { reference: '#m1' },
  subject: { reference: '#p' },
}

t.test('chains', async (t) => {
  const chain = (name: string, value: string) => finds('MedicationRequest', request, [[name, value]])
  t.ok(chain('medication.code', 'http://m|a'))
  t.notOk(chain('medication.code', 'b'), 'another contained one')
  t.ok(chain('medication.code:not', 'b'))
  t.notOk(chain('medication.code:not', 'a'))
  t.ok(chain('medication.manufacturer.name', 'acme'))
  t.ok(chain('patient.name', 'doe'), 'whose expression asks for the type')
  t.ok(chain('subject:Patient.birthdate', 'lt1990'))
  t.notOk(chain('subject:Patient.birthdate', 'gt1990'))
  t.ok(chain('subject:Patient.name:missing', 'false'))
  t.ok(chain('subject:Patient.gender:missing', 'true'))
  t.ok(chain('subject:Patient._id', 'p'))
  t.notOk(chain('subject:Group.type', 'person'))
})

t.test('_contained', async (t) => {
  const contained = (type: string, ...query: Parameter[]) =>
    finds(type, request, [...query, ['_contained', 'true']])
  t.ok(contained('Medication', ['code', 'a']))
  t.ok(contained('Medication', ['code', 'b']))
  t.ok(contained('Medication', ['code', 'a'], ['form', 'pill']))
  t.notOk(contained('Medication', ['code', 'b'], ['form', 'pill']), 'of one resource, not of two')
  t.ok(contained('Medication', ['code:not', 'a']), 'the other one')
  t.ok(contained('Medication'))
  t.ok(contained('Medication', ['manufacturer.name', 'acme']))
  t.ok(contained('Patient', ['birthdate', '1980']))
  t.notOk(contained('Substance'))
  t.notOk(contained('MedicationRequest', ['patient.name', 'doe']), 'it is not contained itself')
  t.ok(
    finds('MedicationRequest', request, [
      ['patient.name', 'doe'],
      ['_contained', 'both'],
    ]),
  )
})

t.test('others have no such rows', async (t) => {
  const { contained: _, ...plain } = request
  const { tokens } = search.extract('MedicationRequest', plain, base)
  t.same(
    tokens.filter((token) => /^[^|]*[>#]/.test(token)),
    [],
  )
})

t.test('refused with the reason', async (t) => {
  const says = (type: string | undefined, ...query: Parameter[]) =>
    search
      .plan(type, query, options)
      .issues.map(({ diagnostics }) => diagnostics)
      .join()
  t.match(says('Location', ['near', '1|1'], ['_contained', 'true']), /near/)
  t.match(says(undefined, ['_type', 'Patient'], ['_contained', 'true']), /one type/)
  t.match(says('Patient', ['_contained', 'maybe']), /true, false or both/)
  t.match(says('Patient', ['_contained', 'true'], ['_include', 'Patient:organization']), /_include/)
})

t.test('no two parameters of a type of container have one number', async (t) => {
  const extractor = createExtractor(definitions)
  const isSide = (kind: string) => ['string', 'date', 'number', 'quantity', 'uri'].includes(kind)
  const side = new Map<string, readonly string[]>(
    resourceTypes.map((type) => [
      type,
      [...extractor.indexed(type).values()]
        .filter(({ definition }) => isSide(definition.type))
        .map(({ parameter }) => parameter),
    ]),
  )
  const everywhere = slots.flatMap((slot) =>
    [...side.values()].flatMap((all) => all.map((one) => slot + one)),
  )
  for (const type of resourceTypes) {
    const references = [...extractor.indexed(type).values()].filter(
      ({ definition, targets }) => definition.type === 'reference' && targets.length < 20,
    )
    const chained = references.flatMap(({ parameter, targets }) =>
      targets.flatMap((target) => (side.get(target) ?? []).map((one) => `${parameter}>${one}`)),
    )
    const own = [...(side.get(type) ?? []), ...chained]
    const numbers = new Map<number, string>()
    for (const name of [...own, ...everywhere]) {
      const number = parameterNumber(name)
      if (numbers.has(number)) t.fail(`${type}: ${name} and ${numbers.get(number)}`)
      numbers.set(number, name)
    }
  }
  t.pass()
})
