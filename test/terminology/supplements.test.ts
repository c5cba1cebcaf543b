/** Supplements of code systems: http://hl7.org/fhir/R4/codesystem.html#supplements */
import type { CodeSystem } from 'fhir/r4.js'
import t from 'tap'
import { noCanonicals, postedCanonicals } from '../../src/fhir/definitions/posted.ts'
import { scopeOf, systemOf } from '../../src/terminology/scope.ts'

const base: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x.org/s',
  version: '2',
  status: 'active',
  content: 'complete',
  concept: [{ code: 'a', display: 'A', concept: [{ code: 'b', display: 'B' }] }],
}
const supplement = (more: Partial<CodeSystem>): CodeSystem => ({
  resourceType: 'CodeSystem',
  url: 'http://x.org/de',
  status: 'active',
  content: 'supplement',
  supplements: 'http://x.org/s',
  property: [{ code: 'rank', type: 'integer' }],
  concept: [
    {
      code: 'b',
      display: 'Bee',
      designation: [{ language: 'de', value: 'Be' }],
      property: [{ code: 'rank', valueInteger: 2 }],
    },
  ],
  ...more,
})

const found = (...posted: CodeSystem[]) => {
  const system = systemOf(scopeOf(postedCanonicals(noCanonicals, posted, 1), []), 'http://x.org/s')
  if (system.kind !== 'memory') throw new Error(system.kind)
  return system
}

t.test('designations and properties are added, the display stays', async (t) => {
  const system = found(base, supplement({}))
  t.match(system.find('b'), {
    display: 'B',
    designations: [{ value: 'Bee' }, { language: 'de', value: 'Be' }],
    properties: [{ code: 'rank', text: '2' }],
  })
  t.same(
    system.concepts.map(({ code }) => code),
    ['a', 'b'],
  )
  t.same([...system.below('a')], ['a', 'b'])
  t.same(
    system.properties.map(({ code }) => code),
    ['rank'],
  )
  t.equal(system.find('z'), undefined)
})

t.test('of another version, or retired, they are not used', async (t) => {
  t.same(found(base, supplement({ supplements: 'http://x.org/s|1' })).find('b')?.designations, [])
  t.same(found(base, supplement({ status: 'retired' })).find('b')?.designations, [])
  t.equal(found(base, supplement({ supplements: 'http://x.org/s|2' })).find('b')?.designations.length, 2)
})

t.test('a supplement is no system of its own', async (t) => {
  const scope = scopeOf(postedCanonicals(noCanonicals, [base, supplement({})], 2), [])
  t.match(systemOf(scope, 'http://x.org/de'), { kind: 'missing', reason: /is a supplement; its codes/ })
})
