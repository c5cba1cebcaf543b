/** The compiled count and the explanation agree: one refuses exactly when the other finds an issue. */
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import type { TypeDefinition } from '../../src/fhir/definitions/model.ts'
import { countMembers } from '../../src/fhir/json/read.ts'
import type { JsonObject, JsonValue } from '../../src/fhir/json/value.ts'
import { createStructure } from '../../src/validation/structure.ts'

const definitions = await loadDefinitions(undefined)
const structure = createStructure(definitions)
const resources = [...definitions.types.values()].filter((type) => type.kind === 'resource' && !type.abstract)

const samples: readonly JsonValue[] = [
  'a',
  '',
  ' a',
  '2024',
  '2024-02-29',
  '2024-02-29T10:00:00Z',
  '10:00:00',
  'urn:oid:1.2',
  'AAAA',
  '<div/>',
  'urn:uuid:c757873d-ec9a-4326-a141-556f43239520',
  0,
  1,
  -1,
  1.5,
  3e9,
  true,
  false,
  null,
  [],
  {},
  [null],
  ['a'],
  ['a', null],
  [1],
  [{}],
  [{ id: 'a' }],
  [null, { id: 'a' }],
  { id: 'a' },
  { reference: 'a' },
  { url: 'u' },
  { extension: [{ url: 'u' }] },
  [{ url: 'u', valueCode: 'a' }],
  { resourceType: 'Patient' },
  [{ resourceType: 'Patient' }],
  [{ resourceType: 'Nothing' }],
]

const sample = fc.constantFrom(...samples)

/** Members of a type with values that mostly fit, and some that do not. */
const object = (type: TypeDefinition, depth: number): fc.Arbitrary<JsonObject> => {
  const names = [...type.elements.values()].flatMap((e) => (e.sibling ? [e.name, `_${e.name}`] : [e.name]))
  const name = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom('x', 'value', '_x') },
  )
  return fc
    .uniqueArray(name, { maxLength: 6 })
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((one) => [one, member(type, one, depth)]))))
}

const member = (type: TypeDefinition, name: string, depth: number): fc.Arbitrary<JsonValue> => {
  const element = type.elements.get(name)
  const inner = element && definitions.types.get(element.type)
  if (!element || !inner || inner.kind === 'primitive' || inner.kind === 'resource' || depth === 0)
    return sample
  const one = object(inner, depth - 1)
  const fitting: fc.Arbitrary<JsonValue> = element.array ? fc.array(one, { minLength: 1, maxLength: 2 }) : one
  return fc.oneof({ weight: 5, arbitrary: fitting }, { weight: 1, arbitrary: sample })
}

const resource = fc
  .constantFrom(...resources)
  .chain((type) => object(type, 2).map((value) => ({ ...value, resourceType: type.name })))

t.test('count refuses exactly what explain explains, and counts every member', async (t) => {
  fc.assert(
    fc.property(resource, (value) => {
      const count = structure.count(value)
      const issues = structure.explain(value)
      if (count < 0) return issues.length > 0
      return issues.length === 0 && count === countMembers(value)
    }),
    { numRuns: 3000 },
  )
  t.pass()
})

t.test('every resource type compiles and misses what is mandatory', async (t) => {
  for (const { name, elements, choices } of resources) {
    const isFree = [...elements.values()].every((e) => e.min === 0) && choices.every((c) => c.min === 0)
    t.equal(structure.count({ resourceType: name }), isFree ? 1 : -1, name)
  }
})

t.test('anything at all', async (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => structure.count(value as JsonValue) < 0 && structure.explain(value as JsonValue).length > 0,
    ),
    { numRuns: 500 },
  )
  t.pass()
})
