import t from 'tap'
import { sharedBy } from '../../src/base/shared.ts'

t.test('what every list has, in the order of the first', async (t) => {
  t.same(sharedBy([['c', 'a', 'b'], new Set(['a', 'b', 'c', 'd']), new Map([['b', 1]]).keys()]), ['b'])
  t.same(
    sharedBy([
      ['c', 'a'],
      ['a', 'c'],
    ]),
    ['c', 'a'],
  )
  t.same(sharedBy([['a']]), ['a'])
  t.same(sharedBy([]), [])
})
