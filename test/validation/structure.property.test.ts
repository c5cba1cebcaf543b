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

/** A value of each primitive type. */
const fitting: Readonly<Record<string, JsonValue>> = {
  ...{
    base64Binary: 'AAAA',
    boolean: true,
    date: '2024-02-29',
    dateTime: '2024-02',
    decimal: 1.5,
    integer: -1,
  },
  ...{
    instant: '2024-02-29T10:00:00Z',
    oid: 'urn:oid:1.2',
    positiveInt: 1,
    time: '10:00:00',
    unsignedInt: 0,
  },
  ...{ uuid: 'urn:uuid:c757873d-ec9a-4326-a141-556f43239520', xhtml: '<div/>' },
}

/** What is mandatory and some more, with values that mostly fit. */
const object = (type: TypeDefinition, depth: number): fc.Arbitrary<JsonObject> => {
  const mandatory = [
    ...[...type.elements.values()].filter((element) => element.min > 0).map((element) => element.name),
    ...type.choices.filter((choice) => choice.min > 0).flatMap((choice) => choice.members.slice(0, 1)),
  ]
  const names = [...type.elements.values()].flatMap((e) => (e.sibling ? [e.name, `_${e.name}`] : [e.name]))
  const name = fc.oneof(
    { weight: 60, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom('x', 'value', '_x') },
  )
  return fc
    .tuple(fc.uniqueArray(name, { maxLength: 3 }), fc.nat(40))
    .map(([some, forget]) => [...new Set([...mandatory.filter((_, index) => index !== forget), ...some])])
    .chain((chosen) => fc.record(Object.fromEntries(chosen.map((one) => [one, member(type, one, depth)]))))
}

const member = (type: TypeDefinition, name: string, depth: number): fc.Arbitrary<JsonValue> => {
  const element = type.elements.get(name) ?? type.elements.get(name.slice(1))
  if (!element) return sample
  const right = element.name === name ? fittingValue(element.type, depth) : fc.constant({ id: 'a' })
  const repeated: fc.Arbitrary<JsonValue> = element.array
    ? fc.array(right, { minLength: 1, maxLength: 2 })
    : right
  return fc.oneof({ weight: 30, arbitrary: repeated }, { weight: 1, arbitrary: sample })
}

const fittingValue = (name: string, depth: number): fc.Arbitrary<JsonValue> => {
  const type = definitions.types.get(name)
  if (!type || type.kind === 'primitive') return fc.constant(fitting[name] ?? 'a')
  if (type.kind === 'resource') return fc.constant({ resourceType: 'Patient' })
  return depth === 0 ? fc.constant(least(type, 4)) : object(type, depth - 1)
}

/** The smallest object of the type that is right. */
const least = (type: TypeDefinition, depth: number): JsonObject => {
  const mandatory = [...type.elements.values()].filter((element) => element.min > 0)
  const chosen = type.choices.filter((choice) => choice.min > 0).map((choice) => choice.members[0] ?? '')
  const all = [...mandatory, ...chosen.flatMap((name) => type.elements.get(name) ?? [])]
  if (all.length === 0) return { id: 'a' }
  return Object.fromEntries(
    all.map(({ name, type: inner, array }) => {
      const definition = definitions.types.get(inner)
      const isPrimitive = definition?.kind === 'primitive' || !definition
      const value = isPrimitive ? (fitting[inner] ?? 'a') : depth === 0 ? {} : least(definition, depth - 1)
      return [name, array ? [value] : value]
    }),
  )
}

const resource = fc
  .constantFrom(...resources)
  .chain((type) => object(type, 2).map((value) => ({ ...value, resourceType: type.name })))

t.test('count refuses exactly what explain explains, and counts every member', async (t) => {
  let clean = 0
  fc.assert(
    fc.property(resource, (value) => {
      const count = structure.count(value)
      if (count >= 0) clean++
      const issues = structure.explain(value)
      if (count < 0) return issues.length > 0
      return issues.length === 0 && count === countMembers(value)
    }),
    { numRuns: 3000 },
  )
  t.ok(clean > 300, 'many were clean')
  t.ok(clean < 2700, 'many were not')
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
