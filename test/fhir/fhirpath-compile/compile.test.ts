import t from 'tap'
import { loadDefinitions } from '../../../src/fhir/definitions/load.ts'
import { createFhirpath } from '../../../src/fhir/fhirpath-compile/compile.ts'
import { Beyond, Failure, TooManySteps } from '../../../src/fhir/fhirpath-compile/failure.ts'
import type { Item } from '../../../src/fhir/fhirpath-compile/item.ts'

const fhirpath = createFhirpath(await loadDefinitions(undefined))

const patient = {
  resourceType: 'Patient',
  id: 'p',
  contained: [{ resourceType: 'Organization', id: 'o', name: 'Ward' }],
  active: true,
  _gender: { extension: [{ url: 'http://example.org/why', valueCode: 'unknown' }] },
  birthDate: '1974-12',
  name: [{ given: ['Ann', null], _given: [null, { id: 'x' }], family: 'Lee' }, { given: ['Bo'] }],
  managingOrganization: { reference: '#o' },
  deceasedBoolean: false,
}

const values = (expression: string, resource: unknown = patient, steps = 100_000): readonly unknown[] => {
  const env = fhirpath.env({
    resource,
    rootResource: resource,
    now: '2026-01-02T03:04:05.000Z',
    hooks: { memberOf: (_value, valueSet) => (valueSet === 'in' ? true : undefined) },
    steps,
  })
  return fhirpath
    .compile(expression)
    .evaluate(fhirpath.types.resource(resource) as Item, env)
    .map(({ value }) => value)
}

const cases: readonly (readonly [string, ...unknown[]])[] = [
  ['Patient.name.family', 'Lee'],
  ['Encounter.name'],
  ['name.given.count()', 3],
  ['name.given.where(hasValue())', 'Ann', 'Bo'],
  ['deceased', false],
  ['deceasedBoolean'],
  ['deceased is boolean', true],
  ['deceased is Boolean', false],
  ['gender.exists() and gender.hasValue().not()', true],
  ["gender.extension('http://example.org/why').value", 'unknown'],
  ['{} and false', false],
  ['{} and true'],
  ['{} or true', true],
  ['{} implies true', true],
  ['{} implies false'],
  ['false implies {}', true],
  ['true xor {}'],
  ['birthDate < @1974-12-25'],
  ['birthDate < @1975', true],
  ['birthDate = @1974-12', true],
  ['birthDate = @1975-01', false],
  ['@2012-04-15T15:00:00+02:00 = @2012-04-15T13:00:00Z', true],
  ['@T12:00 = @T12:00', true],
  ["managingOrganization.resolve().name = 'Ward'", true],
  ["%resource.id & '-' & %context.id", 'p-p'],
  ['%ucum', 'http://unitsofmeasure.org'],
  ["name.select(given.first() + '!')", 'Ann!', 'Bo!'],
  ['name.where($index = 1).given', 'Bo'],
  ['(1 | 2 | 2).count()', 2],
  ['(1 | 2).combine(2 | 3).isDistinct()', false],
  ['1.8 - 1.2', 0.6],
  ['7 div 2', 3],
  ['1 / 0'],
  ["'abc'.substring(1, 1)", 'b'],
  ["'abc'.substring(9)"],
  ["'abc'.matches('^b')", false],
  ["'abc'.matches('b')", true],
  ["'abc'.replaceMatches('(b)', '[$1]')", 'a[b]c'],
  ["'A  b' ~ 'a b'", true],
  ["iif({}, 'yes', 'no')", 'no'],
  ['name.iif(empty(), true, given.exists())', true],
  ['today()', '2026-01-02'],
  ["'1'.toInteger() + 1", 2],
  ['contained.ofType(Organization).id', 'o'],
  ["conformsTo('http://hl7.org/fhir/StructureDefinition/DomainResource')", true],
  ["active.memberOf('in')", true],
  ['name[1].given', 'Bo'],
  ['-(3) + 4', 1],
  ['(1|2|3).aggregate($this + $total, 0)', 6],
  ['repeat(contained).id', 'o'],
]

t.test('evaluates as the specification says', async (t) => {
  for (const [expression, ...expected] of cases) t.same(values(expression), expected, expression)
})

t.test('refuses several items where one is needed', async (t) => {
  t.throws(() => values('name.given.substring(1)'), Failure)
  t.throws(() => values('(1 | 2) and true'), Failure)
  t.throws(() => values("active.memberOf('out')"), Failure, 'what terminology does not know')
})

t.test('leaves to the engine what it does not know', async (t) => {
  t.throws(() => values('name.sort(family)'), Beyond)
  t.throws(() => values("4 'mg' = 4 'g'"), Beyond)
  t.throws(() => values('$this is Starship'), Beyond)
})

t.test('is bounded', async (t) => {
  t.throws(() => values('descendants().where(%resource.descendants().exists())', patient, 200), TooManySteps)
  t.throws(() => values(`'${'a'.repeat(60)}'.matches('^(a+)+b$')`), TooManySteps)
  t.same(values(`'${'a'.repeat(60)}'.matches('^(a+)+$')`), [true])
})

t.test('many evaluations over one resource are bounded together', async (t) => {
  const env = fhirpath.env({ resource: patient, rootResource: patient, now: '', hooks: {}, steps: 100 })
  const costly = fhirpath.compile('(1|2|3|4|5|6|7|8|9).where($this > 0).exists()')
  const again = (): void => {
    for (let i = 0; i < 100; i++) costly.test(fhirpath.types.resource(patient) as Item, env)
  }
  t.throws(again, TooManySteps)
})

t.test('runs every part once', async (t) => {
  t.same(values(`name.count()${' + name.count()'.repeat(60)}`), [122])
})

t.test('selects nothing from values of a wrong shape', async (t) => {
  const broken = { resourceType: 'Patient', name: 'text', contact: [null, 7, { name: [] }], active: {} }
  for (const expression of [
    'name.given',
    'contact.name.given',
    'descendants().id',
    'contained.id',
    'active.extension',
  ])
    t.same(values(expression, broken), [], expression)
})
