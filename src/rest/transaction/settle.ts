/** Finds the target of every writing entry: new, named by the URL, or selected by a condition. */
import type { Ctx } from '../../access/ctx.ts'
import { newId } from '../../base/id.ts'
import { issue } from '../../base/issue.ts'
import { invalid, multipleMatches, notFound, Problem } from '../../base/problem.ts'
import type { JsonText } from '../../fhir/json/read.ts'
import type { Condition } from '../../search/index.ts'
import { keyText, type Reader, type ResourceKey } from '../../store/index.ts'
import type { House } from '../house.ts'
import { ifNoneExistQuery } from '../preconditions.ts'
import type { Request } from '../request.ts'
import { createBreath } from './breathe.ts'
import { lookUp, lookUpAll, type Match, matchesOf, readCondition } from './conditions.ts'
import type { Entry } from './entry.ts'
import { createPendingSet, type Pending, pendingOf } from './pending.ts'
import { forEachEntry, type Place } from './place.ts'

/** An entry whose condition is understood; `json` is its resource, checked, where conditions need what it says. */
export type ParsedEntry = Entry & { readonly json?: JsonText; readonly condition?: Condition }

/** `act` says what happens to `key`; `keep` is a conditional create that found its resource already there. */
export type SettledEntry = ParsedEntry & {
  readonly act: 'create' | 'update' | 'patch' | 'delete' | 'keep'
  readonly key: ResourceKey
  readonly found?: Match
}

/** Whether the entry changes anything. */
export const isWriting = ({ request }: Entry): boolean =>
  ['create', 'update', 'patch', 'delete'].includes(request.interaction)

/** Whether a condition chooses what is written: If-None-Exist of a create, a query of the others. */
export const isConditional = ({ interaction, id, ifNoneExist }: Request): boolean => {
  if (interaction === 'create') return ifNoneExist !== undefined
  return id === undefined && (interaction === 'update' || interaction === 'patch' || interaction === 'delete')
}

/** How many updates there are of each type. */
export const countUpdates = (entries: readonly Entry[]): ReadonlyMap<string, number> => {
  const counts = new Map<string, number>()
  for (const { request } of entries)
    if (request.interaction === 'update' && request.type !== undefined)
      counts.set(request.type, (counts.get(request.type) ?? 0) + 1)
  return counts
}

/** The condition of a writing entry: If-None-Exist of a create, the query of the others; undefined for most. */
export const entryCondition = (
  house: House,
  ctx: Ctx,
  { request }: Entry,
  updates: ReadonlyMap<string, number>,
): Promise<Condition> | undefined => {
  const { interaction, type = '', id, query, ifNoneExist } = request
  const rewritten = updates.get(type) ?? 0
  if (interaction === 'create')
    return ifNoneExist === undefined
      ? undefined
      : readCondition(house, ctx, type, ifNoneExistQuery(ifNoneExist, type), rewritten)
  if (id !== undefined) return undefined
  if (query.length === 0)
    throw invalid(`${interaction} needs an id in the URL, or search parameters that select the ${type}.`)
  return readCondition(house, ctx, type, query, rewritten)
}

const several = (type: string): Problem =>
  multipleMatches(
    `The condition selects more than one ${type}; make it narrower, for example by an identifier.`,
  )

const one = (matches: readonly Match[], type: string): Match | undefined => {
  if (matches.length > 1) throw several(type)
  return matches[0]
}

const bodyId = (entry: ParsedEntry): string | undefined => {
  const id = entry.json?.value.id
  return typeof id === 'string' ? id : undefined
}

const settleCreate = (entry: ParsedEntry, matches: readonly Match[], ctx: Ctx): SettledEntry => {
  const { type = '' } = entry.request
  const found = one(matches, type)
  if (found) return { ...entry, act: 'keep', key: found.key, found }
  return { ...entry, act: 'create', key: { type, id: newId(ctx.at) } }
}

