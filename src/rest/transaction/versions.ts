/** What an entry makes of what was there before it: http://hl7.org/fhir/R4/http.html#versioning */
import type { Ctx } from '../../access/ctx.ts'
import { instant } from '../../base/instant.ts'
import type { Issue } from '../../base/issue.ts'
import { conflict, methodNotAllowed, preconditionFailed } from '../../base/problem.ts'
import { seal, stamp } from '../../fhir/json/stamp.ts'
import { keyText, type Prior, type StoreTransaction, type VersionWrite } from '../../store/index.ts'
import { mayCreateByUpdate } from '../guard/written.ts'
import type { House } from '../house.ts'
import { patched } from '../interactions/patch.ts'
import { presentVersion } from '../interactions/read.ts'
import { ifMatchVersion, onlyIfAbsent, versionMismatch } from '../preconditions.ts'
import type { Prepared } from '../prepare.ts'
import type { PreparedEntry, Ready } from './prepare-entries.ts'
import type { SettledEntry } from './settle.ts'

/** A version that an entry makes. */
export type Written = {
  readonly entry: SettledEntry
  readonly write: VersionWrite
  readonly created: boolean
  readonly findings: readonly Issue[]
}

/** Later than the one before, whatever the clock says. */
export const nextVersion = (
  ctx: Ctx,
  prior: Prior | undefined,
): { version: number; lastUpdated: number } => ({
  version: (prior?.version ?? 0) + 1,
  lastUpdated: Math.max(ctx.at, (prior?.lastUpdated ?? 0) + 1),
})

/** The number of what is there; undefined for nothing. Throws 412 when the entry's If-Match names another. */
export const currentVersion = (
  { request, key }: SettledEntry,
  prior: Prior | undefined,
): number | undefined => {
  const over = ifMatchVersion(request.ifMatch)
  const current = prior?.exists ? prior.version : undefined
  if (over !== undefined && over !== current) throw versionMismatch(key.type, key.id, current)
  return current
}

/** The rules of an update about what is there before it. */
const checkUpdate = (house: House, ctx: Ctx, entry: SettledEntry, prior: Prior | undefined): void => {
  const { request, key, json, found } = entry
  const current = currentVersion(entry, prior)
  if (request.interaction === 'update' && onlyIfAbsent(request.ifNoneMatch) && current !== undefined)
    throw preconditionFailed(
      `${keyText(key)} exists already; leave ifNoneMatch out to replace it.`,
      'http.If-None-Match',
    )
  const named = request.id ?? json?.value.id
  if (request.id === undefined && found === undefined && current !== undefined)
    throw conflict(
      `The condition selects nothing, but ${keyText(key)} exists already; leave the id out, or update ${keyText(key)} itself.`,
      `${key.type}.id`,
    )
  if (current === undefined && named !== undefined && !mayCreateByUpdate(house, ctx, key.type))
    throw methodNotAllowed(
      `${keyText(key)} does not exist, and this server does not create with an update; use POST.`,
    )
}

const writeOf = (
  entry: SettledEntry,
  { prepared, stamped }: Ready,
  version: number,
  lastUpdated: number,
): VersionWrite => ({
  type: entry.key.type,
  id: entry.key.id,
  version,
  lastUpdated,
  method: entry.act === 'create' ? 'POST' : entry.act === 'update' ? 'PUT' : 'PATCH',
  content: seal(stamped, version, instant(lastUpdated)),
  tokens: prepared.tokens,
  rows: prepared.rows,
})

/** A version with what it was made of. */
export type MadeVersion = { readonly written: Written; readonly prepared: Prepared }

const made = (ctx: Ctx, entry: PreparedEntry, prior: Prior | undefined, ready: Ready): MadeVersion => {
  const { prepared, findings } = ready
  const { version, lastUpdated } = nextVersion(ctx, prior)
  const write = writeOf(entry, ready, version, lastUpdated)
  return { written: { entry, write, created: prior?.exists !== true, findings }, prepared }
}

const patchedVersion = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entry: PreparedEntry,
  prior: Prior | undefined,
): Promise<MadeVersion> => {
  const { type, id } = entry.key
  const current = presentVersion(await tx.current(ctx.tenant, entry.key), type, id)
  checkUpdate(house, ctx, entry, prior)
  const { prepared, findings } = await patched(
    house,
    ctx,
    { type, id, content: current.content },
    entry.request.body,
  )
  const stamped = stamp(prepared.json.text, id, prepared.json.value)
  return made(ctx, entry, prior, { prepared, stamped, findings })
}

/** One entry that creates, updates or patches, as the version that it makes; only a patch must wait for what is there. */
export const versionOf = (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entry: PreparedEntry,
  prior: Prior | undefined,
): MadeVersion | Promise<MadeVersion> => {
  if (entry.act === 'patch') return patchedVersion(house, ctx, tx, entry, prior)
  if (entry.act === 'update') checkUpdate(house, ctx, entry, prior)
  return made(ctx, entry, prior, entry.ready!)
}
