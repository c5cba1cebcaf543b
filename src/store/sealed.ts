/** Secrets as they lie in the database: envelope encryption, AES-256-GCM twice. NIST SP 800-38D, SP 800-57 part 1, 5.3.5 */
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto'

/** 32 random bytes each; the first seals, all open. */
export type SealingKeys = readonly [Buffer, ...Buffer[]]

/**
 * Keep what `seal` gives in a column of the type `sealed` (a domain over text): `npm run keys` finds those columns.
 * `place` says what the secret is and whose (`account/12/totp`): it opens nowhere else, so that who can write to the
 * database cannot move one person's secret to another. It is not kept with the secret.
 */
export type Sealer = {
  /** Id of the key that seals, 16 hex digits; it tells nothing of the key. */
  readonly current: string
  /** Of all keys that open, the current one first. */
  readonly ids: readonly string[]
  seal(secret: string, place: string): string
  /** Throws SealBroken. */
  open(sealed: string, place: string): string
  /** The same secret under the current key, without looking at it; the same text when it is. Throws SealBroken. */
  renew(sealed: string): string
}

/** What was sealed cannot be opened: the key is gone, the text was changed, or it was moved from its place. */
export class SealBroken extends Error {
  override readonly name = 'SealBroken'
}

const form = 's1'
const cipher = 'aes-256-gcm'
const ivLength = 12
const tagLength = 16
const keyLength = 32

/** Equal keys have equal ids, on every machine. */
export const keyId = (key: Buffer): string =>
  createHash('sha256').update('lamplight key id\0').update(key).digest('hex').slice(0, 16)

/** Each secret has a key of its own, which is sealed by the key of the server: `s1.<id>.<key>.<secret>`. */
export const createSealer = (keys: SealingKeys): Sealer => {
  const byId = new Map(keys.map((key) => [keyId(key), key]))
  const current = keyId(keys[0])
  const openKey = (id: string, wrapped: string): Buffer => {
    const key = byId.get(id)
    if (key === undefined)
      throw new SealBroken(`A secret is sealed by the key ${id}, which is not among the keys of this server.`)
    return decrypt(key, wrapped, id)
  }
  return {
    current,
    ids: [...byId.keys()],
    seal: (secret, place) => {
      const own = randomBytes(keyLength)
      const wrapped = encrypt(keys[0], own, current)
      return [form, current, wrapped, encrypt(own, Buffer.from(secret, 'utf8'), place)].join('.')
    },
    open: (sealed, place) => {
      const { id, wrapped, content } = parse(sealed)
      return decrypt(openKey(id, wrapped), content, place).toString('utf8')
    },
    renew: (sealed) => {
      const { id, wrapped, content } = parse(sealed)
      if (id === current) return sealed
      return [form, current, encrypt(keys[0], openKey(id, wrapped), current), content].join('.')
    },
  }
}

const parse = (sealed: string) => {
  const [head, id, wrapped, content, ...rest] = sealed.split('.')
  if (head !== form || id === undefined || wrapped === undefined || content === undefined || rest.length > 0)
    throw new SealBroken('A secret in the database is not in the form of a sealed one.')
  return { id, wrapped, content }
}

const encrypt = (key: Buffer, plain: Buffer, context: string): string => {
  const iv = randomBytes(ivLength)
  const seal = createCipheriv(cipher, key, iv).setAAD(Buffer.from(context, 'utf8'))
  return Buffer.concat([iv, seal.update(plain), seal.final(), seal.getAuthTag()]).toString('base64url')
}

const decrypt = (key: Buffer, text: string, context: string): Buffer => {
  const bytes = Buffer.from(text, 'base64url')
  const end = bytes.length - tagLength
  try {
    const open = createDecipheriv(cipher, key, bytes.subarray(0, ivLength), { authTagLength: tagLength })
    open.setAAD(Buffer.from(context, 'utf8')).setAuthTag(bytes.subarray(end))
    return Buffer.concat([open.update(bytes.subarray(ivLength, end)), open.final()])
  } catch {
    throw new SealBroken(
      'A secret in the database was changed, or moved from its place, since it was sealed.',
    )
  }
}
