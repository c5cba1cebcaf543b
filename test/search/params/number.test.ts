import fc from 'fast-check'
import t from 'tap'
import { isInside, nextDown, nextUp } from '../../../src/search/bounds.ts'
import { numberBounds, readPrecise } from '../../../src/search/params/number.ts'

t.test('the range that a number means, from the table of the specification', async (t) => {
  t.same(readPrecise('100'), { value: 100, from: 99.5, to: 100.5 })
  t.same(readPrecise('100.00'), { value: 100, from: 99.995, to: 100.005 })
  t.same(readPrecise('1e2'), { value: 100, from: 95, to: 105 })
  t.same(readPrecise('-5.4'), { value: -5.4, from: -5.45, to: -5.35 })
  t.same(readPrecise('0.0054'), { value: 0.0054, from: 0.00535, to: 0.00545 })
})

t.test('what is no number', async (t) => {
  for (const text of ['', 'x', '1.', '.5', '1e', '1e999', '0x10', '1 2', 'NaN', 'Infinity'])
    t.equal(readPrecise(text), undefined, text)
})

t.test('prefixes', async (t) => {
  const holds = (text: string, prefix: Parameters<typeof numberBounds>[0], value: number) =>
    numberBounds(prefix, readPrecise(text)!).some((bounds) => isInside(bounds, value, value))
  t.ok(holds('100', 'eq', 99.5))
  t.notOk(holds('100', 'eq', 100.5))
  t.notOk(holds('100', 'ne', 100.4))
  t.ok(holds('100', 'ne', 100.5))
  t.ok(holds('100', 'gt', 100.000001))
  t.notOk(holds('100', 'gt', 100))
  t.ok(holds('100', 'ge', 100))
  t.ok(holds('100', 'lt', 99.999999))
  t.ok(holds('100', 'le', 100))
  t.notOk(holds('100', 'sa', 100))
  t.notOk(holds('100', 'eb', 100))
  t.ok(holds('100', 'ap', 109))
  t.notOk(holds('100', 'ap', 111))
})

t.test('neighbours of doubles', async () => {
  fc.assert(
    fc.property(
      // Beyond the largest there is no neighbour.
      fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e308, max: 1e308 }),
      (n) => nextUp(n) > n && nextDown(n) < n && nextDown(nextUp(n)) === n,
    ),
  )
})
