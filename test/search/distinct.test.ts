import t from 'tap'
import { distinct, isThere } from '../../src/search/distinct.ts'

t.test('few rows are told apart when they come, many at the end', async (t) => {
  const push = (count: number, kinds: number) => {
    const rows: { parameter: string; exact: string }[] = []
    for (let n = 0; n < count; n++) {
      const row = { parameter: 'Patient.given', exact: `n${n % kinds}` }
      if (!isThere(rows, ({ exact }) => exact === row.exact)) rows.push(row)
    }
    return distinct(rows)
  }
  t.equal(push(10, 3).length, 3)
  t.equal(push(100_000, 50_000).length, 50_000)
  t.same(
    push(200, 100).map(({ exact }) => exact),
    Array.from({ length: 100 }, (_, n) => `n${n}`),
    'in their order',
  )
})
