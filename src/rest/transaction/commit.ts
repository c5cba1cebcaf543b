/** Makes several interactions happen together or not at all: http://hl7.org/fhir/R4/http.html#transaction */
import type { Ctx } from '../../access/ctx.ts'
import { conflict, methodNotAllowed, Problem, preconditionFailed } from '../../base/problem.ts'
import { readJson } from '../../fhir/json/read.ts'
import { seal, stamp } from '../../fhir/json/stamp.ts'
import { rewriteLinks } from '../../fhir/links.ts'
import { typeName } from '../../fhir/resource-types.ts'
import { hashToken } from '../../search/index.ts'
import {
  keyText,
  type Prior,
  type ResourceKey,
  type StoreTransaction,
  type VersionWrite,
} from '../../store/index.ts'
import type { House } from '../house.ts'
import { instant } from '../instant.ts'
import { patched } from '../interactions/patch.ts'
import { presentVersion } from '../interactions/read.ts'
import { refuseChange } from '../perform-operation.ts'
import { checkTarget, runPipeline } from '../pipeline.ts'
import { ifMatchVersion, onlyIfAbsent, versionMismatch } from '../preconditions.ts'
import { checkStructure, missingIssues, type Prepared, prepare } from '../prepare.ts'
import type { Reply } from '../reply.ts'
import { checkBodyId } from '../steps/identify.ts'
import { checkConditions } from '../steps/known-conditions.ts'
import { checkQuery } from '../steps/known-query.ts'
import { writtenReply } from '../written.ts'
import { createAllowance } from './allowance.ts'
import { createBreath } from './breathe.ts'
import type { Entry } from './entry.ts'
import { conditionalReferences, linkMap, targetOf } from './links.ts'
import { forEachEntry, type Place } from './place.ts'
import {
  countUpdates,
  entryCondition,
  isWriting,
  type ParsedEntry,
  refuseOverlap,
  type SettledEntry,
  settle,
  settleDelete,
} from './settle.ts'

type PreparedEntry = SettledEntry & { readonly prepared?: Prepared }
type Written = { readonly entry: SettledEntry; readonly write: VersionWrite; readonly created: boolean }

/** What the pipeline checks first for a request that comes alone; a condition's query is read where it is understood. */
const checkAsked = (house: House, entry: Entry): void => {
  const { request } = entry
  checkTarget(request)
  if (request.interaction === 'operation') refuseChange(house, request)
  if (!isWriting(entry)) return
  if (request.id !== undefined || request.interaction === 'create') checkQuery(request)
  checkConditions(request)
}

/** Parses and checks every resource and understands every condition, before the database is asked anything. */
const parseEntries = async (
  house: House,
  ctx: Ctx,
  entries: readonly Entry[],
  place: Place,
): Promise<ParsedEntry[]> => {
  const parsed: ParsedEntry[] = []
  const updates = countUpdates(entries)
  const breathe = createBreath()
  await forEachEntry(entries, place, async (entry) => {
    await breathe()
    checkAsked(house, entry)
    const json = entry.resource?.parse()
    if (json) checkStructure(house, json, entry.request.type ?? '')
    const condition = isWriting(entry) ? entryCondition(house, ctx, entry, updates) : undefined
    parsed.push({ ...entry, ...(json ? { json } : {}), ...(condition ? { condition } : {}) })
  })
  return parsed
}

/** Puts the final links into each resource and makes its index rows. */
const prepareEntries = async (
  house: House,
  ctx: Ctx,
  settled: readonly SettledEntry[],
  conditional: ReadonlyMap<string, string>,
  place: Place,
): Promise<PreparedEntry[]> => {
  const map = linkMap(settled, place)
  const prepared: PreparedEntry[] = []
  const breathe = createBreath()
  await forEachEntry(settled, place, async (entry) => {
    await breathe()
    const { json, act, fullUrl, key } = entry
    if (!json || act === 'keep') {
      prepared.push(entry)
      return
    }
    const text = rewriteLinks(house.definitions, json.text, json.value, targetOf(map, conditional, fullUrl))
    const final = text === json.text ? json : readJson(text, { depth: house.options.maxDepth })
    prepared.push({ ...entry, prepared: prepare(house, ctx, final, key.type) })
  })
  return prepared
}

const nextVersion = (ctx: Ctx, prior: Prior | undefined): { version: number; lastUpdated: number } => ({
  version: (prior?.version ?? 0) + 1,
  lastUpdated: Math.max(ctx.at, (prior?.lastUpdated ?? 0) + 1),
})

