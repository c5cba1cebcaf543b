import fc from 'fast-check'
import t from 'tap'
import { normaliseEmail } from '../../../src/auth/people/email.ts'

t.test('one mailbox has one spelling', async (t) => {
  t.equal(normaliseEmail(' Anna.Berg@Example.ORG '), 'anna.berg@example.org')
  t.equal(normaliseEmail('ｊose@example.org'), 'jose@example.org')
  t.equal(normaliseEmail('josé@example.org'), normaliseEmail('JOSE\u0301@example.org'))
  t.equal(normaliseEmail('a@Bücher.example'), 'a@xn--bcher-kva.example')
  t.equal(normaliseEmail('a+b@example.org'), 'a+b@example.org')
  t.equal(normaliseEmail('root@localhost'), 'root@localhost')
})

t.test('what is no address is not taken', async (t) => {
  for (const text of [
    '',
    'a',
    '@b.c',
    'a@',
    'a@b',
    'a b@c.de',
    'a@b@c.de',
    '.a@b.de',
    'a..b@c.de',
    'a@-b.de',
    'a\n@b.de',
    'a@b_c.de',
    `${'a'.repeat(65)}@b.de`,
  ])
    t.equal(normaliseEmail(text), undefined, JSON.stringify(text))
})

t.test('normalising twice changes nothing', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.emailAddress(), fc.string()), (text) => {
      const once = normaliseEmail(text)
      return once === undefined || normaliseEmail(once) === once
    }),
  )
})
