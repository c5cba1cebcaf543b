import t from 'tap'
import { idKey, isId, newId } from '../../src/base/id.ts'

const form = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

t.test('a new id is a UUID of version 7 that begins with its time', async (t) => {
  const at = Date.UTC(2026, 0, 2, 3, 4, 5, 678)
  const ids = Array.from({ length: 1000 }, () => newId(at))
  t.equal(new Set(ids).size, ids.length)
  for (const id of ids) {
    if (!form.test(id)) t.match(id, form)
    if (Number.parseInt(id.slice(0, 13).replace('-', ''), 16) !== at) t.fail(`${id} has another time`)
  }
  t.same([isId(ids[0]!), idKey(ids[0]!)], [true, ids[0]])
})

t.test('ids of later times come later, small times keep their form', async (t) => {
  t.ok(newId(1_700_000_000_000) < newId(1_700_000_000_001))
  t.match(newId(0), /^00000000-0000-7/)
  t.match(newId(1), form)
})

t.test('every digit that may vary does', async (t) => {
  const seen = Array.from({ length: 36 }, () => new Set<string>())
  for (let n = 0; n < 2000; n++) for (const [place, digit] of [...newId(0)].entries()) seen[place]!.add(digit)
  const counts = seen.slice(14).map(({ size }) => size)
  t.same(counts, [1, 16, 16, 16, 1, 4, 16, 16, 16, 1, ...Array.from({ length: 12 }, () => 16)])
})
