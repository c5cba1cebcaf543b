import fc from 'fast-check'
import t from 'tap'
import { instant, isoOf } from '../../src/base/instant.ts'

t.test('says of every time what its Date says', async (t) => {
  const ends = [0, -0, -1, 86_399_999, 86_400_000, -62_167_219_200_000, 253_402_300_799_999]
  const beyond = [-62_167_219_200_001, 253_402_300_800_000, 8.64e15, -8.64e15, 1.5]
  for (const ms of [...ends, ...beyond]) t.equal(isoOf(ms), new Date(ms).toISOString(), String(ms))
  fc.assert(
    fc.property(fc.integer({ min: -62_167_219_200_001, max: 253_402_300_800_001 }), (ms) => {
      return isoOf(ms) === new Date(ms).toISOString() && instant(ms) === isoOf(ms)
    }),
  )
  t.throws(() => isoOf(Number.NaN), RangeError)
})
