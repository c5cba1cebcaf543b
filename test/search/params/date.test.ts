import t from 'tap'
import { instantsFor, readPrefix, readSpan } from '../../../src/search/params/date.ts'

const span = (text: string) => {
  const found = readSpan(text)
  return found && [new Date(found.from).toISOString(), new Date(found.to).toISOString()]
}

t.test('every precision is a span', async (t) => {
  t.same(span('2024'), ['2024-01-01T00:00:00.000Z', '2025-01-01T00:00:00.000Z'])
  t.same(span('2024-02'), ['2024-02-01T00:00:00.000Z', '2024-03-01T00:00:00.000Z'])
  t.same(span('2024-12-31'), ['2024-12-31T00:00:00.000Z', '2025-01-01T00:00:00.000Z'])
  t.same(span('2024-01-01T10:30Z'), ['2024-01-01T10:30:00.000Z', '2024-01-01T10:31:00.000Z'])
  t.same(span('2024-01-01T10:30:15+02:00'), ['2024-01-01T08:30:15.000Z', '2024-01-01T08:30:16.000Z'])
  t.same(span('2024-01-01T10:30:15 02:00'), span('2024-01-01T10:30:15+02:00'))
  t.same(span('2024-01-01T10:30:15.25Z'), ['2024-01-01T10:30:15.250Z', '2024-01-01T10:30:15.260Z'])
  t.same(span('2024-01-01T10:30:15.123456Z'), ['2024-01-01T10:30:15.124Z', '2024-01-01T10:30:15.124Z'])
  t.same(span('0001-01-01'), ['0001-01-01T00:00:00.000Z', '0001-01-02T00:00:00.000Z'])
})

t.test('what is no date', async (t) => {
  for (const text of [
    '',
    '24',
    '2024-13',
    '2023-02-29',
    '2024-01-01T10',
    '2024-01-01T24:00Z',
    '2024-01-01T10:00+15:00',
    'x2024',
    '0000',
  ])
    t.equal(readSpan(text), undefined, text)
})

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
