import type { CodeSystem, ValueSet } from 'fhir/r4.js'
import t from 'tap'
import {
  type ConceptSource,
  createMembershipTest,
  createTerminology,
  type StoredSystem,
} from '../../src/terminology/index.ts'
import { canonicalsOf } from './definitions.ts'

const animals: CodeSystem = {
  resourceType: 'CodeSystem',
  url: 'http://x/animals',
  version: '2.1.0',
  status: 'active',
  content: 'complete',
  caseSensitive: false,
  property: [{ code: 'legs', type: 'integer' }],
  concept: [
    {
      code: 'mammal',
      display: 'Mammal',
      property: [{ code: 'notSelectable', valueBoolean: true }],
      concept: [
        { code: 'dog', display: 'Dog', property: [{ code: 'legs', valueInteger: 4 }] },
        { code: 'whale', display: 'Whale', property: [{ code: 'inactive', valueBoolean: true }] },
      ],
    },
    { code: 'wolf', display: 'Wolf', property: [{ code: 'parent', valueCode: 'dog' }] },
  ],
}
const set = (id: string, compose: ValueSet['compose']): ValueSet => ({
  resourceType: 'ValueSet',
  url: `http://x/${id}`,
  status: 'active',
  ...(compose ? { compose } : {}),
})
const filter = (op: string, value: string, property = 'concept') => [
  { system: 'http://x/animals', filter: [{ property, op: op as 'is-a', value }] },
]

const own = [
  animals,
  set('below-dog', { include: filter('is-a', 'dog') }),
  set('strict', { include: filter('descendent-of', 'dog') }),
  set('not-mammal', { include: filter('is-not-a', 'dog') }),
  set('above', { include: filter('generalizes', 'wolf') }),
  set('four', { include: filter('=', '4', 'legs') }),
  set('regex', { include: filter('regex', 'w.*', 'code') }),
  set('bad', { include: filter('regex', '((a+)+)+$', 'display') }),
  set('unknown-filter', { include: filter('=', '4', 'wings') }),
  set('loop-a', { include: [{ valueSet: ['http://x/loop-b'] }] }),
  set('loop-b', { include: [{ valueSet: ['http://x/loop-a'] }] }),
  set('both', { include: [{ valueSet: ['http://x/below-dog', 'http://x/four'] }] }),
  set('active', { inactive: false, include: [{ system: 'http://x/animals' }] }),
  set('lab', { include: [{ system: 'http://loinc.org' }] }),
  set('lab-listed', {
    include: [{ system: 'http://loinc.org', concept: [{ code: '1-8', display: 'One' }] }],
  }),
  set('nothing', undefined),
  set('named', {
    include: [{ system: 'http://x/animals', concept: [{ code: 'dog' }, { code: 'unicorn' }] }],
  }),
  set('old', { include: [{ system: 'http://x/animals', version: '1.0.0' }] }),
  set('partial', { include: [{ system: 'http://x/animals', version: '2' }] }),
  set('units', { include: [{ system: 'http://unitsofmeasure.org' }] }),
]
const { membership, codes, related } = createTerminology(() => canonicalsOf(own))
const member = membership(1)
const ask = (id: string, code: string, system?: string) =>
  member.now({
    valueSet: id.startsWith('http') ? id : `http://x/${id}`,
    value: { code, ...(system ? { system } : {}) },
    inferSystem: system === undefined,
  })
const all = ['mammal', 'dog', 'whale', 'wolf']
const holds = (id: string) => all.filter((code) => ask(id, code, animals.url)?.result === 'yes')

t.test('naming a code in a value set does not put it into its system', async (t) => {
  t.equal(ask('named', 'dog', animals.url)?.result, 'yes')
  t.match(ask('named', 'unicorn', animals.url), {
    result: 'no',
    reason: /no code "unicorn" in http:..x.animals/,
  })
  t.same(
    [...(((await codes(1, 'http://x/named')) as Map<string, Set<string>>).get('http://x/animals') ?? [])],
    ['dog'],
  )
})

t.test('a value set that says nothing of its codes cannot be asked', async (t) => {
  t.match(ask('nothing', 'dog', animals.url), { result: 'unknown', reason: /neither compose nor expansion/ })
  t.match(await codes(1, 'http://x/nothing'), /neither compose nor expansion/)
})

t.test('filters select by hierarchy and property', async (t) => {
  t.same(holds('below-dog'), ['dog', 'wolf'])
  t.same(holds('strict'), ['wolf'])
  t.same(holds('not-mammal'), ['mammal', 'whale'])
  t.same(holds('above'), ['mammal', 'dog', 'wolf'])
  t.same(holds('four'), ['dog'])
  t.same(holds('regex'), ['whale', 'wolf'])
  t.same(holds('both'), ['dog'])
  t.same(holds('active'), ['mammal', 'dog', 'wolf'])
  t.same(holds('partial'), all)
})

