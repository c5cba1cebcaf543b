/** The keys that seal secrets: from the environment, or from a file that is made at the first start. Decision 0026 */
import { hkdfSync, randomBytes } from 'node:crypto'
import { readFileSync, statSync } from 'node:fs'
import { mkdir, open, rename } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import type { Config } from './config.ts'
import { StartError } from './start-error.ts'
import { createSealer, keyId, type Sealer, type SealingKeys } from './store/index.ts'

type Place = Pick<Config, 'sealingKey' | 'sealingKeyFile' | 'dataFolder'>

const fileOf = ({ sealingKeyFile, dataFolder }: Place): string =>
  resolve(sealingKeyFile ?? join(resolve(dataFolder), 'keys'))

/**
 * What seals and opens secrets. It follows its file, so that keys are replaced while the server runs. Throws a
 * StartError when there is no key or it is malformed; a file that is spoilt later is not taken.
 */
export const loadSealer = (config: Place): Sealer => {
  let sealer = createSealer(readKeys(config))
  if (config.sealingKey !== undefined) return sealer
  const file = fileOf(config)
  const stamp = (): string => {
    const { mtimeMs, ino } = statSync(file, { throwIfNoEntry: false }) ?? {}
    return `${mtimeMs} ${ino}`
  }
  let seen = stamp()
  const latest = (): Sealer => {
    const now = stamp()
    if (now === seen) return sealer
    seen = now
    try {
      sealer = createSealer(readKeys(config))
    } catch (error) {
      if (!(error instanceof StartError)) throw error
    }
    return sealer
  }
  return {
    get current() {
      return latest().current
    },
    get ids() {
      return latest().ids
    },
    seal: (secret, place) => latest().seal(secret, place),
    open: (sealed, place) => latest().open(sealed, place),
    renew: (sealed) => latest().renew(sealed),
  }
}

/** The newest key first. Throws a StartError. */
const readKeys = (config: Place): SealingKeys => {
  if (config.sealingKey !== undefined) return parseKeys(config.sealingKey, 'LAMPLIGHT_KEY')
  const file = fileOf(config)
  return parseKeys(readText(file), file)
}

const readText = (file: string): string => {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    throw new StartError(`The file of keys ${file} cannot be read (${code}). Restore it from its copy.`)
  }
}

/** A key a line; `#` begins a remark. */
const parseKeys = (text: string, from: string): SealingKeys => {
  const lines = text.split(/[\n,]/).map((line) => line.replace(/#.*/, '').trim())
  const [first, ...others] = lines.filter((line) => line !== '').map((line) => parseKey(line, from))
  if (first === undefined) throw new StartError(`There is no key in ${from}.`)
  return [first, ...others]
}

const parseKey = (line: string, from: string): Buffer => {
  const key = Buffer.from(line, /^[0-9a-f]{64}$/i.test(line) ? 'hex' : 'base64')
  if (key.length === 32 && /^[\w+/=-]+$/.test(line)) return key
  throw new StartError(
    `A key in ${from} is not 32 bytes as base64 or hexadecimal. Make one with: openssl rand -base64 32`,
  )
}

const newLine = (): string => `${randomBytes(32).toString('base64')}\n`

/** A key for one purpose, which tells nothing of the server's; of the newest one, or of the one with this id. */
export const deriveKey = (
  config: Place,
  use: { readonly purpose: string; readonly salt: Buffer; readonly id?: string },
): { readonly id: string; readonly key: Buffer } => {
  const keys = readKeys(config)
  const own = use.id === undefined ? keys[0] : keys.find((key) => keyId(key) === use.id)
  if (own === undefined)
    throw new StartError(`This needs the key ${use.id}, which is not among the keys of this server.`)
  return { id: keyId(own), key: Buffer.from(hkdfSync('sha256', own, use.salt, use.purpose, 32)) }
}

/** Makes the file of keys unless there is one or the environment has the key. Gives whether it was made. */
export const ensureKeys = async (config: Place): Promise<boolean> => {
  if (config.sealingKey !== undefined) return false
  const file = fileOf(config)
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeWhole(file, newLine(), 'wx')
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw new StartError(
      `The file of keys ${file} cannot be made (${(error as NodeJS.ErrnoException).code}).`,
    )
  }
}

/** Puts a new key in front of the file's. Throws a StartError when the keys are in the environment. */
export const addKey = async (config: Place): Promise<void> => {
  if (config.sealingKey !== undefined)
    throw new StartError(
      'The keys come from LAMPLIGHT_KEY: put a new one in front there, with a comma behind it, and run this again with --renew.',
    )
  readKeys(config)
  await rewrite(config, (text) => newLine() + text)
}

/** Leaves only the newest key in the file. What others have sealed, backups too, opens no more with this file. */
export const dropOldKeys = async (config: Place): Promise<void> => {
  const [first] = readKeys(config)
  if (config.sealingKey === undefined) await rewrite(config, () => `${first.toString('base64')}\n`)
}

const rewrite = async (config: Place, change: (text: string) => string): Promise<void> => {
  const file = fileOf(config)
  const text = readText(file)
  await writeWhole(`${file}.new`, change(text), 'w')
  await rename(`${file}.new`, file)
}

/** Readable for its owner only, and on disk when this resolves. */
const writeWhole = async (file: string, text: string, flag: 'w' | 'wx'): Promise<void> => {
  const handle = await open(file, flag, 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
}
