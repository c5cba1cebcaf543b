/** Keys of the authorization server: made once, sealed, replaced with an overlap. */
import { randomBytes } from 'node:crypto'
import t from 'tap'
import { currentKeys, rotateKeys } from '../../src/auth/keys.ts'
import { createOidcKeys, createSealer } from '../../src/store/index.ts'
import { openDatabase } from '../support/store.ts'

const day = 86_400_000
const hour = 3_600_000

t.test('keys live a quarter, and overlap', async (t) => {
  const database = await openDatabase(t)
  const deps = { keys: createOidcKeys(database), sealer: createSealer([randomBytes(32)]) }
  const at = Date.parse('2026-01-01T00:00:00Z')
  // Two processes that start at once make the same keys.
  const [first, same] = await Promise.all([currentKeys(deps, 1, at), currentKeys(deps, 1, at)])
  t.strictSame(first, same)
  t.strictSame(first.jwks.map(({ alg }) => alg).sort(), ['ES384', 'RS256', 'RS384'])
  t.equal(first.cookies.length, 1)
  const kidOf = (keys: typeof first) => keys.jwks.find(({ alg }) => alg === 'RS256')?.kid
  t.equal(kidOf(await currentKeys(deps, 1, at + 80 * day)), kidOf(first))

  const due = at + 91 * day
  const next = await currentKeys(deps, 1, due)
  t.equal(next.jwks.length, 6, 'both are published')
  t.equal(kidOf(next), kidOf(first), 'the old one signs until all know the new one')
  const later = await currentKeys(deps, 1, due + 2 * hour)
  t.not(kidOf(later), kidOf(first))
  t.equal(later.jwks.length, 6)
  const after = await currentKeys(deps, 1, due + 2 * day)
  t.equal(after.jwks.length, 3, 'the old ones are gone')

  await rotateKeys(deps, 1, due + 3 * day)
  t.equal((await currentKeys(deps, 1, due + 3 * day)).jwks.length, 6)
  t.not(kidOf(await currentKeys(deps, 1, due + 3 * day + 2 * hour)), kidOf(after))
  t.notSame((await currentKeys(deps, 2, at)).jwks, first.jwks, 'each tenant has its own')
})

t.test('private keys are not to be read in the database', async (t) => {
  const database = await openDatabase(t)
  const deps = { keys: createOidcKeys(database), sealer: createSealer([randomBytes(32)]) }
  const { jwks } = await currentKeys(deps, 1, Date.now())
  const text = JSON.stringify(await deps.keys.list(1))
  for (const { d } of jwks) t.notOk(text.includes(d!))
})
