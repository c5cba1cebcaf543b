import t from 'tap'
import { matchTotp, newTotpSecret, totpCode, totpStep, totpUri } from '../../../src/auth/people/totp.ts'

const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ'

t.test('codes are those of RFC 6238, in six digits', async (t) => {
  const vectors = [
    [59, '287082'],
    [1_111_111_109, '081804'],
    [1_111_111_111, '050471'],
    [1_234_567_890, '005924'],
    [2_000_000_000, '279037'],
    [20_000_000_000, '353130'],
  ] as const
  for (const [seconds, code] of vectors) t.equal(totpCode(secret, totpStep(seconds * 1000)), code)
})

t.test('a code holds for its step and the neighbours, and tells which', async (t) => {
  const at = 1_234_567_890_000
  const step = totpStep(at)
  for (const near of [step - 1, step, step + 1]) t.equal(matchTotp(secret, totpCode(secret, near), at), near)
  for (const far of [step - 2, step + 2]) t.equal(matchTotp(secret, totpCode(secret, far), at), undefined)
  t.equal(matchTotp(secret, ' 005 924 ', at), step)
  for (const wrong of ['', '00592', '0059240', 'abcdef']) t.equal(matchTotp(secret, wrong, at), undefined)
})

t.test('secrets are new each time and have 160 bits', async (t) => {
  t.match(newTotpSecret(), /^[A-Z2-7]{32}$/)
  t.not(newTotpSecret(), newTotpSecret())
  t.match(totpUri(secret, 'a b', 'x@y.example'), /^otpauth:\/\/totp\/a%20b:x%40y\.example\?secret=GEZD/)
})
