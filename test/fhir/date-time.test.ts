import t from 'tap'
import { dateInterval } from '../../src/fhir/date-time.ts'

const span = (text: string) => {
  const found = dateInterval(text)
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
  t.same(span('2024-01-01T10:30:15.12345678901Z'), span('2024-01-01T10:30:15.123456789Z'))
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
    t.equal(dateInterval(text), undefined, text)
})
