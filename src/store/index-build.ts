/** Builds the index rows of resources that were stored before: online, a batch at a time, going on where it stopped. */
import type { Log } from '../base/log.ts'
import { typeName } from '../fhir/resource-types.ts'
import type { Database, Transaction } from './database.ts'
import { arrayOf } from './key.ts'
import { deleteSide, insertSide, type Kinds, kindsOf, type SideRows, sideValues } from './side-rows.ts'
import type { Texts } from './texts.ts'

/** What a resource is found by, from its text. `tokens` are hashes as decimal text. */
export type RowsOf = (
  tenant: number,
  type: string,
  content: string,
) => { readonly tokens: readonly string[]; readonly rows: SideRows }

/** Resources done, of about so many. */
export type Progress = { readonly done: number; readonly total: number }

export type IndexBuilds = {
  /** Undefined when everything is built, which is not asked again then. */
  progress(): Promise<Progress | undefined>
  /** One batch. `busy` when another process is at it, `finished` when nothing is left. */
  step(rowsOf: RowsOf): Promise<'more' | 'busy' | 'finished'>
}

type Build = {
  readonly after_tenant: number | null
  readonly after_type: number | null
  readonly after_id: string | null
}
type Key = { readonly tenant: number; readonly type: number; readonly id: string }
type Stored = Key & {
  readonly tokens: readonly string[]
  readonly content: string
}

const name = 'values'
const batch = 200

const progressText =
  'select done::float8 as done, total::float8 as total from index_build where finished_at is null'

const takeText = `
select after_tenant, after_type, after_id from index_build
where name = $1 and finished_at is null for update skip locked`

/** The rows are locked, so that nobody writes them in the meantime. */
const lockText = `
select tenant, type, id from resource where (tenant, type, id) > ($1::int, $2::smallint, $3::uuid)
order by tenant, type, id limit ${batch} for update`

/** A statement of its own: it sees what was written while the one before waited for the locks. */
const readText = `
select r.tenant, r.type, r.id, r.tokens::text[] as tokens,
  (select v.content from resource_version v
   where v.tenant = r.tenant and v.type = r.type and v.id = r.id and v.version = r.version) as content
from unnest($1::int[], $2::smallint[], $3::uuid[]) k(tenant, type, id)
cross join lateral (
  select * from resource r where r.tenant = k.tenant and r.type = k.type and r.id = k.id offset 0) r
order by r.tenant, r.type, r.id`

const writeText = (kinds: Kinds): string => `
with row as (
  update resource set tokens = $4::bigint[], date_low = $5::timestamptz, date_high = $6::timestamptz
  where tenant = $1 and type = $2 and id = $3
  returning version)${deleteSide}${insertSide(kinds, 7, true)}
select version from row`

const advanceText = `
update index_build set done = done + $2, after_tenant = $3, after_type = $4, after_id = $5 where name = $1`

const finishText = 'update index_build set finished_at = now() where name = $1'

/** How many rows the resources have, and sums of what stands in them. */
const checkText = `
select sum(s.n + d.n + q.n)::text as count, sum(s.sum + d.sum + q.sum)::text as parameters, sum(t.sum)::text as tokens
from unnest($1::int[], $2::smallint[], $3::uuid[]) k(tenant, type, id)
${['search_string', 'search_date', 'search_quantity']
  .map(
    (table) => `cross join lateral (
  select count(*) as n, coalesce(sum(x.parameter), 0) as sum from ${table} x
  where x.tenant = k.tenant and x.type = k.type and x.id = k.id offset 0) ${table.charAt(7)}`,
  )
  .join('\n')}
cross join lateral (
  select sum(token) as sum from resource r cross join lateral unnest(r.tokens) token
  where r.tenant = k.tenant and r.type = k.type and r.id = k.id offset 0) t`

type Sums = { readonly count: string; readonly parameters: string; readonly tokens: string }

const parametersOf = ({ strings, dates, quantities }: SideRows): readonly number[] =>
  [strings, dates, quantities].flatMap((rows) => rows?.parameter ?? [])

const sum = (numbers: readonly (number | string)[]): bigint =>
  numbers.reduce((total, number) => total + BigInt(number), 0n)

type Made = ReturnType<RowsOf>

const expected = (made: readonly Made[]): Sums => {
  const parameters = made.flatMap(({ rows }) => parametersOf(rows))
  return {
    count: String(parameters.length),
    parameters: String(sum(parameters)),
    tokens: String(sum(made.flatMap(({ tokens }) => tokens))),
  }
}