t.test('systems without case', async (t) => {
  t.match(member.now({ value: { system: 'http://x/animals', code: 'DOG' } }), {
    result: 'yes',
    display: 'Dog',
  })
})

t.test('what cannot be told is said', async (t) => {
  t.match(ask('unknown-filter', 'dog'), { result: 'unknown', reason: /no property "wings"/ })
  t.match(ask('loop-a', 'dog'), {
    result: 'unknown',
    reason: /includes itself: http:\/\/x\/loop-a → http:\/\/x\/loop-b/,
  })
  t.match(ask('lab', '1-8', 'http://loinc.org'), {
    result: 'unknown',
    reason: /LOINC is not loaded; load it with/,
  })
  t.match(ask('lab-listed', '1-8'), { result: 'yes', display: 'One' })
  t.match(ask('lab-listed', '2-8'), { result: 'no' })
  t.match(ask('old', 'dog'), { result: 'unknown', reason: /version 1.0.0 of .* is not here; there is 2.1.0/ })
  t.match(ask('none', 'dog'), { result: 'unknown', reason: /not known/ })
  t.match(ask('bad', 'dog'), { result: 'no' })
})

t.test('R4: codes by value sets of the specification', async (t) => {
  const gender = 'http://hl7.org/fhir/ValueSet/administrative-gender|4.0.1'
  t.match(ask(gender, 'male'), { result: 'yes', displays: ['Male'] })
  t.match(ask(gender, 'man'), { result: 'no', reason: /has no code "man"/ })
  t.match(ask('http://hl7.org/fhir/ValueSet/mimetypes', 'text/plain; charset=UTF-8'), { result: 'yes' })
  t.match(ask('http://hl7.org/fhir/ValueSet/currencies', 'EUR'), { result: 'yes' })
  t.match(ask('http://hl7.org/fhir/ValueSet/iso3166-1-N', '276'), { result: 'yes' })
  t.match(ask('http://hl7.org/fhir/ValueSet/all-distance-units', 'mg'), { result: 'no' })
  t.match(ask('units', 'mmol/L'), { result: 'yes' })
})

t.test('questions to a database that is not there are answered all the same', async (t) => {
  const answers = await member.ask([
    { value: { system: 'http://loinc.org', code: '1-8' } },
    { valueSet: 'http://x/four', value: { system: 'http://x/animals', code: 'dog' } },
  ])
  t.match(answers, [{ result: 'unknown' }, { result: 'yes' }])
})

t.test('codes for searches', async (t) => {
  t.same(await codes(1, 'http://x/below-dog'), new Map([['http://x/animals', new Set(['dog', 'wolf'])]]))
  t.same(await codes(1, 'http://x/lab'), new Map([['http://loinc.org', 'all']]))
  t.match(await codes(1, 'http://x/unknown-filter'), /no property/)
})

t.test('what lies above and below a code, for searches', async (t) => {
  const animals = (...of: string[]) => new Map([['http://x/animals', new Set(of)]])
  t.same(await related(1, 'http://x/animals', 'dog', 'below'), animals('dog', 'wolf'))
  t.match(await related(1, 'http://x/animals', 'wolf', 'above'), animals('wolf', 'dog'))
  t.equal(
    await related(1, 'http://x/animals', 'unicorn', 'below'),
    'There is no code "unicorn" in http://x/animals.',
  )
  t.match(await related(1, 'http://x/nothing', 'a', 'below'), /not loaded/)
})

t.test('codes of a value set that was sent', async (t) => {
  const include = [{ system: 'http://x/animals', concept: [{ code: 'dog' }] }]
  t.same(
    await codes(1, { resourceType: 'ValueSet', status: 'active', compose: { include } }),
    new Map([['http://x/animals', new Set(['dog'])]]),
  )
})

t.test('what was answered holds for what was known then', async (t) => {
  const loaded: StoredSystem[] = [
    { ...{ kind: 'stored', url: 'http://loinc.org', version: '2.77', tenant: 1, number: 7 } } as StoredSystem,
  ]
  let known: readonly StoredSystem[] | undefined = []
  const source = {
    known: () => known,
    systems: async () => known ?? [],
    find: async () => [],
  } as unknown as ConceptSource
  const member = createMembershipTest(canonicalsOf(own), source, 1)
  const question = { value: { system: 'http://loinc.org', code: '1-8' } }
  t.equal(member.now(question)?.result, 'unknown')
  t.equal(member.now(question), member.now(question), 'the same answer')
  known = undefined
  t.equal(member.now(question), undefined, 'the database may know by now')
  known = loaded
  t.equal(member.now(question), undefined, 'it has the system')
  const dog = { value: { system: animals.url ?? '', code: 'dog' } }
  t.equal(member.now(dog)?.result, 'yes')
  t.equal(
    member.now({ value: { ...dog.value, version: '1.0.0' } })?.result,
    'unknown',
    'a version is not left out',
  )
  t.equal(member.now({ value: { system: '', code: 'dog' } })?.result, 'unknown', 'an empty name is none')
})
