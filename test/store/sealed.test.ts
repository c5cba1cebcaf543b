import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import t from 'tap'
import { createSealer, keyId, SealBroken } from '../../src/store/sealed.ts'

const [old, young] = [randomBytes(32), randomBytes(32)]

t.test('what is sealed opens in its place, and nowhere else', async (t) => {
  const sealer = createSealer([young])
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.string(), fc.string(), (secret, place, other) => {
      const sealed = sealer.seal(secret, place)
      t.equal(sealer.open(sealed, place), Buffer.from(secret, 'utf8').toString('utf8'))
      if (other !== place) t.throws(() => sealer.open(sealed, other), SealBroken)
    }),
    { numRuns: 50 },
  )
  t.not(sealer.seal('a', 'p'), sealer.seal('a', 'p'), 'equal secrets do not look equal')
})

t.test('any changed character is noticed', async (t) => {
  const sealer = createSealer([young])
  const sealed = sealer.seal('the secret', 'client/1')
  for (let at = 0; at < sealed.length; at++) {
    // Not the last bits of the last character of a part, which base64 does not use.
    const other = sealed[at] === 'A' ? 'Q' : 'A'
    const changed = sealed.slice(0, at) + other + sealed.slice(at + 1)
    const isSame = changed.split('.').every((part, n) => {
      const is = sealed.split('.')[n] ?? ''
      return n < 2 ? part === is : Buffer.from(part, 'base64url').equals(Buffer.from(is, 'base64url'))
    })
    if (!isSame) t.throws(() => sealer.open(changed, 'client/1'), SealBroken)
  }
  for (const text of ['', 's1', 's1...', `${sealed}.x`, 'plain'])
    t.throws(() => sealer.open(text, 'client/1'), SealBroken)
})

t.test('a secret moves to a new key without being opened', async (t) => {
  const sealed = createSealer([old]).seal('the secret', 'client/1')
  const both = createSealer([young, old])
  t.equal(both.open(sealed, 'client/1'), 'the secret')
  const renewed = both.renew(sealed)
  t.equal(both.renew(renewed), renewed)
  t.equal(createSealer([young]).open(renewed, 'client/1'), 'the secret')
  t.throws(() => createSealer([young]).open(sealed, 'client/1'), { message: new RegExp(keyId(old)) })
  t.throws(() => createSealer([young]).renew(sealed), SealBroken)
  t.throws(() => createSealer([young]).open(renewed, 'client/2'), SealBroken)
})
