/** Whatever stands where: validation answers and never throws, and a broken structure is refused. */
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { JsonObject, JsonValue } from '../../src/fhir/json/value.ts'
import { createValidator } from '../../src/validation/index.ts'
import { testCanonicals } from '../support/canonicals.ts'
import { standard } from '../support/validator.ts'

const validator = createValidator({
  definitions: await loadDefinitions(undefined),
  canonicals: testCanonicals(),
  membership: { now: () => ({ result: 'no', reason: 'Nothing is.' }), ask: async () => [] },
})

const seeds: readonly JsonObject[] = [
  {
    resourceType: 'Bundle',
    type: 'document',
    entry: [
      {
        fullUrl: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
        resource: {
          resourceType: 'Composition',
          status: 'final',
          type: { text: 'x' },
          subject: { reference: 'Patient/1' },
          section: [{ entry: [{ reference: '#a' }] }],
        },
      },
    ],
  },
  {
    resourceType: 'Observation',
    meta: { profile: ['http://hl7.org/fhir/StructureDefinition/bp'] },
    contained: [
      { resourceType: 'Patient', id: 'p', name: [{ given: ['A', null], _given: [null, { id: 'x' }] }] },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '85354-9' }] },
    subject: { reference: '#p', type: 'Patient' },
    component: [
      { code: { coding: [{ code: '8480-6' }] }, valueQuantity: { value: 1, code: 'a', system: 'b' } },
    ],
    extension: [{ url: 'http://x.org', extension: [{ url: 'y', valueString: 'z' }] }],
  },
  {
    resourceType: 'Questionnaire',
    status: 'draft',
    item: [
      {
        linkId: 'a',
        type: 'string',
        enableWhen: [{ question: 'b', operator: '=', answerString: 'c' }],
        item: [],
      },
    ],
  },
  {
    resourceType: 'StructureDefinition',
    derivation: 'constraint',
    baseDefinition: 'http://hl7.org/fhir/StructureDefinition/Patient',
    differential: { element: [{ path: 'Patient.name', slicing: { rules: 'open' } }] },
  },
]

/** Goes down by the numbers and puts something else where it ends. */
const mutate = (value: JsonValue, path: readonly number[], other: JsonValue): JsonValue => {
  const [first, ...rest] = path
  if (first === undefined || typeof value !== 'object' || value === null) return other
  if (Array.isArray(value)) {
    if (value.length === 0) return other
    const index = first % value.length
    return value.map((item, at) => (at === index ? mutate(item, rest, other) : item))
  }
  const names = Object.keys(value).filter((name) => name !== 'resourceType')
  const name = names[first % names.length]
  return name === undefined ? other : { ...value, [name]: mutate(value[name] as JsonValue, rest, other) }
}

const anything = fc.oneof(
  fc.constantFrom<JsonValue>(
    null,
    0,
    '',
    '#',
    'x',
    true,
    [],
    {},
    [null],
    [[]],
    [{}],
    { reference: 1 },
    { url: 'http://x.org' },
  ),
  fc.jsonValue({ maxDepth: 3 }) as fc.Arbitrary<JsonValue>,
)

t.test('mutated resources', async (t) => {
  fc.assert(
    fc.property(
      fc.constantFrom(...seeds),
      fc.array(fc.tuple(fc.array(fc.nat(30), { minLength: 1, maxLength: 7 }), anything), {
        minLength: 1,
        maxLength: 3,
      }),
      (seed, steps) => {
        let resource: JsonValue = seed
        for (const [path, other] of steps) resource = mutate(resource, path, other)
        const { issues } = validator.validate(
          String(seed.resourceType),
          resource as JsonObject,
          standard,
          JSON.stringify(resource),
        )
        return issues.every(({ severity, diagnostics }) => severity !== undefined && diagnostics !== '')
      },
    ),
    { numRuns: 3000 },
  )
  t.pass('every one has an answer')
})
