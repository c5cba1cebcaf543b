/** Makes several interactions happen together or not at all: http://hl7.org/fhir/R4/http.html#transaction */
import type { Ctx } from '../../access/ctx.ts'
import { keyText, type StoreTransaction } from '../../store/index.ts'
import { isRestricted, masking } from '../guard/guarded.ts'
import { masker } from '../guard/mask.ts'
import { checkWithin, reachable, readable } from '../guard/written.ts'
import type { House } from '../house.ts'
import { runPipeline } from '../pipeline.ts'
import type { Reply } from '../reply.ts'
import { tellingPatients, writtenReply } from '../written.ts'
import { createAllowance } from './allowance.ts'
import { checkReferences, checkReferrers } from './check-references.ts'
import { deletions } from './deletions.ts'
import type { Entry } from './entry.ts'
import { conditionalReferences } from './links.ts'
import { parseEntries } from './parse-entries.ts'
import { forEachEntry, type Place } from './place.ts'
import { type PreparedEntry, prepareEntries } from './prepare-entries.ts'
import { deletedReply, keptReply } from './replies.ts'
import { isWriting, type ParsedEntry, refuseOverlap, settle } from './settle.ts'
import { type MadeVersion, versionOf } from './versions.ts'

/** Entries that only look see what the transaction wrote. */
const readEntries = async (
  house: House,
  ctx: Ctx,
  tx: StoreTransaction,
  entries: readonly ParsedEntry[],
  place: Place,
  replies: Map<number, Reply>,
): Promise<void> => {
  const { current, pick, having, version, history, contents, select } = isRestricted(ctx)
    ? masking(house, ctx, tx)
    : tx
  const allow = createAllowance()
  const reading = { current, pick, having, version, history, contents, select }
  const inside: House = { ...house, store: { ...house.store, ...reading } }
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
  // Without conditions and deletions nothing in the database decides what is written: prepare before it is asked, once.
  // Else all is done again, from what was parsed, when the database asks for it.
  const early = locks.length === 0 && !deletes ? await settleAll(house.store) : undefined
  return house.store.transact(async (tx) => {
    await tx.lockConditions(ctx.tenant, locks)
    const gone = await deletions(house, ctx, tx, parsed, place)
    const settled = early ?? (await settleAll(tx))
    refuseOverlap([...gone.settled, ...settled], place)
    const changing = settled.filter(({ act }) => act === 'update' || act === 'patch')
    const keys = changing.map(({ key }) => key)
    const priors = await reachable(house, ctx, tx, changing, await tx.lock(ctx.tenant, keys))
    const done: MadeVersion[] = []
    const writing = settled.filter(({ act }) => act !== 'keep')
    await forEachEntry(writing, place, (entry) => {
      const made = versionOf(house, ctx, tx, entry, priors.get(keyText(entry.key)))
      if (made instanceof Promise) return made.then((one) => void done.push(one))
      done.push(made)
    })
    await checkReferences(house, ctx, tx, done, place)
    const written = done.map((item) => item.written)
    await tx.write(
      ctx.tenant,
      written.map(({ write }) => write),
    )
    await checkWithin(house, ctx, tx, written, place)
    const mayReturn = await readable(house, ctx, tx, written)
    await checkReferrers(house, ctx, tx, gone.written, place)
    const replies = new Map<number, Reply>()
    const mask = masker(house, ctx)
    for (const one of written) {
      const { entry, write, created, findings } = one
      const request = mayReturn.has(one) ? entry.request : { ...entry.request, return: 'minimal' as const }
      const text = (): string => mask(write.type, write.content ?? '')
      const reply = writtenReply(request, created ? 201 : 200, write, text, findings)
      replies.set(
        entry.index,
        tellingPatients(reply, () => write.content ?? '', ctx.base),
      )
    }
    const made = new Map(written.map(({ write }) => [keyText(write), write]))
    for (const entry of settled) if (entry.act === 'keep') replies.set(entry.index, keptReply(entry, made))
    const removed = new Map(gone.written.map((item) => [item.entry.index, item]))
    for (const { index, request } of parsed)
      if (request.interaction === 'delete') replies.set(index, deletedReply(removed.get(index)))
    await readEntries(house, ctx, tx, parsed, place, replies)
    return entries.map(({ index }) => replies.get(index)!)
  })
}