/** The number of what is there; undefined for nothing. Throws 412 when the entry's If-Match names another. */
const currentVersion = ({ request, key }: SettledEntry, prior: Prior | undefined): number | undefined => {
  const over = ifMatchVersion(request.ifMatch)
  const current = prior?.exists ? prior.version : undefined
  if (over !== undefined && over !== current) throw versionMismatch(key.type, key.id, current)
  return current
}

/** The rules of an update about what is there before it. */
const checkUpdate = (house: House, entry: SettledEntry, prior: Prior | undefined): void => {
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
  if (current === undefined && named !== undefined && !house.options.updateAsCreate)
    throw methodNotAllowed(
      `${keyText(key)} does not exist, and this server does not create with an update; use POST.`,
    )
}

const writeOf = (
  entry: SettledEntry,
  prepared: Prepared,
  version: number,
  lastUpdated: number,
): VersionWrite => ({
  type: entry.key.type,
  id: entry.key.id,
  version,
  lastUpdated,
  method: entry.act === 'create' ? 'POST' : entry.act === 'update' ? 'PUT' : 'PATCH',
  content: seal(stamp(prepared.json.text, entry.key.id), version, instant(lastUpdated)),
  tokens: prepared.tokens,
  rows: prepared.rows,
})

/** One entry that creates, updates or patches, as the version that it makes. */
const versionOf = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entry: PreparedEntry,
  prior: Prior | undefined,
): Promise<{ readonly written: Written; readonly prepared: Prepared }> => {
  if (entry.act === 'update') {
    if (entry.request.id !== undefined) checkBodyId(entry.json?.value.id, entry.key.type, entry.key.id)
    checkUpdate(house, entry, prior)
  }
  let prepared = entry.prepared
  if (entry.act === 'patch') {
    const { type, id } = entry.key
    const current = presentVersion(await tx.current(ctx.tenant, entry.key), type, id)
    checkUpdate(house, entry, prior)
    prepared = await patched(house, ctx, { type, id, content: current.content }, entry.request.body)
  }
  const { version, lastUpdated } = nextVersion(ctx, prior)
  const write = writeOf(entry, prepared!, version, lastUpdated)
  return { written: { entry, write, created: prior?.exists !== true }, prepared: prepared! }
}

const deletions = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entries: readonly ParsedEntry[],
  place: Place,
): Promise<{ settled: SettledEntry[]; written: Written[] }> => {
  const settled: SettledEntry[] = []
  const written: Written[] = []
  const doomed = entries.filter(({ request }) => request.interaction === 'delete')
  if (doomed.length === 0) return { settled, written }
  await forEachEntry(doomed, place, async (entry) => {
    const target = await settleDelete(house, ctx, tx, entry)
    if (target) settled.push(target)
  })
  refuseOverlap(settled, place)
  const priors = await tx.lock(
    ctx.tenant,
    settled.map(({ key }) => key),
  )
  await forEachEntry(settled, place, (entry) => {
    const { key } = entry
    const prior = priors.get(keyText(key))
    if (currentVersion(entry, prior) === undefined) return
    const write = { ...key, ...nextVersion(ctx, prior), method: 'DELETE', content: null, tokens: [] } as const
    written.push({ entry, write, created: false })
  })
  await tx.write(
    ctx.tenant,
    written.map(({ write }) => write),
  )
  return { settled, written }
}

/** References of what is written must point at something: on this server already, or written along with it. */
const checkReferences = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  done: readonly { readonly written: Written; readonly prepared: Prepared }[],
  place: Place,
): Promise<void> => {
  if (house.store.references === 'off') return
  const own = new Set(done.map(({ written }) => keyText(written.write)))
  const wanted = new Map<string, ResourceKey>()
  for (const { prepared } of done)
    for (const key of prepared.references) if (!own.has(keyText(key))) wanted.set(keyText(key), key)
  const missing = await tx.missingReferences(ctx.tenant, [...wanted.values()])
  if (missing.length === 0) return
  const lost = new Set(missing.map(keyText))
  const guilty = done
    .map(({ written, prepared }) => ({
      index: written.entry.index,
      prepared,
      missing: prepared.references.filter((key) => lost.has(keyText(key))),
    }))
    .filter((entry) => entry.missing.length > 0)
  await forEachEntry(guilty, place, (entry) => {
    throw new Problem(422, missingIssues(house, ctx, entry.prepared, entry.missing))
  })
}

