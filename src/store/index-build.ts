/** Builds the index rows of resources that are stored: online, a batch at a time, going on where it stopped. */

import { idKey } from '../base/id.ts'
import type { Database, Transaction } from './database.ts'
import { cleanSome, type Leftover } from './index-build-clean.ts'
import {
  type Build,
  type BuildState,
  othersAreDone,
  reindexState,
  settleParameters,
  startReindex,
  statesOf,
  takeBuild,
  type WantedParameter,
} from './index-build-queue.ts'
import {
  type Key,
  type Maker,
  type OldTokens,
  readStored,
  type Sums,
  writeStored,
} from './index-build-rows.ts'
import { arrayOf, numberOf, type ResourceKey } from './key.ts'
import type { Texts } from './texts.ts'

/** How rows are made; asked for each tenant whose resources a batch has. */
export type RowsOf = {
  /** By all parameters of the tenant; `base` is the URL of the server where the build knows it. */
  maker(tenant: number, base: string | null): Maker | Promise<Maker>
  /** What there is of a parameter that is no longer used. */
  leftovers(tenant: number, definition: unknown): readonly Leftover[]
}

/** Resources done, of about so many; numbers of their types, null for all. */
export type Progress = {
  readonly done: number
  readonly total: number
  readonly types: readonly number[] | null
}

/** `waiting` for other transactions, `busy` when another process is at it, `finished` when nothing is left. */
export type Step = 'more' | 'waiting' | 'busy' | 'finished'

export type IndexBuilds = {
  /** Of what an earlier version stored. Undefined when everything is built, which is not asked again then. */
  progress(): Promise<Progress | undefined>
  /** One batch. */
  step(rowsOf: RowsOf): Promise<Step>
  /** How far the rows of posted parameters are, by their editions. */
  states(tenant: number, editions: readonly string[]): Promise<readonly BuildState[]>
  /** Makes the builds those of the parameters that a tenant has at a generation. */
  settle(tenant: number, known: string, wanted: readonly WantedParameter[]): Promise<void>
  /** Asks for everything, or one type, to be built anew in the background; what is under way goes on. */
  reindex(tenant: number, type: string | undefined, base: string): Promise<void>
  reindexState(tenant: number, type: string | undefined): Promise<BuildState | undefined>
  /** Builds one resource at once; undefined when there is none. */
  reindexOne(tenant: number, key: ResourceKey, maker: Maker): Promise<Sums | undefined>
}

const batch = 200

const progressText = `
select done::float8 as done, total::float8 as total, types from index_build where name = 'values' and finished_at is null`

/** The rows are locked, so that nobody writes them in the meantime. */
const lockText = `
select tenant, type, id from resource
where (tenant, type, id) > ($1::int, $2::smallint, $3::uuid) and (tenant, type) <= ($4::int, $5::smallint)
  and ($6::smallint[] is null or type = any($6::smallint[]))
order by tenant, type, id limit ${batch} for update`

const lockOneText =
  'select tenant, type, id from resource where tenant = $1 and type = $2 and id = $3 for update'

const advanceText = `
update index_build set done = done + $2, after_tenant = $3, after_type = $4, after_id = $5,
  rows = rows + $6::numeric, checksum = checksum + $7::numeric
where name = $1`

const finishText = `update index_build set finished_at = now() where name = $1`
const removeText = 'delete from index_build where name = $1'
const noticeText = `select pg_notify('lamplight', 'built')`

const least = { tenant: -2_147_483_648, type: -32_768, id: '00000000-0000-0000-0000-000000000000' }
const most = { tenant: 2_147_483_647, type: 32_767 }

/** Where the next batch is looked for: what is after a key, up to a tenant and a type, and of some types if not of all. */
type Range = {
  readonly after: Key
  readonly tenant: number
  readonly type: number
  readonly among: string | null
}

