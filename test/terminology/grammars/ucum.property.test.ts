/** Units made by UCUM's own rules are accepted, and broken ones are not: https://ucum.org/ucum#section-Syntax-Rules */
import fc from 'fast-check'
import t from 'tap'
import { ucum } from '../../../src/terminology/grammars/ucum.ts'

const accepts = (code: string): boolean => typeof ucum.find(code) === 'object'

const metric = fc.constantFrom('m', 'g', 's', 'L', 'mol', 'Pa', 'J', 'Cel', 'eq', '[iU]', 'bar')
const prefix = fc.constantFrom('', 'k', 'c', 'm', 'u', 'n', 'p', 'da')
const plain = fc.constantFrom('10*', '%', 'min', 'h', 'd', '[in_i]', '[lb_av]', '[degF]', "[in_i'H2O]", 'deg')
const exponent = fc.constantFrom('', '2', '-1', '+3')
const annotation = fc.constantFrom('', '{total}', '{a-b.c/d}', '{}')
const simple = fc
  .tuple(fc.oneof(fc.tuple(prefix, metric), fc.tuple(fc.constant(''), plain)), exponent, annotation)
  .map(([[before, atom], power, note]) => `${before}${atom}${power}${note}`)
const factor = fc.integer({ min: 1, max: 99_999 }).map(String)
const unit: fc.Arbitrary<string> = fc.letrec<{ term: string; component: string }>((tie) => ({
  component: fc.oneof(
    { maxDepth: 3 },
    simple,
    factor,
    fc.constant('{cells}'),
    tie('term').map((inner) => `(${inner})`),
  ),
  term: fc
    .tuple(
      tie('component'),
      fc.array(fc.tuple(fc.constantFrom('.', '/'), tie('component')), { maxLength: 2 }),
    )
    .map(([first, rest]) => first + rest.map(([operator, next]) => operator + next).join('')),
})).term

const short = unit.filter((code) => code.length <= 200)

t.test('what the grammar makes is a unit', async (t) => {
  fc.assert(fc.property(short, (code) => accepts(code)))
  fc.assert(
    fc.property(
      short.filter((code) => code.length < 200),
      (code) => accepts(`/${code}`),
    ),
  )
  t.pass()
})

t.test('what it cannot make is none', async (t) => {
  const broken = fc.constantFrom<(code: string) => string>(
    (code) => `${code}.`,
    (code) => `${code}/`,
    (code) => `.${code}`,
    (code) => `(${code}`,
    (code) => `${code})`,
    (code) => `${code}{`,
    (code) => `${code} `,
    (code) => `${code}..m`,
    (code) => `${code}.[nothing]`,
    (code) => `${code}.zzz`,
    (code) => `${code}.µm`,
  )
  fc.assert(fc.property(short, broken, (code, breaking) => !accepts(breaking(code))))
  t.pass()
})

t.test('any text gets an answer', async (t) => {
  fc.assert(
    fc.property(fc.string({ maxLength: 300 }), (code) =>
      ['object', 'string'].includes(typeof ucum.find(code)),
    ),
  )
  t.notOk(accepts(''))
  t.notOk(accepts('m'.repeat(201)))
})
