import fc from 'fast-check'
import t from 'tap'
import { type Access, noAccess } from '../../src/access/access.ts'
import type { Principal } from '../../src/access/principal.ts'
import { unauthenticated } from '../../src/base/problem.ts'
import { createLimiter } from '../../src/http/limited.ts'
import { createRequestLimits } from '../../src/http/request-limits.ts'
import { fakeRest, serverWith } from './fake-rest.ts'

t.test('nobody gets more than the rate and one bucket', (t) => {
  const request = fc.record({
    after: fc.integer({ min: 0, max: 3000 }),
    units: fc.integer({ min: 1, max: 20 }),
  })
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.array(request, { maxLength: 200 }), (rate, requests) => {
      const limits = createRequestLimits({ rate })
      let [now, taken, largest] = [0, 0, 0]
      for (const { after, units } of requests) {
        now += after
        const standing = limits.take('a', units, now)
        if (!standing?.allowed) continue
        taken += units
        largest = Math.max(largest, units)
      }
      return taken <= rate * 10 + (now / 1000) * rate + largest
    }),
  )
  t.end()
})

t.test('waiting as long as told is enough', (t) => {
  const limits = createRequestLimits({ rate: 5 })
  let [now, refused] = [0, 0]
  for (let n = 0; n < 200; n++) {
    const standing = limits.take('a', 7, now)
    if (standing?.allowed) continue
    refused++
    now += standing!.wait * 1000
    t.equal(limits.take('a', 7, now)?.allowed, true)
  }
  t.ok(refused > 0)
  t.equal(limits.take('b', 1, now)?.allowed, true, 'others have buckets of their own')
  t.end()
})

t.test('processes tell each other', (t) => {
  const [here, there] = [createRequestLimits({ rate: 1 }), createRequestLimits({ rate: 1 })]
  here.take('a', 10, 0)
  there.learn(here.spent(), 0)
  t.equal(there.take('a', 1, 0)?.allowed, false)
  t.strictSame(there.spent(), [], 'what was learned is not told on')
  t.strictSame(here.spent(), [])
  t.equal(createRequestLimits({ rate: 0 }).take('a', 1, 0), undefined)
  t.end()
})

const person = (id: string): Principal => ({
  kind: 'person',
  id,
  display: id,
  client: 'app',
  roles: [],
  scopes: [],
})

t.test('what clients see', async (t) => {
  const access: Access = noAccess
  const server = serverWith(fakeRest(), {
    limiter: createLimiter({ clients: 2, strangers: 10 }),
    authenticate: ({ authorization }) => {
      if (authorization === undefined) throw unauthenticated('Who are you?')
      return { who: person(authorization), access }
    },
  })
  t.teardown(() => server.close())
  const ask = (url: string, authorization?: string) =>
    server.inject({ url, headers: authorization === undefined ? {} : { authorization } })
  const first = await ask('/fhir/Patient/p1', 'ann')
  t.match(first.headers, { 'ratelimit-limit': '20', 'ratelimit-remaining': '19', 'ratelimit-reset': '1' })
  for (let n = 0; n < 6; n++) t.equal((await ask('/fhir/Patient', 'ann')).statusCode, 200, 'a search costs 3')
  await ask('/fhir/Patient', 'ann')
  const refused = await ask('/fhir/Patient/p1', 'ann')
  t.equal(refused.statusCode, 429)
  t.match(refused.headers, { 'retry-after': /^\d+$/, 'ratelimit-remaining': '0' })
  t.match(refused.json(), { resourceType: 'OperationOutcome', issue: [{ code: 'throttled' }] })
  t.equal((await ask('/fhir/Patient/p1', 'bob')).statusCode, 200)

  const seen: number[] = []
  for (let n = 0; n < 10; n++) seen.push((await ask('/fhir/Patient/p1')).statusCode)
  t.equal(seen[0], 401)
  t.equal(seen.at(-1), 429, 'who guesses is stopped')
  t.equal((await ask('/fhir/metadata')).statusCode, 429)
  t.equal((await ask('/health/live')).statusCode, 200)
  t.equal((await ask('/fhir/Patient/p1', 'bob')).statusCode, 200, 'who has a token is not held up by it')
})
