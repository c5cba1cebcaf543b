import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createInvariants } from '../../../src/validation/invariants/invariants.ts'
import type { ValidationOptions } from '../../../src/validation/model.ts'
import { publishedConstraints } from '../../fhir/fhirpath-compile/published.ts'

const invariants = createInvariants(await loadDefinitions(undefined))
const published = publishedConstraints()
const bestPracticeUrl = 'http://hl7.org/fhir/StructureDefinition/elementdefinition-bestpractice'
type Given = Parameters<typeof invariants.compile>[0][number]

const judge = (
  constraints: readonly Given[],
  type: string,
  value: unknown,
  bestPractice: ValidationOptions['bestPractice'] = 'ignore',
  resource: unknown = { resourceType: 'Patient' },
  sibling?: unknown,
  mode: ValidationOptions['mode'] = 'standard',
) =>
  invariants.compile(constraints, type)?.(
    value,
    sibling,
    invariants.around(resource, resource, '2026-01-01T00:00:00Z'),
    { bestPractice, mode },
    () => 'Where',
  ) ?? []

const rules = (path: string, value: unknown, resource?: unknown): readonly (string | undefined)[] =>
  judge((published.get(path) ?? []) as readonly Given[], path, value, 'ignore', resource).map(
    ({ rule }) => rule,
  )

const own = (expression: string, more: Partial<Given> = {}): Given => ({
  key: 'own-1',
  severity: 'error',
  human: 'It must hold.',
  expression,
  ...more,
})

t.test('an issue names the element, the key and the text', async (t) => {
  t.same(judge([own('start.exists()')], 'Period', { end: '2020' }), [
    {
      severity: 'error',
      code: 'invariant',
      diagnostics: 'Where breaks own-1: It must hold.',
      expression: ['Where'],
      rule: 'own-1',
    },
  ])
  t.equal(judge([own('start.exists()', { severity: 'warning' })], 'Period', {})[0]?.severity, 'warning')
  t.same(judge([own('start.exists()')], 'Period', { start: '2020' }), [])
  t.equal(judge([own('start = end')], 'Period', { start: '2020' }).length, 1, 'what is empty does not hold')
})

t.test('best practice is reported as the tenant wants', async (t) => {
  const rule = own('start.exists()', {
    severity: 'warning',
    extension: [{ url: bestPracticeUrl, valueBoolean: true }],
  })
  for (const wanted of ['information', 'warning', 'error'] as const)
    t.equal(judge([rule], 'Period', {}, wanted)[0]?.severity, wanted)
  t.same(judge([rule], 'Period', {}, 'ignore'), [])
})

t.test('what cannot be judged is said', async (t) => {
  t.match(judge([own("code.memberOf('http://x')")], 'Coding', { code: 'a' }), [
    {
      severity: 'warning',
      code: 'not-supported',
      diagnostics: /could not be held against own-1 \(what is in the value set/,
    },
  ])
  t.match(judge([own('not FHIRPath at all')], 'Period', {}), [{ severity: 'warning', code: 'not-supported' }])
  const strictly = (severity: 'error' | 'warning') =>
    judge([own('not FHIRPath at all', { severity })], 'Period', {}, 'ignore', {}, undefined, 'strict')
  t.match(strictly('error'), [{ severity: 'error', code: 'not-supported' }])
  t.match(strictly('warning'), [{ severity: 'warning', code: 'not-supported' }])
  t.match(judge([own(`'${'a'.repeat(99)}'.matches('^(a+)+b$')`)], 'Period', {}), [{ code: 'too-costly' }])
})

t.test('the engine judges what the compiler leaves', async (t) => {
  const range = {
    low: { value: 1, system: 'http://unitsofmeasure.org', code: 'g' },
    high: { value: 2, system: 'http://unitsofmeasure.org', code: 'kg' },
  }
  t.same(rules('Range', range), [])
  t.same(rules('Range', { low: range.high, high: range.low }), ['rng-2'])
})

t.test('published constraints', async (t) => {
  t.same(rules('Period', { start: '2020-02', end: '2020-01' }), ['per-1'])
  t.same(
    rules('Period', { start: '2020-01-05T10:00:00Z', end: '2020-01-05' }),
    [],
    'the day has not ended before',
  )
  t.same(rules('Period', { start: '2020-01-05', end: '2020-01' }), [])
  t.same(rules('Reference', { display: 'x' }), [])
  t.same(
    rules(
      'Reference',
      { reference: '#x' },
      { resourceType: 'Patient', contained: [{ resourceType: 'Patient', id: 'x' }] },
    ),
    [],
  )
  t.same(
    rules(
      'Reference',
      { reference: '#y' },
      { resourceType: 'Patient', contained: [{ resourceType: 'Patient', id: 'x' }] },
    ),
    ['ref-1'],
  )
  t.same(rules('Quantity', { value: 1, code: 'g' }), ['qty-3'])
  t.same(rules('ValueSet', { resourceType: 'ValueSet', name: 'a b' }), ['vsd-0'])
  t.same(rules('ValueSet', { resourceType: 'ValueSet' }), [])
  t.same(rules('Questionnaire.item.enableWhen', { operator: 'exists', answerBoolean: true }), [])
  t.same(rules('Questionnaire.item.enableWhen', { operator: 'exists', answerString: 'x' }), ['que-7'])
  t.same(rules('Period', { id: 'x' }), ['ele-1'])
})

t.test('the narrative has two constraints', async (t) => {
  const text = (inner: string): string => `<div xmlns="http://www.w3.org/1999/xhtml">${inner}</div>`
  const constraints = (published.get('Narrative.div') ?? []) as readonly Given[]
  const broken = (value: string) => judge(constraints, 'xhtml', value).map(({ rule }) => rule)
  t.same(broken(text('a')), [])
  t.same(broken(text('<script>a</script>')), ['txt-1'])
  t.same(broken(text(' ')), ['txt-2'])
})
