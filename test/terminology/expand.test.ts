import type { CodeSystem, ValueSet } from 'fhir/r4.js'
import t from 'tap'
import {
  createTerminology,
  type ExpandOptions,
  expand,
  type VersionRules,
  valueSetOf,
} from '../../src/terminology/index.ts'
import { canonicalsOf } from './definitions.ts'

const colours: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x/colours',
  version: '1',
  date: '2024-05-01',
  status: 'active',
  content: 'complete',
  concept: [
    {
      code: 'warm',
      display: 'Warm colour',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        { code: 'red', display: 'Red', designation: [{ language: 'de', value: 'Rot' }] },
        { code: 'orange', display: 'Orange', property: [{ code: 'status', valueCode: 'retired' }] },
      ],
    },
    { code: 'blue', display: 'Blue', designation: [{ language: 'de', value: 'Blau' }] },
  ],
}
const whole: ValueSet = {
  resourceType: 'ValueSet',
  url: 'http://x/all',
  status: 'active',
  compose: { include: [{ system: 'http://x/colours' }] },
}
const terminology = createTerminology(() => canonicalsOf([colours, whole]))
const run = async (given: string | ValueSet, options: ExpandOptions = {}, rules?: VersionRules) => {
  const scope = await terminology.scope(1, rules)
  return expand(undefined, valueSetOf(scope, given), options, Date.UTC(2025, 0, 1))
}
const list = async (options: ExpandOptions) =>
  (await run('http://x/all', { excludeNested: true, ...options })).expansion?.contains?.map(
    ({ code }) => code,
  )

t.test('the hierarchy of the system, or flat', async (t) => {
  t.match((await run('http://x/all')).expansion, {
    total: 4,
    timestamp: '2025-01-01T00:00:00.000Z',
    parameter: [{ name: 'version', valueUri: 'http://x/colours|1' }],
    contains: [
      { code: 'warm', abstract: true, contains: [{ code: 'red' }, { code: 'orange', inactive: true }] },
      { code: 'blue' },
    ],
  })
  t.same(await list({}), ['warm', 'red', 'orange', 'blue'])
})

t.test('parameters narrow what is shown', async (t) => {
  t.same(await list({ filter: 'bl' }), ['blue'])
  t.same(await list({ filter: 'ROT' }), ['red'])
  t.same(await list({ activeOnly: true }), ['warm', 'red', 'blue'])
  t.same(await list({ excludeNotForUI: true }), ['red', 'orange', 'blue'])
  t.same(await list({ offset: 1, count: 2 }), ['red', 'orange'])
  t.same(await list({ excludeSystem: ['http://x/colours'] }), undefined)
  const zero = await run('http://x/all', { count: 0 })
  t.match(zero.expansion, { total: 4, offset: 0 })
  t.notOk(zero.expansion?.contains)
})

t.test('languages and designations', async (t) => {
  const german = await run('http://x/all', { displayLanguage: 'de-CH', filter: 'red' })
  t.match(german.expansion?.contains, [{ code: 'red', display: 'Rot' }])
  const both = await run('http://x/all', { includeDesignations: true, filter: 'red' })
  t.match(both.expansion?.contains, [{ display: 'Red', designation: [{ language: 'de', value: 'Rot' }] }])
  const none = await run('http://x/all', { designation: ['fr'], filter: 'red' })
  t.notOk(none.expansion?.contains?.[0]?.designation)
})

t.test('definition, date and versions', async (t) => {
  t.notOk((await run('http://x/all')).compose)
  t.ok((await run('http://x/all', { includeDefinition: true })).compose)
  await t.rejects(run('http://x/all', { date: '2023' }), { status: 422, message: /is of 2024-05-01/ })
  t.ok(await run('http://x/all', { date: '2024-06-01' }))
  const rule = (name: 'system' | 'check' | 'force', version: string): VersionRules => ({
    ...{ system: new Map(), check: new Map(), force: new Map() },
    [name]: new Map([['http://x/colours', version]]),
  })
  await t.rejects(run('http://x/all', {}, rule('force', '9')), { status: 422, message: /version 9 of/ })
  await t.rejects(run('http://x/all', {}, rule('check', '9')), {
    status: 422,
    message: /version 9/,
  })
  t.ok(await run('http://x/all', {}, rule('system', '1')))
})

t.test('exclude, imports and inline value sets', async (t) => {
  const inline: ValueSet = {
    resourceType: 'ValueSet',
    status: 'draft',
    compose: {
      include: [
        {
          valueSet: ['http://x/all'],
          system: 'http://x/colours',
          filter: [{ property: 'concept', op: 'is-a', value: 'warm' }],
        },
        { system: 'http://loinc.org', concept: [{ code: '1-8', display: 'Acyclovir' }] },
      ],
      exclude: [{ system: 'http://x/colours', concept: [{ code: 'warm' }] }],
    },
  }
  t.match((await run(inline)).expansion?.contains, [
    { code: 'red' },
    { code: 'orange' },
    { code: '1-8', display: 'Acyclovir' },
  ])
})

t.test('what cannot be listed is refused', async (t) => {
  await t.rejects(run('http://x/none'), { status: 404, message: /not known/ })
  await t.rejects(run('http://hl7.org/fhir/ValueSet/all-languages'), {
    status: 403,
    message: /made by a grammar/,
  })
  await t.rejects(run('http://hl7.org/fhir/ValueSet/observation-codes'), {
    status: 422,
    message: /LOINC is not loaded/,
  })
  await t.rejects(run('http://x/all', { count: -1 }), { status: 400, message: /0 or more/ })
  const loop: ValueSet = {
    ...whole,
    url: 'http://x/loop',
    compose: { include: [{ valueSet: ['http://x/loop'] }] },
  }
  const looping = createTerminology(() => canonicalsOf([loop], true))
  const scope = await looping.scope(1)
  t.throws(() => valueSetOf(scope, 'http://x/loop'), {
    status: 422,
    message: /http:\/\/x\/loop → http:\/\/x\/loop/,
  })
})

t.test('more than one answer may have is refused with how to go on', async (t) => {
  const many: CodeSystem = {
    resourceType: 'CodeSystem',
    url: 'http://x/many',
    status: 'active',
    content: 'complete',
    concept: Array.from({ length: 10_001 }, (_, n) => ({ code: `c${n}` })),
  }
  const big = createTerminology(() => canonicalsOf([many], true))
  const set: ValueSet = {
    resourceType: 'ValueSet',
    status: 'active',
    compose: { include: [{ system: many.url! }] },
  }
  const composition = valueSetOf(await big.scope(1), set)
  await t.rejects(expand(undefined, composition, {}, 0), { status: 403, message: /count=1000&offset=0/ })
  const page = await expand(undefined, composition, { count: 2, offset: 10_000 }, 0)
  t.match(page.expansion, { total: 10_001, contains: [{ code: 'c10000' }] })
})
