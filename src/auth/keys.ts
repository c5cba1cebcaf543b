/** The keys of a tenant's authorization server: made, published before they sign, replaced, forgotten. RFC 7517 */
import { randomBytes, randomUUID } from 'node:crypto'
import { exportJWK, generateKeyPair, type JWK } from 'jose'
import type { KeyChange, OidcKey, OidcKeys, Sealer } from '../store/index.ts'

/** Private keys as JWK, the one to sign with before others of its algorithm; secrets of cookies, newest first. */
export type KeySet = { readonly jwks: readonly JWK[]; readonly cookies: readonly string[] }

const algorithms = ['RS256', 'RS384', 'ES384'] as const

/** In ms. A key is replaced after a quarter; others have an hour to learn of it, and the old one stays for a day. */
const life = 90 * 86_400_000
const notice = 3_600_000
const overlap = 86_400_000

export type KeyDeps = { readonly keys: OidcKeys; readonly sealer: Sealer }

const placeOf = (tenant: number, kid: string): string => `oidc-key/${tenant}/${kid}`

/** The keys of now, made or replaced first where they are missing or old. */
export const currentKeys = async (deps: KeyDeps, tenant: number, at: number): Promise<KeySet> => {
  const stored = await deps.keys.list(tenant)
  const due = dueChange(stored, at)
  if (due.length === 0 && !stored.some((key) => isOver(key, at))) return keySet(deps, tenant, stored, at)
  return keySet(deps, tenant, await deps.keys.change(tenant, (keys) => changeOf(deps, tenant, keys, at)), at)
}

/** Replaces all keys, whatever their age. */
export const rotateKeys = async (deps: KeyDeps, tenant: number, at: number): Promise<void> => {
  await deps.keys.change(tenant, async (keys) => {
    const made = await Promise.all(
      [...algorithms, 'cookie'].map((alg) => make(deps, tenant, alg, keys.length === 0 ? at : at + notice)),
    )
    return { add: made, retire: retiring(keys, at), remove: gone(keys, at) }
  })
}

const isOver = ({ retiredAt }: OidcKey, at: number): boolean => retiredAt !== undefined && retiredAt <= at

/** The algorithms whose newest key is missing or old. */
const dueChange = (keys: readonly OidcKey[], at: number): readonly string[] =>
  [...algorithms, 'cookie'].filter((alg) => {
    const newest = keys.find((key) => key.alg === alg)
    return newest === undefined || newest.signsFrom + life < at
  })

const changeOf = async (
  deps: KeyDeps,
  tenant: number,
  keys: readonly OidcKey[],
  at: number,
): Promise<KeyChange> => {
  const due = dueChange(keys, at)
  const replaced = keys.filter(({ alg }) => due.includes(alg))
  const add = await Promise.all(
    due.map((alg) => make(deps, tenant, alg, replaced.some((key) => key.alg === alg) ? at + notice : at)),
  )
  return { add, retire: retiring(replaced, at), remove: gone(keys, at) }
}

const retiring = (keys: readonly OidcKey[], at: number): ReadonlyMap<string, number> =>
  new Map(
    keys.filter(({ retiredAt }) => retiredAt === undefined).map(({ kid }) => [kid, at + notice + overlap]),
  )

const gone = (keys: readonly OidcKey[], at: number): string[] =>
  keys.filter((key) => isOver(key, at)).map(({ kid }) => kid)

const make = async (
  { sealer }: KeyDeps,
  tenant: number,
  alg: string,
  signsFrom: number,
): Promise<OidcKey> => {
  const kid = randomUUID()
  const secret = alg === 'cookie' ? randomBytes(32).toString('base64url') : await privateKey(alg, kid)
  const use = alg === 'cookie' ? 'cookie' : 'sig'
  return { kid, use, alg, secret: sealer.seal(secret, placeOf(tenant, kid)), signsFrom }
}

const privateKey = async (alg: string, kid: string): Promise<string> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  return JSON.stringify({ ...(await exportJWK(privateKey)), kid, alg, use: 'sig' })
}

const keySet = ({ sealer }: KeyDeps, tenant: number, keys: readonly OidcKey[], at: number): KeySet => {
  const open = (key: OidcKey): string => sealer.open(key.secret, placeOf(tenant, key.kid))
  const known = keys.filter((key) => !isOver(key, at))
  const signing = known.filter(({ use }) => use === 'sig')
  // The newest that may sign comes first, those that will sign last.
  const ordered = [
    ...signing.filter(({ signsFrom }) => signsFrom <= at),
    ...signing.filter(({ signsFrom }) => signsFrom > at),
  ]
  return {
    jwks: ordered.map((key) => JSON.parse(open(key)) as JWK),
    cookies: known.filter(({ use }) => use === 'cookie').map(open),
  }
}
