import t from 'tap'
import { fitConnections, fitShare } from '../../src/store/fit-connections.ts'
import { database } from '../support/postgres.ts'

t.test('what fits stays, what does not is shared', async (t) => {
  t.same(fitShare({ lines: 4, pool: 8 }, 97, 2), { lines: 4, pool: 8 })
  t.same(fitShare({ lines: 4, pool: 8 }, 97, 16), { lines: 1, pool: 4 })
  t.same(fitShare({ lines: 4, pool: 8 }, 97, 8), { lines: 3, pool: 7 })
  for (const processes of [1, 2, 3, 7, 12, 30, 40]) {
    const { lines, pool } = fitShare({ lines: 4, pool: 8 }, 97, processes)
    t.ok(lines >= 1 && pool >= 1)
    t.ok((lines + pool) * processes <= 97)
  }
})

t.test('the database is asked', async (t) => {
  const target = await database(t)
  t.same(await fitConnections(target, { lines: 4, pool: 8 }, 1), { lines: 4, pool: 8 })
  const { lines, pool } = await fitConnections(target, { lines: 4, pool: 8 }, 60)
  t.equal(lines + pool, 3)
})
