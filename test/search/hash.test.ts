import fc from 'fast-check'
import t from 'tap'
import { hashToken, hashTokens } from '../../src/search/hash.ts'
import { hashes } from '../support/hashes.ts'

const bits = (text: string): string => BigInt.asUintN(64, BigInt(text)).toString(2).padStart(64, '0')

t.test('is stable for ever, as it is stored', async (t) => {
  t.equal(hashToken(1, 'Patient.identifier|http://a|1'), '-2456155764267580516')
  t.equal(hashToken(2, 'Patient.identifier|http://a|1'), '8007399354015048648')
  t.equal(hashToken(1, ''), '2124190505766739592')
})

t.test(
  'the token of a reference can be made from the hash of its beginning and the key of the id',
  async (t) => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057'
    const hex = id.replaceAll('-', '')
    const mix = BigInt(`0x${hex.slice(0, 16)}`) ^ BigInt(`0x${hex.slice(16)}`)
    const other = '00000000-0000-4000-8000-000000000001'
    const otherMix = 0x4000n ^ 0x8000000000000001n
    const token = (of: string) => BigInt(hashToken(1, `Observation.subject|Patient/${of}`))
    t.equal(BigInt.asIntN(64, token(id) ^ mix), BigInt.asIntN(64, token(other) ^ otherMix))
    t.not(token(id), token('01890a5d-ac96-774b-bcce-b302099a8058'))
    t.not(hashToken(1, 'Observation.subject|Patient/a.b'), hashToken(1, 'Observation.subject|Group/a.b'))
  },
)

t.test('is a signed 64-bit integer, the same when it is asked again', async () => {
  fc.assert(
    fc.property(fc.nat(), fc.string({ unit: 'binary' }), (tenant, text) => {
      const hash = hashToken(tenant, text)
      return BigInt.asIntN(64, BigInt(hash)).toString() === hash && hashToken(tenant, text) === hash
    }),
  )
})

t.test('similar tokens do not meet, in any half of the bits', async (t) => {
  const texts = Array.from({ length: 200_000 }, (_, n) => `Patient.identifier|http://a|${n}`)
  const hashes = texts.map((text) => BigInt.asUintN(64, BigInt(hashToken(1, text))))
  t.equal(new Set(hashes).size, texts.length)
  // Among 200,000 values of 32 bits some 4.7 pairs meet by chance.
  const distinct = (shift: bigint): number =>
    new Set(hashes.map((hash) => (hash >> shift) & 0xffffffffn)).size
  for (const shift of [0n, 16n, 32n]) t.ok(texts.length - distinct(shift) < 25, `bits from ${shift}`)
})

t.test('one changed character or tenant changes about half of the bits', async (t) => {
  const flipped = Array.from({ length: 64 }, () => 0)
  const rounds = 2000
  for (let n = 0; n < rounds; n++) {
    const a = bits(hashToken(1, `Observation.code|http://loinc.org|${n}-1`))
    const b = bits(
      n % 2 === 0
        ? hashToken(1, `Observation.code|http://loinc.org|${n}-2`)
        : hashToken(2, `Observation.code|http://loinc.org|${n}-1`),
    )
    for (let bit = 0; bit < 64; bit++) if (a[bit] !== b[bit]) flipped[bit]! += 1 / rounds
  }
  t.ok(flipped.every((share) => share > 0.42 && share < 0.58))
})

t.test('a crowd of tokens and changing tenants give the same as fresh ones', async (t) => {
  const first = hashToken(1, 'x')
  for (let n = 0; n < 40_000; n++) hashToken(1, `crowd ${n}`)
  t.not(hashToken(2, 'x'), first)
  t.equal(hashToken(1, 'x'), first)
})

t.test('hashes to be written are the same numbers', async (t) => {
  const tokens = [
    'present|0',
    'present|-7',
    'present|9007199254740993',
    'present|-9223372036854775808',
    'a',
    'a',
    '',
    'Ü😀',
  ]
  t.same(hashTokens(1, tokens), hashes(...tokens.map((token) => hashToken(1, token))))
  t.same(hashTokens(1, []), hashes())
  const reference = 'Observation.subject|Patient/6f9619ff-8b86-4011-b42d-00c04fc964ff'
  t.same(hashTokens(3, [reference]), hashes(hashToken(3, reference)))
})
