/** The constraints that are written by hand must say what their FHIRPath says. */
import fc from 'fast-check'
import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createFhirpath } from '../../../src/fhir/fhirpath-compile/compile.ts'
import { Item } from '../../../src/fhir/fhirpath-compile/item.ts'
import { erratumOf } from '../../../src/validation/invariants/errata.ts'
import { quickOf } from '../../../src/validation/invariants/universal.ts'
import { publishedConstraints } from '../../fhir/fhirpath-compile/published.ts'

const fhirpath = createFhirpath(await loadDefinitions(undefined))
const published = [...publishedConstraints().values()].flat()

const extension: fc.Arbitrary<object> = fc.letrec<{ extension: object }>((tie) => ({
  extension: fc.record(
    {
      url: fc.constantFrom('http://a', 'b'),
      id: fc.constant('i'),
      valueString: fc.constant('v'),
      _valueCode: fc.record({ id: fc.constant('x') }),
      extension: fc.array(tie('extension'), { maxLength: 2 }),
    },
    { requiredKeys: [] },
  ),
})).extension

const reference = fc.record(
  {
    id: fc.constant('i'),
    reference: fc.constantFrom('#a', '#b', '#', 'Patient/1', 'urn:uuid:x'),
    _reference: fc.record({ extension: fc.array(extension, { maxLength: 1 }) }),
    display: fc.constant('d'),
    extension: fc.array(extension, { maxLength: 1 }),
  },
  { requiredKeys: [] },
)

const contained = fc.record(
  {
    resourceType: fc.constantFrom('Patient', 'Organization'),
    id: fc.constantFrom('a', 'b'),
    meta: fc.record(
      { versionId: fc.constant('1'), security: fc.constant([{ code: 'x' }]) },
      { requiredKeys: [] },
    ),
    contained: fc.constant([{ resourceType: 'Patient', id: 'c' }]),
    managingOrganization: reference,
  },
  { requiredKeys: ['resourceType'] },
)

const patient = fc.record(
  {
    resourceType: fc.constant('Patient'),
    text: fc.record({ status: fc.constant('generated'), div: fc.constant('<div/>') }, { requiredKeys: [] }),
    contained: fc.array(contained, { maxLength: 2 }),
    managingOrganization: reference,
    extension: fc.array(extension, { maxLength: 1 }),
  },
  { requiredKeys: ['resourceType'] },
)

/** The quick answer, when there is one, is that of the expression. */
const agrees = (key: string, type: string, value: unknown, resource: unknown, sibling?: unknown): boolean => {
  const expression = published.find((constraint) => constraint.key === key)?.expression ?? ''
  const of = fhirpath.types.get(type)
  const quick = of && quickOf(key, expression)?.(value, sibling, of)
  if (!of || quick === undefined) return true
  const code = fhirpath.compile(erratumOf(expression)?.expression ?? expression)
  const env = fhirpath.env({
    resource,
    rootResource: resource,
    now: '2026-01-01T00:00:00Z',
    hooks: {},
    steps: 1e6,
  })
  return (code.test(new Item(value, of, sibling), env) === true) === quick
}

const none = { resourceType: 'Patient' }

t.test('every universal constraint of R4 has its quick form', async (t) => {
  for (const key of [
    'ele-1',
    'ext-1',
    'dom-2',
    'dom-3',
    'dom-4',
    'dom-5',
    'dom-6',
    'ref-1',
    'txt-1',
    'txt-2',
  ])
    for (const expression of new Set(published.filter((c) => c.key === key).map((c) => c.expression)))
      t.ok(
        quickOf(key, expression) ?? /SubscriptionStatus|Parameters|id\.exists/.test(expression),
        `${key}: ${expression}`,
      )
  t.equal(quickOf('ele-1', 'true'), undefined, 'a foreign constraint of the same key is not taken for it')
})

t.test('ele-1', async () => {
  fc.assert(fc.property(extension, (value) => agrees('ele-1', 'Extension', value, none)))
  fc.assert(fc.property(reference, (value) => agrees('ele-1', 'Reference', value, none)))
  const sibling = fc.option(
    fc.record({ id: fc.constant('i'), extension: fc.array(extension) }, { requiredKeys: [] }),
    { nil: undefined },
  )
  fc.assert(
    fc.property(fc.constantFrom(undefined, 'a'), sibling, (value, beside) =>
      agrees('ele-1', 'string', value, none, beside),
    ),
  )
})

t.test('ext-1', async () => {
  fc.assert(fc.property(extension, (value) => agrees('ext-1', 'Extension', value, none)))
})

t.test('ref-1', async () => {
  fc.assert(
    fc.property(reference, patient, (value, resource) => agrees('ref-1', 'Reference', value, resource)),
  )
})

t.test('dom-2 to dom-6', async () => {
  for (const key of ['dom-2', 'dom-3', 'dom-4', 'dom-5', 'dom-6'])
    fc.assert(fc.property(patient, (resource) => agrees(key, 'Patient', resource, resource)))
})
