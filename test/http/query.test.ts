import fc from 'fast-check'
import t from 'tap'
import type { Problem } from '../../src/base/problem.ts'
import { parseQuery, presentationOf, splitPresentation } from '../../src/http/query.ts'

t.test('pairs in order, decoded', async (t) => {
  t.strictSame(parseQuery(''), [])
  t.strictSame(parseQuery('a=1&b=2&a=3'), [
    ['a', '1'],
    ['b', '2'],
    ['a', '3'],
  ])
  t.strictSame(parseQuery('&a&b=&c==d&'), [
    ['a', ''],
    ['b', ''],
    ['c', '=d'],
  ])
  t.strictSame(parseQuery('date=2020-01-01T00:00:00%2B01:00&name=a+b%20c'), [
    ['date', '2020-01-01T00:00:00+01:00'],
    ['name', 'a b c'],
  ])
})

t.test('broken escapes', async (t) => {
  for (const text of ['a=%', 'a=%2', 'a=%zz', '%ff=1', 'a=%C3'])
    t.throws(() => parseQuery(text), { status: 400 } as Problem)
})

t.test('what URLSearchParams writes comes back', async (t) => {
  const text = fc.string({ unit: 'grapheme' })
  fc.assert(
    fc.property(fc.array(fc.tuple(text, text)), (pairs) => {
      const written = new URLSearchParams(pairs as [string, string][]).toString()
      t.strictSame(parseQuery(written), pairs, { diagnostic: false } as object)
    }),
    { numRuns: 50 },
  )
})

t.test('_format and _pretty are split off', async (t) => {
  t.strictSame(
    splitPresentation([
      ['_format', 'json'],
      ['name', 'a'],
      ['_pretty', 'true'],
    ]),
    {
      query: [['name', 'a']],
      format: 'json',
      pretty: true,
    },
  )
  t.strictSame(splitPresentation([['_pretty', 'false']]), { query: [], pretty: false })
  t.throws(() => splitPresentation([['_pretty', '1']]), {
    status: 400,
    issues: [{ expression: ['http._pretty'] }],
  } as unknown as Problem)
})

t.test('links to other pages keep both', async (t) => {
  t.equal(presentationOf({ pretty: false }), undefined)
  t.equal(presentationOf({ pretty: true }), '_pretty=true')
  t.equal(presentationOf({ format: 'a/b+c', pretty: true }), '_format=a%2Fb%2Bc&_pretty=true')
})
