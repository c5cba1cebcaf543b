import t from 'tap'
import { passwordFault } from '../../../src/auth/people/password-rules.ts'
import { createPasswords } from '../../../src/auth/people/passwords.ts'

t.test('length and guesses count, composition does not', async (t) => {
  const own = ['anna.berg@example.org', 'Anna Berg']
  t.equal(passwordFault('lantern over quiet water', own), undefined)
  t.equal(passwordFault('élan vital 😀😀', own), undefined)
  t.equal(passwordFault('only eleven', own), 'passwordShort')
  t.equal(passwordFault('x'.repeat(12), own), 'passwordCommon')
  t.equal(passwordFault('Password 1234', own), 'passwordCommon')
  t.equal(passwordFault('314159265358979', own), 'passwordCommon')
  t.equal(passwordFault('my name is Anna.Berg', own), 'passwordOwn')
  t.equal(passwordFault('the berg is very high', own), 'passwordOwn')
  t.equal(passwordFault('ab c'.repeat(51), own), 'passwordLong')
})

t.test('hashes are argon2id with the parameters of OWASP', async (t) => {
  const { hash, verify } = createPasswords()
  const kept = await hash('lantern over quiet water')
  t.match(kept, /^\$argon2id\$v=19\$m=19456,t=2,p=1\$[A-Za-z0-9+/]{22}\$[A-Za-z0-9+/]{43}$/)
  t.not(await hash('lantern over quiet water'), kept)
  t.ok(await verify('lantern over quiet water', kept))
  t.notOk(await verify('lantern over quiet wate', kept))
  t.notOk(await verify('', kept))
  t.notOk(await verify('lantern over quiet water', undefined))
  t.ok(await verify('caf\u0065\u0301 du matin ici', await hash('caf\u00e9 du matin ici')))
})