/** 'enforced': what is deleted must not be referred to by anything that stays. */
const checkReferrers = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  deleted: readonly Written[],
  place: Place,
): Promise<void> => {
  if (house.store.references !== 'enforced') return
  await forEachEntry(
    deleted.map((written) => ({ ...written, index: written.entry.index })),
    place,
    async ({ entry: { key } }) => {
      const tokens = house.referrerTokens(key).map((token) => hashToken(ctx.tenant, token))
      const found = (await tx.referrers(ctx.tenant, tokens)).filter(
        ({ type, id }) => !(typeName(type) === key.type && id === key.id),
      )
      if (found.length === 0) return
      const names = found.slice(0, 5).map(({ type, id }) => `${typeName(type)}/${id}`)
      throw conflict(
        `${keyText(key)} cannot be deleted, as ${names.join(', ')}${found.length > 5 ? ' and more' : ''} refer to it; change or delete those first.`,
      )
    },
  )
}

const keptReply = (entry: SettledEntry, made: ReadonlyMap<string, VersionWrite>): Reply => {
  const { key, found, request } = entry
  const row = found?.row
  if (row) {
    const version = { ...key, version: row.version, lastUpdated: row.last_updated }
    return writtenReply(request, 200, version, () => row.content)
  }
  const own = made.get(keyText(key))!
  return writtenReply(request, 200, own, () => own.content ?? '')
}

const deletedReply = (written: Written | undefined): Reply =>
  written
    ? { status: 204, versionId: String(written.write.version), lastModified: written.write.lastUpdated }
    : { status: 204 }

/** Entries that only look see what the transaction wrote. */
const readEntries = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entries: readonly ParsedEntry[],
  place: Place,
  replies: Map<number, Reply>,
): Promise<void> => {
  const { current, version, history, select } = tx
  const allow = createAllowance()
  const inside: House = { ...house, store: { ...house.store, current, version, history, select } }
  await forEachEntry(
    entries.filter((entry) => !isWriting(entry)),
    place,
    async ({ index, request }) => {
      replies.set(index, await allow(() => runPipeline(inside, ctx, request)))
    },
  )
}

/** Conditions of creates and updates are locked, so that equal ones wait for each other: one makes, the others find. */
const locksOf = (entries: readonly ParsedEntry[]): string[] =>
  entries.flatMap(({ condition }) => condition?.locks ?? [])

/** Performs all entries in the order DELETE, POST, PUT/PATCH, GET; the replies are in the order of the entries. */
export const commitEntries = async (
  house: House,
  ctx: Ctx,
  entries: readonly Entry[],
  place: Place,
): Promise<Reply[]> => {
  const parsed = await parseEntries(house, ctx, entries, place)
  const locks = locksOf(parsed)
  const deletes = parsed.some(({ request }) => request.interaction === 'delete')
  const settleAll = async (reader: Parameters<typeof settle>[2]): Promise<PreparedEntry[]> => {
    const settled = await settle(house, ctx, reader, parsed, place)
    refuseOverlap(settled, place)
    const conditional = await conditionalReferences(house, ctx, reader, settled, place)
    return prepareEntries(house, ctx, settled, conditional, place)
  }
  // Without conditions and deletions nothing in the database decides what is written: prepare before it is asked.
  const early = locks.length === 0 && !deletes ? await settleAll(house.store) : undefined
  return house.store.transact(async (tx) => {
    await tx.lockConditions(ctx.tenant, locks)
    const gone = await deletions(house, ctx, tx, parsed, place)
    const settled = early ?? (await settleAll(tx))
    refuseOverlap([...gone.settled, ...settled], place)
    const changing = settled.filter(({ act }) => act === 'update' || act === 'patch')
    const priors = await tx.lock(
      ctx.tenant,
      changing.map(({ key }) => key),
    )
    const done: { readonly written: Written; readonly prepared: Prepared }[] = []
    const writing = settled.filter(({ act }) => act !== 'keep')
    await forEachEntry(writing, place, async (entry) => {
      done.push(await versionOf(house, ctx, tx, entry, priors.get(keyText(entry.key))))
    })
    await checkReferences(house, ctx, tx, done, place)
    const written = done.map((item) => item.written)
    await tx.write(
      ctx.tenant,
      written.map(({ write }) => write),
    )
    await checkReferrers(house, ctx, tx, gone.written, place)
    const replies = new Map<number, Reply>()
    for (const { entry, write, created } of written)
      replies.set(
        entry.index,
        writtenReply(entry.request, created ? 201 : 200, write, () => write.content ?? ''),
      )
    const made = new Map(written.map(({ write }) => [keyText(write), write]))
    for (const entry of settled) if (entry.act === 'keep') replies.set(entry.index, keptReply(entry, made))
    const removed = new Map(gone.written.map((item) => [item.entry.index, item]))
    for (const { index, request } of parsed)
      if (request.interaction === 'delete') replies.set(index, deletedReply(removed.get(index)))
    await readEntries(house, ctx, tx, parsed, place, replies)
    return entries.map(({ index }) => replies.get(index)!)
  })
}
