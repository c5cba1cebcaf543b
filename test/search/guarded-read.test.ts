import t from 'tap'
import { anyId, anyToken, type Condition, every, not, some } from '../../src/search/algebra.ts'
import { guardedRead } from '../../src/search/guarded-read.ts'
import { hashToken } from '../../src/search/hash.ts'

const subject = 'Observation.subject|Patient/1'
const performer = 'Observation.performer|Patient/1'
const literal = (...tokens: string[]): string => `{${tokens.map((token) => hashToken(1, token)).join()}}`
const readOf = (condition: Condition) => guardedRead(1, 'Observation', condition)

t.test('a compartment is read by its tokens, once however many sources name it', async (t) => {
  const compartment = anyToken([subject, performer], 'few')
  const read = readOf(every([compartment, anyToken([subject, performer], 'few')]))
  t.same(read('a'), { kind: 'tokens', tokens: [literal(subject, performer)] })
  t.equal(read('a'), read('b'), 'made once')
  t.same(readOf(every([compartment, anyToken([subject], 'few')]))('a'), {
    kind: 'tokens',
    tokens: [literal(subject, performer), literal(subject)],
  })
})

t.test('ids decide for themselves', async (t) => {
  const own = some([anyId(['1', '2']), anyToken([subject], 'few')])
  const read = readOf(every([own, anyToken([performer], 'few')]))
  t.same(read('1'), { kind: 'tokens', tokens: [literal(performer)] })
  t.same(read('3'), { kind: 'tokens', tokens: [literal(subject), literal(performer)] })
  const only = readOf(anyId(['1']))
  t.same(only('1'), { kind: 'tokens', tokens: [] })
  t.same(only('3'), { kind: 'never' })
  t.same(readOf(some([]))('1'), { kind: 'never' })
  t.same(readOf(anyToken([], 'few'))('1'), { kind: 'never' })
})

t.test('whatever else is asked takes a statement of its own', async (t) => {
  const token = anyToken([subject], 'few')
  const others: readonly Condition[] = [
    not(token),
    every([token, not(token)]),
    some([token, not(token)]),
    some([token, every([token, anyId(['1'])])]),
    every([token, anyToken([performer], 'few'), anyToken(['x'], 'few')]),
    anyToken(
      Array.from({ length: 65 }, (_, n) => `t${n}`),
      'few',
    ),
    { kind: 'present', bit: 3 },
  ]
  for (const condition of others) {
    const read = readOf(condition)('5a0e5e43-4b5c-4b6e-8f0a-1f2e3d4c5b6a')
    if (read.kind !== 'statement') return t.fail(JSON.stringify(condition))
    t.equal(read.statement.tenant, 1)
    t.equal(read.statement.values[2], '5a0e5e43-4b5c-4b6e-8f0a-1f2e3d4c5b6a')
  }
})
