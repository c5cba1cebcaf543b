import t from 'tap'
import { createRandom } from '../../src/demo/random.ts'

t.test('a fork depends on its label, not on what was drawn before', async (t) => {
  const fresh = createRandom(5)
  const used = createRandom(5)
  for (let i = 0; i < 100; i++) used.next()
  t.equal(used.fork('a').bits(), fresh.fork('a').bits())
  t.not(fresh.fork('a').bits(), fresh.fork('b').bits())
  t.not(fresh.fork('a').fork('b').bits(), fresh.fork('b').fork('a').bits())
})

t.test('numbers are spread evenly and stay in their bounds', async (t) => {
  const random = createRandom(1)
  const tenths = Array.from({ length: 10 }, () => 0)
  for (let i = 0; i < 20_000; i++) tenths[Math.floor(random.next() * 10)]! += 1
  for (const count of tenths) t.ok(count > 1800 && count < 2200, String(count))
  const whole = Array.from({ length: 1000 }, () => random.int(3, 5))
  t.same([...new Set(whole)].sort(), [3, 4, 5])
  const normal = Array.from({ length: 20_000 }, () => random.normal())
  const mean = normal.reduce((a, b) => a + b, 0) / normal.length
  const deviation = Math.sqrt(normal.reduce((a, b) => a + b * b, 0) / normal.length)
  t.ok(Math.abs(mean) < 0.05 && Math.abs(deviation - 1) < 0.05, `${mean} ± ${deviation}`)
})

t.test('the first of a Zipf list is the most frequent', async (t) => {
  const random = createRandom(1)
  const list = Array.from({ length: 50 }, (_, i) => i)
  const counts = list.map(() => 0)
  for (let i = 0; i < 5000; i++) counts[random.zipf(list)]! += 1
  t.ok(counts[0]! > counts[4]! * 2 && counts[4]! > counts[40]!)
})

t.test('a count has the mean that is asked for', async (t) => {
  const random = createRandom(1)
  for (const mean of [0, 0.3, 2.5, 7]) {
    const sum = Array.from({ length: 4000 }, () => random.count(mean)).reduce((a, b) => a + b, 0)
    t.ok(Math.abs(sum / 4000 - mean) < 0.15, `${sum / 4000} for ${mean}`)
  }
})
