import t from 'tap'
import { readPrefix } from '../../../src/search/bounds.ts'
import { instantsFor } from '../../../src/search/params/date.ts'

t.test('prefixes', async (t) => {
  t.same(readPrefix('ge2024'), { prefix: 'ge', rest: '2024' })
  t.same(readPrefix('2024'), { prefix: 'eq', rest: '2024' })
  const intervals = (prefix: 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le' | 'sa' | 'eb' | 'ap') =>
    instantsFor(prefix, 10, 20, 110)
  t.same(intervals('eq'), [{ from: 10, to: 20 }])
  t.same(intervals('ne'), [{ to: 10 }, { from: 20 }])
  t.same([intervals('gt'), intervals('sa')], [[{ from: 20 }], [{ from: 20 }]])
  t.same([intervals('lt'), intervals('eb')], [[{ to: 10 }], [{ to: 10 }]])
  t.same([intervals('ge'), intervals('le')], [[{ from: 10 }], [{ to: 20 }]])
  t.same(intervals('ap'), [{ from: 0, to: 30 }])
})
