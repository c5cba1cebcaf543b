/** Batches and transactions: http://hl7.org/fhir/R4/http.html#transaction */
import type { Ctx } from '../../access/ctx.ts'
import { faultOf } from '../../base/fault.ts'
import { newId } from '../../base/id.ts'
import { instant } from '../../base/instant.ts'
import { hasErrors, type Issue, issue } from '../../base/issue.ts'
import { invalid, Problem, unsupported } from '../../base/problem.ts'
import { type BundleEntry, type SplitBundle, splitBundle } from '../../fhir/json/bundle.ts'
import { audited, recordRefusal } from '../audited.ts'
import { bundleText, type EntryText, outcomeText } from '../bundle-text.ts'
import type { House } from '../house.ts'
import { performSingle, refuseKept } from '../keeper.ts'
import { located } from '../located.ts'
import { withDefinitions } from '../posted/with-definitions.ts'
import type { Reply } from '../reply.ts'
import type { Body, Request } from '../request.ts'
import { createAllowance } from './allowance.ts'
import { commitEntries } from './commit.ts'
import { type Entry, type EntryPreferences, readEntry } from './entry.ts'
import { recordEntries } from './on-record.ts'
import { forEachEntry, inBundle } from './place.ts'

/** An entry of nothing but a resource is not empty; that it lacks a request is said when it is read. */
const lonely: Pick<BundleEntry, 'shell' | 'shellMembers'> = { shell: { id: 'lonely' }, shellMembers: 1 }

/** The Bundle without the entries' resources must be a correct Bundle by itself. */
const checkShell = (house: House, { shell, shellMembers, entries }: SplitBundle, text: string): void => {
  if (shell.resourceType !== 'Bundle')
    throw invalid(
      'POST to the base takes a Bundle of type batch or transaction; POST a single resource to its type, such as /Patient.',
      'resourceType',
    )
  if (shell.type !== 'batch' && shell.type !== 'transaction')
    throw invalid(
      `A Bundle of type ${JSON.stringify(shell.type)} cannot be processed here; its type must be batch or transaction.`,
      'Bundle.type',
    )
  const shells = entries.map((entry) => (entry.shellMembers === 0 ? lonely : entry))
  const value = shells.length === 0 ? shell : { ...shell, entry: shells.map((entry) => entry.shell) }
  const own = shellMembers + (shells.length === 0 ? 0 : 1)
  const members = shells.reduce((sum, entry) => sum + entry.shellMembers, own)
  const issues = house.structure.check(value, members, text)
  if (hasErrors(issues)) throw new Problem(400, issues)
}

/** Methods in their order of processing; searches and reads come last. */
const order: readonly Request['interaction'][] = ['delete', 'create', 'update', 'patch']
const rank = ({ request }: Entry): number => {
  const at = order.indexOf(request.interaction)
  return at < 0 ? order.length : Math.min(at, 2)
}

/** In a response to many writes nobody wants every resource back unless it is asked for. */
const preferencesOf = (request: Request): EntryPreferences => ({
  return: request.return ?? 'minimal',
  ...(request.lenient === undefined ? {} : { lenient: request.lenient }),
})

const statusText: Record<number, string> = {
  200: '200 OK',
  201: '201 Created',
  204: '204 No Content',
  304: '304 Not Modified',
}

const replyEntry = (reply: Reply, { head }: Entry): EntryText => ({
  ...(reply.body && !head ? { resource: reply.body.join('') } : {}),
  response: {
    status: statusText[reply.status] ?? String(reply.status),
    location: reply.location,
    etag: reply.versionId === undefined ? undefined : `W/"${reply.versionId}"`,
    lastModified: reply.lastModified === undefined ? undefined : instant(reply.lastModified),
    outcome: reply.outcome ? outcomeText(reply.outcome) : undefined,
  },
})

const unexpected = (ctx: Ctx): Issue =>
  issue('exception', `The server failed unexpectedly; tell its operator the trace ${ctx.trace}.`)

/** An entry that was refused, told when all are known. */
type Refused = { readonly index: number; readonly status: number; readonly issues: readonly Issue[] }

const refusedEntry = (ctx: Ctx, index: number, error: unknown): Refused => {
  if (!(error instanceof Problem))
    ctx.log.error({ fault: faultOf(error) }, 'a batch entry failed unexpectedly')
  const said = inBundle(index, error)
  const { status, issues } = said instanceof Problem ? said : { status: 500, issues: [unexpected(ctx)] }
  return { index, status, issues }
}