/** What is left to do, in order. */
const rangesOf = (build: Build): readonly Range[] => {
  const { tenant, types, after_tenant, after_type, after_id } = build
  const after: Key =
    after_tenant === null
      ? { ...least, ...(tenant === null ? {} : { tenant }) }
      : { tenant: after_tenant, type: after_type ?? least.type, id: after_id ?? least.id }
  if (types === null || tenant === null)
    return [{ after, tenant: tenant ?? most.tenant, type: most.type, among: types && arrayOf(types) }]
  return [...types]
    .sort((a, b) => a - b)
    .filter((type) => type >= after.type)
    .map((type) => ({
      after: type === after.type ? after : { ...least, tenant, type },
      tenant,
      type,
      among: null,
    }))
}

const nextKeys = async (tx: Transaction, build: Build): Promise<Key[]> => {
  for (const { after, tenant, type, among } of rangesOf(build)) {
    const values = [after.tenant, after.type, after.id, tenant, type, among]
    const keys = await tx.run<Key>({ name: 'build_lock', text: lockText, tenant: '*', values })
    if (keys.length > 0) return keys
  }
  return []
}

const oldTokens: Record<Exclude<Build['kind'], 'cleaning'>, OldTokens> = {
  values: 'kept',
  parameter: 'missing',
  reindex: 'replaced',
}

const stepIn = async (tx: Transaction, texts: Texts, rowsOf: RowsOf): Promise<Step> => {
  const build = await takeBuild(tx)
  if (build === undefined) return 'finished'
  if (build === 'busy') return 'busy'
  const { name, kind, tenant } = build
  if (tenant !== null && !(await othersAreDone(tx, build))) return 'waiting'
  if (kind === 'cleaning') {
    const cleaned = await cleanSome(tx, tenant ?? 0, rowsOf.leftovers(tenant ?? 0, build.definition))
    if (cleaned === 0) await tx.run({ name: 'build_remove', text: removeText, tenant: '*', values: [name] })
    return 'more'
  }
  const keys = await nextKeys(tx, build)
  const last = keys.at(-1)
  if (!last) {
    await tx.run({ name: 'build_finish', text: finishText, tenant: '*', values: [name] })
    await tx.run({ name: 'build_notice', text: noticeText, tenant: '*', values: [] })
    return 'more'
  }
  const stored = await readStored(tx, keys)
  const makers = new Map<number, Maker>()
  for (const one of new Set(stored.map((row) => row.tenant)))
    makers.set(one, await rowsOf.maker(one, build.base))
  const { count, checksum } = await writeStored(tx, texts, stored, makers, oldTokens[kind])
  const values = [name, stored.length, last.tenant, last.type, last.id, String(count), String(checksum)]
  await tx.run({ name: 'build_advance', text: advanceText, tenant: '*', values })
  return 'more'
}

export const createIndexBuilds = (database: Database, texts: Texts): IndexBuilds => {
  let isFinished = false
  return {
    progress: async () => {
      if (isFinished) return undefined
      const [open] = await database.run<Progress>({
        name: 'build_progress',
        text: progressText,
        tenant: '*',
        values: [],
      })
      isFinished = open === undefined
      return open
    },
    step: (rowsOf) => database.transact((tx) => stepIn(tx, texts, rowsOf)),
    states: (tenant, editions) => statesOf(database, tenant, editions),
    settle: (tenant, known, wanted) => settleParameters(database, tenant, known, wanted),
    reindex: (tenant, type, base) => startReindex(database, tenant, type, base),
    reindexState: (tenant, type) => reindexState(database, tenant, type),
    reindexOne: (tenant, { type, id }, maker) =>
      database.transact(async (tx) => {
        const values = [tenant, numberOf(type), idKey(id)]
        const keys = await tx.run<Key>({ name: 'build_lock_one', text: lockOneText, tenant: '*', values })
        if (keys.length === 0) return undefined
        const stored = await readStored(tx, keys)
        return await writeStored(tx, texts, stored, new Map([[tenant, maker]]), 'replaced')
      }),
  }
}
