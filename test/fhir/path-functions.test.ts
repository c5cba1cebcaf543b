import t from 'tap'
import { badCall } from '../../src/fhir/path-functions.ts'

t.test('calls that one resource alone can answer', async (t) => {
  for (const expression of [
    "Patient.name.where(use = 'official').given.first()",
    'Patient.name.select(given | family).distinct()',
    "Patient.extension('http://a').value",
    'iif(Patient.active, Patient.name, Patient.contact.name)',
    'Patient.name.given.substring(0, 1)',
    'Patient.name.exists()',
    'name.given.empty().not()',
  ])
    t.equal(badCall(expression), undefined, expression)
})

t.test('calls that it cannot', async (t) => {
  const refused: readonly (readonly [string, RegExp])[] = [
    ['Patient.nothingSuch()', /calls nothingSuch\(\)/],
    ['Patient.name.where(a() or b())', /calls a\(\)/],
    ['Patient.name.first(1)', /first\(\) takes 0 arguments, and has 1/],
    ['Patient.name.iif(true)', /iif\(\) takes 2 to 3 arguments, and has 1/],
    ['Patient.birthDate < today()', /today\(\) depends on more/],
    ['Patient.link.other.resolve()', /resolve\(\) depends on more/],
  ]
  for (const [expression, said] of refused) t.match(badCall(expression), said, expression)
  t.throws(() => badCall('Patient..'), 'no FHIRPath at all')
})
