import t from 'tap'
import { createTurnstile } from '../../src/store/turnstile.ts'

t.test('as many as there are places, then in the order of arrival', async (t) => {
  const { enter } = createTurnstile(2, 10_000)
  const order: number[] = []
  const leave = await Promise.all([enter(), enter()])
  const waiting = [1, 2, 3].map(async (n) => {
    const out = await enter()
    order.push(n)
    return out
  })
  await new Promise((resolve) => setImmediate(resolve))
  t.strictSame(order, [])
  leave[0]!()
  const first = await waiting[0]!
  t.strictSame(order, [1])
  first()
  leave[1]!()
  for (const out of await Promise.all(waiting.slice(1))) out()
  t.strictSame(order, [1, 2, 3])
  const again = await enter()
  again()
})

t.test('who waits for too long is sent away, and the place goes to the next', async (t) => {
  const { enter } = createTurnstile(1, 10)
  const leave = await enter()
  await t.rejects(enter(), { message: /wait for the same resources/ })
  leave()
  const next = await enter()
  next()
})
