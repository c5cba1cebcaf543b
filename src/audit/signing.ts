/** Signs what stands for removed events: an HMAC (RFC 2104) with a key that the database does not have. */
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

export type Signing = {
  sign(text: string): string
  isRight(text: string, signature: string): boolean
}

/** The key is made when there is none in the folder yet. */
export const openSigning = async (folder: string): Promise<Signing> => {
  const path = join(folder, 'audit', 'key')
  await mkdir(join(folder, 'audit'), { recursive: true, mode: 0o700 })
  await writeFile(path, randomBytes(32).toString('hex'), { flag: 'wx', mode: 0o600 }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    },
  )
  const key = Buffer.from((await readFile(path, 'utf8')).trim(), 'hex')
  if (key.length !== 32) throw new Error(`${path} must hold 64 hexadecimal digits; restore it from a backup.`)
  const sign = (text: string): string => createHmac('sha256', key).update(text).digest('hex')
  return {
    sign,
    isRight: (text, signature) => {
      const [right, given] = [Buffer.from(sign(text)), Buffer.from(signature)]
      return right.length === given.length && timingSafeEqual(right, given)
    },
  }
}
