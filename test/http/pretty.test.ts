import fc from 'fast-check'
import t from 'tap'
import { pretty } from '../../src/http/pretty.ts'

t.test('the same as JSON.stringify with two spaces', async (t) => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      (value) => pretty(JSON.stringify(value)) === `${JSON.stringify(value, null, 2)}\n`,
    ),
  )
  t.pass()
})

t.test('numbers and escapes stay as they were written', async (t) => {
  t.equal(
    pretty('{"a":1.00,"b":1e2,"c":"\\u0041\\""}'),
    '{\n  "a": 1.00,\n  "b": 1e2,\n  "c": "\\u0041\\""\n}\n',
  )
})

t.test('a string of many megabytes', async (t) => {
  const long = JSON.stringify({ data: 'A'.repeat(20_000_000) })
  t.equal(pretty(long).length, long.length + 6)
})