const arraysOf = (keys: readonly Key[]): string[] => [
  arrayOf(keys.map(({ tenant }) => tenant)),
  arrayOf(keys.map(({ type }) => type)),
  arrayOf(keys.map(({ id }) => id)),
]

/** Reads back what was written. */
const verify = async (tx: Transaction, stored: readonly Stored[], made: readonly Made[]): Promise<void> => {
  const [found] = await tx.run<Sums>({
    name: 'build_check',
    text: checkText,
    values: arraysOf(stored),
  })
  const wanted = expected(made)
  if (
    found?.count !== wanted.count ||
    found.parameters !== wanted.parameters ||
    found.tokens !== wanted.tokens
  )
    throw new Error('the index rows that were built are not those that were meant')
}

const writeOne = (
  tx: Transaction,
  { tenant, type, id }: Stored,
  { tokens, rows }: Made,
): Promise<unknown> => {
  const kinds = kindsOf(rows)
  const { low, high } = rows.date ?? { low: null, high: null }
  return tx.run({
    name: `build_${kinds}`,
    text: writeText(kinds),
    values: [tenant, type, id, arrayOf(tokens), low, high, ...sideValues(rows)],
  })
}

/** Presence stands first; what another version of the program knew stays, as it may have known the server's address. */
const withOld = (tokens: readonly string[], old: readonly string[]): readonly string[] => [
  ...new Set([...tokens, ...old]),
]

const stepIn = async (
  tx: Transaction,
  texts: Texts,
  rowsOf: RowsOf,
): Promise<'more' | 'busy' | 'finished'> => {
  const [build] = await tx.run<Build>({ name: 'build_take', text: takeText, values: [name] })
  if (!build) {
    const [open] = await tx.run<Progress>({ name: 'build_progress', text: progressText, values: [] })
    return open ? 'busy' : 'finished'
  }
  const start = [
    build.after_tenant ?? -2_147_483_648,
    build.after_type ?? -32_768,
    build.after_id ?? '00000000-0000-0000-0000-000000000000',
  ]
  const keys = await tx.run<Key>({ name: 'build_lock', text: lockText, values: start })
  const last = keys.at(-1)
  if (!last) {
    await tx.run({ name: 'build_finish', text: finishText, values: [name] })
    return 'finished'
  }
  const stored = await tx.run<Stored>({ name: 'build_read', text: readText, values: arraysOf(keys) })
  const made = stored.map(({ tenant, type, content, tokens: old }): Made => {
    const { tokens, rows } = rowsOf(tenant, typeName(type) ?? '', content)
    return { tokens: withOld(tokens, old), rows }
  })
  for (const tenant of new Set(stored.map((one) => one.tenant)))
    await texts.learn(
      tenant,
      made.filter((_, n) => stored[n]?.tenant === tenant).map(({ rows }) => rows),
    )
  await Promise.all(stored.map((one, n) => writeOne(tx, one, made[n]!)))
  await verify(tx, stored, made)
  await tx.run({
    name: 'build_advance',
    text: advanceText,
    values: [name, stored.length, last.tenant, last.type, last.id],
  })
  return 'more'
}

export const createIndexBuilds = (database: Database, texts: Texts): IndexBuilds => {
  let isFinished = false
  return {
    progress: async () => {
      if (isFinished) return undefined
      const [open] = await database.run<Progress>({ name: 'build_progress', text: progressText, values: [] })
      isFinished = open === undefined
      return open
    },
    step: (rowsOf) => database.transact((tx) => stepIn(tx, texts, rowsOf)),
  }
}

/** Builds until everything is done or it is told to stop; another process may do it as well. */
export const keepBuilding = (builds: IndexBuilds, rowsOf: RowsOf, log: Log): (() => Promise<void>) => {
  let stopped = false
  let wake = (): void => {}
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      timer.unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  const work = async (): Promise<void> => {
    if ((await builds.progress()) === undefined) return
    log.info('index rows of stored resources are being built; searches wait for them')
    for (
      let state = await builds.step(rowsOf);
      state !== 'finished' && !stopped;
      state = await builds.step(rowsOf)
    )
      // Requests come first.
      await rest(state === 'busy' ? 1000 : 5)
    if (!stopped) log.info('index rows of stored resources are built')
  }
  const running = (async () => {
    while (!stopped)
      try {
        return await work()
      } catch (error) {
        log.error(
          { err: { message: (error as Error).message } },
          'index rows could not be built; trying again',
        )
        await rest(10_000)
      }
  })()
  return async () => {
    stopped = true
    wake()
    await running
  }
}
