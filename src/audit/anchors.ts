/** Where the chains stood, kept outside of the database: who rewrites a whole chain contradicts them. */
import { appendFile, mkdir, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Log } from '../base/log.ts'
import type { AuditLog } from '../store/index.ts'
import { openSigning, type Signing } from './signing.ts'

export type Anchor = {
  readonly tenant: number
  readonly sequence: string
  /** Hexadecimal digits. */
  readonly hash: string
  readonly at: string
  readonly signature: string
}

const pathIn = (folder: string): string => join(folder, 'audit', 'anchors.ndjson')

const textOf = ({ tenant, sequence, hash, at }: Omit<Anchor, 'signature'>): string =>
  `anchor ${tenant} ${sequence} ${hash} ${at}`

/** Writes the head of every chain into the file and into the log, which operators ship elsewhere. `at` in ms. */
export const anchor = async (
  audit: AuditLog,
  signing: Signing,
  { folder, log, at }: { readonly folder: string; readonly log: Log; readonly at: number },
): Promise<void> => {
  await mkdir(join(folder, 'audit'), { recursive: true, mode: 0o700 })
  for (const tenant of await audit.tenants()) {
    const head = await audit.head(tenant)
    if (!head) continue
    const stood = { tenant, ...head, at: new Date(at).toISOString() }
    const signed: Anchor = { ...stood, signature: signing.sign(textOf(stood)) }
    await appendFile(pathIn(folder), `${JSON.stringify(signed)}\n`, { mode: 0o600, flush: true })
    log.info(signed, 'audit anchor')
  }
}

/** Of one tenant, with correct signatures; `wrong` is the number of lines that are not what this server wrote. */
export const readAnchors = async (
  folder: string,
  tenant: number,
  signing: Signing,
): Promise<{ readonly anchors: readonly Anchor[]; readonly wrong: number }> => {
  const text = await readFile(pathIn(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  const lines = text.split('\n').filter((line) => line !== '')
  const read = lines.map((line) => parse(line))
  const right = read.filter((a): a is Anchor => a !== undefined && signing.isRight(textOf(a), a.signature))
  return { anchors: right.filter((a) => a.tenant === tenant), wrong: lines.length - right.length }
}

/**
 * After a restore: when the file tells of events that came after the backup, it gets another name, which is given back,
 * and a new one begins. Else every check to come would find the chain broken, and no other fault would be seen.
 */
export const beginAnew = async (
  audit: AuditLog,
  { folder, log, at }: { readonly folder: string; readonly log: Log; readonly at: number },
): Promise<string | undefined> => {
  if ((await lastAnchored(folder)) === 0) return undefined
  const signing = await openSigning(folder)
  let isAhead = false
  for (const tenant of await audit.tenants()) {
    const { anchors } = await readAnchors(folder, tenant, signing)
    const head = BigInt((await audit.head(tenant))?.sequence ?? 0)
    if (anchors.some(({ sequence }) => BigInt(sequence) > head)) isAhead = true
  }
  if (!isAhead) return undefined
  const kept = `anchors-until-${new Date(at).toISOString().replaceAll(':', '-')}.ndjson`
  await rename(pathIn(folder), join(folder, 'audit', kept))
  await anchor(audit, signing, { folder, log, at })
  return kept
}

const parse = (line: string): Anchor | undefined => {
  try {
    const { tenant, sequence, hash, at, signature } = JSON.parse(line) as Anchor
    return {
      tenant,
      sequence: String(sequence),
      hash: String(hash),
      at: String(at),
      signature: String(signature),
    }
  } catch {
    return undefined
  }
}

/** When the file was last written to, in ms since 1970; 0 when there is none. */
export const lastAnchored = async (folder: string): Promise<number> => {
  const found = await stat(pathIn(folder)).catch(() => undefined)
  return found?.mtimeMs ?? 0
}
