/** Checks the chain of one tenant and names the first link that is broken. Decision 0024. */
import { createHash } from 'node:crypto'
import { type AuditEntry, type AuditLog, auditKey } from '../store/index.ts'
import { readAnchors } from './anchors.ts'
import type { AuditedEvent } from './event.ts'
import { rowOf } from './row.ts'
import type { Signing } from './signing.ts'

/** `broken` says what is wrong with which link, in a sentence; absent when the chain holds. */
export type Verdict = { readonly checked: number; readonly head: string; readonly broken?: string }

/** The text that a checkpoint's signature is over. */
export const checkpointText = (tenant: number, sequence: string, hash: string): string =>
  `checkpoint ${tenant} ${sequence} ${hash}`

const batch = 1000

/** Link `sequence` after the one with the hash `previous`, both in hexadecimal digits. */
const linkHash = (previous: string, sequence: bigint, content: string): string => {
  const number = Buffer.alloc(8)
  number.writeBigInt64BE(sequence)
  return createHash('sha256')
    .update(Buffer.from(previous, 'hex'))
    .update(number)
    .update(content)
    .digest('hex')
}

const sameKeys = (tenant: number, keys: readonly string[], stored: readonly string[]): boolean =>
  keys.length === stored.length && keys.every((key, n) => auditKey(tenant, key) === stored[n])

/** Whether the columns that searches use still say what the content says. */
const columnsHold = (tenant: number, entry: AuditEntry): boolean => {
  const row = rowOf(JSON.parse(entry.content) as AuditedEvent, entry.content)
  return (
    row.id === entry.id &&
    row.at === entry.at &&
    row.type === entry.type &&
    row.subtype === entry.subtype &&
    row.action === entry.action &&
    row.outcome === entry.outcome &&
    (row.address ?? null) === entry.address &&
    sameKeys(tenant, row.keys, entry.keys)
  )
}

/** What is wrong with a link whose place in the chain is `sequence`; undefined for nothing. */
const faultOf = (
  tenant: number,
  entry: AuditEntry,
  previous: string,
  sequence: bigint,
): string | undefined => {
  if (BigInt(entry.sequence) !== sequence)
    return `Event ${sequence} is missing; the next one that is there is ${entry.sequence}.`
  if (entry.hash !== linkHash(previous, sequence, entry.content))
    return `Event ${sequence} (${entry.id}) does not fit its hash: it, or the event before it, was changed.`
  return columnsHold(tenant, entry)
    ? undefined
    : `Event ${sequence} (${entry.id}) is found by other values than its content has: its columns were changed.`
}

type Deps = { readonly audit: AuditLog; readonly signing: Signing; readonly folder: string }

export const verify = async ({ audit, signing, folder }: Deps, tenant: number): Promise<Verdict> => {
  // Anchors and head first: the chain grows meanwhile, and what is added is checked too.
  const { anchors, wrong } = await readAnchors(folder, tenant, signing)
  const head = await audit.head(tenant)
  const start = (await audit.checkpoints(tenant)).at(-1)
  let sequence = BigInt(start?.sequence ?? 0)
  let hash = start?.hash ?? (await audit.genesis(tenant))
  let checked = 0
  const verdict = (broken?: string): Verdict => ({ checked, head: hash, ...(broken ? { broken } : {}) })
  if (wrong > 0) return verdict(`${wrong} lines of anchors.ndjson do not carry this server's signature.`)
  if (start && !signing.isRight(checkpointText(tenant, start.sequence, start.hash), start.signature))
    return verdict(`The checkpoint at event ${start.sequence} does not carry this server's signature.`)
  const stood = new Map(anchors.map((a) => [a.sequence, a]))
  for (;;) {
    const links = await audit.links(tenant, String(sequence), batch)
    for (const entry of links) {
      const broken = faultOf(tenant, entry, hash, sequence + 1n)
      if (broken) return verdict(broken)
      const known = stood.get(entry.sequence)
      if (known && known.hash !== entry.hash)
        return verdict(`Event ${entry.sequence} is not what it was at ${known.at}: the chain was made anew.`)
      sequence += 1n
      hash = entry.hash
      checked++
    }
    if (links.length < batch) break
  }
  if (head && BigInt(head.sequence) > sequence)
    return verdict(`Event ${sequence + 1n} is missing; the chain had ${head.sequence}.`)
  const last = anchors.find((a) => BigInt(a.sequence) > sequence)
  if (last)
    return verdict(`Events up to ${last.sequence} were there at ${last.at}; the last one is ${sequence}.`)
  if (head?.sequence === String(sequence) && head.hash !== hash)
    return verdict(`The head of the chain is not the hash of event ${sequence}.`)
  return verdict()
}
