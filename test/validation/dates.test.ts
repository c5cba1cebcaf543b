import t from 'tap'
import { isDate, isDateTime, isInstant, isTime } from '../../src/validation/dates.ts'

t.test('date', async (t) => {
  for (const text of ['2024', '1905-08', '2024-02-29', '2000-02-29', '2023-12-31', '0001-01-01'])
    t.ok(isDate(text), text)
  const wrong = [
    '0000',
    '24',
    '2024-13',
    '2024-00',
    '2023-02-29',
    '1900-02-29',
    '2024-04-31',
    '2024-1-1',
    '2024-01-00',
  ]
  for (const text of [...wrong, '2024-01-01Z', '2024-01-01T00:00:00Z', '', ' 2024', '2024\n'])
    t.notOk(isDate(text), text)
})

t.test('dateTime', async (t) => {
  const right = [
    '2024',
    '2024-02',
    '2024-02-29',
    '2024-02-29T23:59:60Z',
    '2024-01-01T00:00:00.123456789+14:00',
  ]
  for (const text of right) t.ok(isDateTime(text), text)
  const wrong = [
    '2024-01-01T10:00Z',
    '2024-01-01T10:00:00',
    '2024-01-01T24:00:00Z',
    '2024-01-01T10:00:00+15:00',
  ]
  for (const text of [...wrong, '2023-02-29T00:00:00Z', '2024-01T00:00:00Z', '2024-01-01 10:00:00Z'])
    t.notOk(isDateTime(text), text)
})

t.test('instant and time', async (t) => {
  t.ok(isInstant('2015-02-07T13:28:17.239+02:00'))
  for (const text of ['2015-02-07', '2015-02-30T13:28:17Z', '2015-02-07T13:28:17'])
    t.notOk(isInstant(text), text)
  t.ok(isTime('23:59:59.5'))
  for (const text of ['24:00:00', '10:00', '10:00:00Z']) t.notOk(isTime(text), text)
})
