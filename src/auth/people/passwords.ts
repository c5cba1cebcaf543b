/** Passwords as argon2id in PHC strings, computed off the event loop. https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html */
import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { normalisePassword } from './password-rules.ts'

/** `verify` costs the same without a hash: it computes one all the same. */
export type Passwords = {
  hash(password: string): Promise<string>
  verify(password: string, hash: string | undefined): Promise<boolean>
}

/** KiB and passes, as OWASP has them for one lane. */
const cost = { memory: 19_456, passes: 2, parallelism: 1 }
const length = 32

const derive = (password: string, nonce: Buffer, of: typeof cost, tagLength: number): Promise<Buffer> =>
  new Promise((done, fail) => {
    const message = normalisePassword(password)
    argon2('argon2id', { message, nonce, tagLength, ...of }, (error, key) =>
      error ? fail(error) : done(key),
    )
  })

const base64 = (bytes: Buffer): string => bytes.toString('base64').replace(/=+$/, '')

const form = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** So many at once: each takes 19 MiB and a thread that others need too. */
const together = 2

export const createPasswords = (): Passwords => {
  const nobody = randomBytes(16)
  let running = 0
  const waiting: (() => void)[] = []
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    if (running >= together) await new Promise<void>((go) => waiting.push(go))
    else running++
    try {
      return await work()
    } finally {
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }
  return {
    hash: async (password) => {
      const nonce = randomBytes(16)
      const key = await inTurn(() => derive(password, nonce, cost, length))
      const { memory, passes, parallelism } = cost
      return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(nonce)}$${base64(key)}`
    },
    verify: async (password, hash) => {
      const [, memory, passes, parallelism, nonce = '', key = ''] = form.exec(hash ?? '') ?? []
      if (memory === undefined) {
        await inTurn(() => derive(password, nobody, cost, length))
        return false
      }
      const of = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) }
      const expected = Buffer.from(key, 'base64')
      const found = await inTurn(() => derive(password, Buffer.from(nonce, 'base64'), of, expected.length))
      return timingSafeEqual(found, expected)
    },
  }
}