const settleUpdate = (entry: ParsedEntry, matches: readonly Match[], ctx: Ctx): SettledEntry => {
  const { type = '', id } = entry.request
  if (id !== undefined) return { ...entry, act: 'update', key: { type, id } }
  const found = one(matches, type)
  const wanted = bodyId(entry)
  if (!found) return { ...entry, act: 'update', key: { type, id: wanted ?? newId(ctx.at) } }
  if (wanted !== undefined && wanted !== found.key.id)
    throw invalid(
      `The condition selects ${keyText(found.key)}, but the id in the body is ${JSON.stringify(wanted)}; leave the id out or correct it.`,
      `${type}.id`,
    )
  return { ...entry, act: 'update', key: found.key, found }
}

const settlePatch = (entry: ParsedEntry, matches: readonly Match[]): SettledEntry => {
  const { type = '', id } = entry.request
  if (id !== undefined) return { ...entry, act: 'patch', key: { type, id } }
  const found = one(matches, type)
  if (!found) throw notFound(`The condition selects no ${type}; there is nothing to patch.`)
  return { ...entry, act: 'patch', key: found.key, found }
}

/** Undefined when a conditional delete selects nothing: then nothing happens. */
export const settleDelete = async (
  house: House,
  ctx: Ctx,
  reader: Reader,
  entry: ParsedEntry,
): Promise<SettledEntry | undefined> => {
  const { type = '', id } = entry.request
  if (id !== undefined) return { ...entry, act: 'delete', key: { type, id } }
  const rows = await lookUp(house, reader, entry.condition!)
  const found = one(matchesOf(house, ctx, entry.condition!, rows, createPendingSet()), type)
  return found && { ...entry, act: 'delete', key: found.key, found }
}

/** Two entries may not write one resource: http://hl7.org/fhir/R4/http.html#trules */
export const refuseOverlap = (entries: readonly SettledEntry[], place: Place): void => {
  const first = new Map<string, number>()
  for (const { key, index, act } of entries) {
    if (act === 'keep') continue
    const text = keyText(key)
    const other = first.get(text)
    if (other !== undefined)
      throw place(
        index,
        new Problem(400, [
          issue('duplicate', `Entries ${other} and ${index} both write ${text}; put it into one entry.`),
        ]),
      )
    first.set(text, index)
  }
}

/** What conditions may meet from the start: the updates that name their resource. */
const pendingUpdates = (house: House, ctx: Ctx, entries: readonly ParsedEntry[]): Pending[] =>
  entries.flatMap(({ request: { interaction, type, id }, json }) =>
    interaction === 'update' && type !== undefined && id !== undefined && json
      ? [pendingOf(house, ctx, { type, id }, json.value)]
      : [],
  )

/** What is not among the updates that name their resource, and so becomes known to conditions only when it is settled. */
const isNew = ({ act, request }: SettledEntry): boolean =>
  act === 'create' || (act === 'update' && request.id === undefined)

/** Settles creates, then updates, then patches, in the order of processing. */
export const settle = async (
  house: House,
  ctx: Ctx,
  reader: Reader,
  entries: readonly ParsedEntry[],
  place: Place,
): Promise<SettledEntry[]> => {
  const conditional = entries.filter((entry) => entry.condition)
  const found = await lookUpAll(
    house,
    ctx,
    reader,
    conditional.map((entry) => entry.condition!),
  )
  const rows = new Map(conditional.map((entry, n) => [entry.index, found[n]!]))
  const pending = createPendingSet(conditional.length > 0 ? pendingUpdates(house, ctx, entries) : [])
  const matches = ({ condition, index }: ParsedEntry): Match[] =>
    condition ? matchesOf(house, ctx, condition, rows.get(index) ?? [], pending) : []
  const settled: SettledEntry[] = []
  const keep = (entry: SettledEntry): void => {
    settled.push(entry)
    if (isNew(entry) && entry.json && conditional.length > 0)
      pending.add(pendingOf(house, ctx, entry.key, entry.json.value))
  }
  const of = (interaction: string) => entries.filter(({ request }) => request.interaction === interaction)
  const breathe = createBreath()
  const settleEach = (interaction: string, settleOne: (entry: ParsedEntry) => SettledEntry): Promise<void> =>
    forEachEntry(of(interaction), place, (entry) => keep(settleOne(entry)), breathe)
  await settleEach('create', (entry) => settleCreate(entry, matches(entry), ctx))
  await settleEach('update', (entry) => settleUpdate(entry, matches(entry), ctx))
  await settleEach('patch', (entry) => settlePatch(entry, matches(entry)))
  return settled
}