/** The body is looked through once for all of them. */
const refusedTexts = (refused: readonly Refused[], body: Body): readonly EntryText[] => {
  const issues = located(
    refused.flatMap((one) => one.issues),
    { body, type: 'Bundle' },
  )
  let from = 0
  return refused.map(({ status, issues: { length } }) => {
    const own = issues.slice(from, from + length)
    from += length
    return { response: { status: String(status), outcome: outcomeText(own) } }
  })
}

/** Entries of a batch that run at the same time. */
const abreast = 8

const performEntry = async (house: House, ctx: Ctx, entry: Entry): Promise<Reply> => {
  const request = entry.resource
    ? { ...entry.request, body: { text: entry.resource.parse().text } }
    : entry.request
  return audited(house, ctx, request, () => performSingle(house, ctx, request))
}

const runBatch = async (
  house: House,
  ctx: Ctx,
  entries: readonly BundleEntry[],
  preferences: EntryPreferences,
  body: Body,
): Promise<EntryText[]> => {
  const results: EntryText[] = new Array(entries.length)
  const refused: Refused[] = []
  const readable: Entry[] = []
  const unreadable: Promise<void>[] = []
  entries.forEach((entry, index) => {
    try {
      readable.push(readEntry(entry, index, ctx.base, preferences))
    } catch (error) {
      unreadable.push(recordRefusal(house, ctx, { interaction: 'batch', query: [] }, error))
      refused.push(refusedEntry(ctx, index, error))
    }
  })
  await Promise.all(unreadable)
  const allow = createAllowance()
  for (let group = 0; group <= order.length; group++) {
    const looks = group === order.length
    const queue = readable.filter((entry) => rank(entry) === group).values()
    const worker = async (): Promise<void> => {
      for (const entry of queue) {
        try {
          const perform = () => performEntry(house, ctx, entry)
          results[entry.index] = replyEntry(await (looks ? allow(perform) : perform()), entry)
        } catch (error) {
          refused.push(refusedEntry(ctx, entry.index, error))
        }
      }
    }
    await Promise.all(Array.from({ length: abreast }, worker))
  }
  const texts = refusedTexts(refused, body).values()
  for (const { index } of refused) results[index] = texts.next().value!
  return results
}

const runTransaction = async (
  house: House,
  ctx: Ctx,
  entries: readonly BundleEntry[],
  preferences: EntryPreferences,
): Promise<EntryText[]> => {
  const read: Entry[] = []
  await forEachEntry(
    entries.map((entry, index) => ({ entry, index })),
    inBundle,
    ({ entry, index }) => {
      const one = readEntry(entry, index, ctx.base, preferences)
      refuseKept(house, one.request)
      read.push(one)
    },
  )
  const requests = read.map(({ request }) => request)
  const replies = await withDefinitions(house, ctx, requests, (inside) =>
    commitEntries(inside, ctx, read, inBundle),
  )
  await recordEntries(
    house,
    ctx,
    replies.map((reply, n) => ({ request: withBody(read[n]!), reply })),
  )
  return replies.map((reply, n) => replyEntry(reply, read[n]!))
}

/** Whom a resource is about is read from it when it is not in the answer. */
const withBody = ({ request, resource }: Entry): Request =>
  resource ? { ...request, body: { text: resource.text } } : request

/** Performs the Bundle in the request's body. Its entries are recorded, and a refusal of the whole. */
export const performBundle = async (house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  house.recording?.ready()
  try {
    return await performEntries(house, ctx, request)
  } catch (error) {
    await recordRefusal(house, ctx, request, error)
    throw error
  }
}

const performEntries = async (house: House, ctx: Ctx, request: Request): Promise<Reply> => {
  if (request.provenance !== undefined)
    throw unsupported(
      'X-Provenance is about one resource; send the Provenance as an entry of the Bundle.',
      'http.X-Provenance',
    )
  if (!request.body) throw invalid('The body is empty; send a Bundle of type batch or transaction.')
  const { maxDepth, maxEntries } = house.options
  const split = splitBundle(request.body.text, { depth: maxDepth, entries: maxEntries })
  checkShell(house, split, request.body.text)
  const preferences = preferencesOf(request)
  const isBatch = split.shell.type === 'batch'
  const entries = isBatch
    ? await runBatch(house, ctx, split.entries, preferences, request.body)
    : await runTransaction(house, ctx, split.entries, preferences)
  const head = {
    type: isBatch ? 'batch-response' : 'transaction-response',
    id: newId(ctx.at),
    lastUpdated: instant(ctx.at),
  } as const
  return { status: 200, resourceType: 'Bundle', body: bundleText(head, entries) }
}
