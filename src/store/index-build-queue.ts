/** Which index builds there are, and how far they are: one row each, so that they go on after a crash. */

import type { Database, Transaction } from './database.ts'
import { arrayOf, numberOf } from './key.ts'

/**
 * `values` is everything that an earlier version of the program stored, `parameter` the rows of a new search
 * parameter, `cleaning` the removal of those of an old one, `reindex` what was asked for by hand.
 */
export type BuildKind = 'values' | 'parameter' | 'cleaning' | 'reindex'

export type Build = {
  readonly name: string
  readonly kind: BuildKind
  /** Null for all. */
  readonly tenant: number | null
  readonly types: readonly number[] | null
  readonly edition: string | null
  /** What the row was made with; of `parameter` and `cleaning`. */
  readonly definition: unknown
  /** The server's URL as whoever asked for it sees it. */
  readonly base: string | null
  readonly after_tenant: number | null
  readonly after_type: number | null
  readonly after_id: string | null
  /** Null until they are known. */
  readonly waits_for: readonly string[] | null
}

/** `rows` and `checksum` are of what was written and read back; times in ms since 1970. */
export type BuildState = {
  readonly name: string
  readonly kind: BuildKind
  readonly edition: string | null
  readonly done: number
  readonly total: number
  readonly rows: string
  readonly checksum: string
  readonly started_at: number
  readonly finished_at: number | null
}

/** A search parameter that is to have rows; `definition` is kept for the time when they are removed. */
export type WantedParameter = {
  readonly edition: string
  readonly types: readonly string[]
  readonly definition: unknown
}

const lockKey = 5_264_013
const takeText = `
select name, kind, tenant, types, edition, definition, base, after_tenant, after_type, after_id, waits_for
from index_build where finished_at is null and pg_try_advisory_xact_lock(${lockKey})
order by kind = 'cleaning', started_at, name limit 1 for update skip locked`

/** The build whose turn it is; `busy` when another process is at it, undefined when there is none. */
export const takeBuild = async (tx: Transaction): Promise<Build | 'busy' | undefined> => {
  const [build] = await tx.run<Build>({ name: 'build_take', text: takeText, tenant: '*', values: [] })
  if (build) return build
  const [open] = await tx.run<{ n: number }>({
    name: 'build_open',
    text: 'select 1 as n from index_build where finished_at is null limit 1',
    tenant: '*',
    values: [],
  })
  return open ? 'busy' : undefined
}

/** Whoever writes resources holds this lock from before its statement looks at the parameters until it is done. */
const writersText = `
update index_build set waits_for = array(
  select distinct l.virtualtransaction from pg_locks l
  where l.relation = 'resource'::regclass and l.mode = 'RowExclusiveLock' and l.pid is distinct from pg_backend_pid()
    and l.database = (select oid from pg_database where datname = current_database()))
where name = $1`

const stillText = `
select 1 as n from index_build b join pg_locks l on l.virtualtransaction = any(b.waits_for) where b.name = $1 limit 1`

/** Whether everybody has finished who may have written rows by what was known before the build was asked for. */
export const othersAreDone = async (tx: Transaction, { name, waits_for }: Build): Promise<boolean> => {
  if (waits_for?.length === 0) return true
  if (waits_for === null) {
    await tx.run({ name: 'build_writers', text: writersText, tenant: '*', values: [name] })
  }
  const [still] = await tx.run({ name: 'build_still', text: stillText, tenant: '*', values: [name] })
  if (still) return false
  await tx.run({
    name: 'build_alone',
    text: `update index_build set waits_for = '{}' where name = $1`,
    tenant: '*',
    values: [name],
  })
  return true
}

const stateText = `
select name, kind, edition, done::float8 as done, total::float8 as total, rows::text as rows, checksum::text as checksum,
  extract(epoch from started_at)::float8 * 1000 as started_at, extract(epoch from finished_at)::float8 * 1000 as finished_at
from index_build`

/** Builds of a tenant by their editions. */
export const statesOf = (
  database: Database,
  tenant: number,
  editions: readonly string[],
): Promise<BuildState[]> =>
  database.run({
    name: 'build_states',
    text: `${stateText} where tenant = $1 and edition = any($2::text[])`,
    tenant,
    values: [tenant, editions],
  })

/** The rebuild of a tenant that was asked for last, of everything or of some types. */
export const reindexState = async (
  database: Database,
  tenant: number,
  type: string | undefined,
): Promise<BuildState | undefined> => {
  const [state] = await database.run<BuildState>({
    name: 'build_state',
    text: `${stateText} where name = $1`,
    tenant: '*',
    values: [reindexName(tenant, type)],
  })
  return state
}

const reindexName = (tenant: number, type: string | undefined): string =>
  `reindex ${tenant}${type === undefined ? '' : ` ${type}`}`

const countText = `
(select count(*) from resource r where r.tenant = $2 and ($3::smallint[] is null or r.type = any($3::smallint[])))`

const reindexText = `
insert into index_build as b (name, tenant, types, total, kind, base)
select $1, $2, $3::smallint[], ${countText}, 'reindex', $4
on conflict (name) do update set
  total = excluded.total, base = excluded.base, done = 0, rows = 0, checksum = 0, started_at = now(), finished_at = null,
  after_tenant = null, after_type = null, after_id = null, waits_for = null
where b.finished_at is not null`

/** Asks for a rebuild; one that is under way goes on. */
export const startReindex = async (
  database: Database,
  tenant: number,
  type: string | undefined,
  base: string,
): Promise<void> => {
  const types = type === undefined ? null : arrayOf([numberOf(type)])
  await database.query({
    name: 'build_reindex',
    text: reindexText,
    tenant: '*',
    values: [reindexName(tenant, type), tenant, types, base],
  })
  await announceBuild(database)
}

/** Wakes whoever builds. */
const announceBuild = async (database: Pick<Database, 'run'>): Promise<void> => {
  await database.run({
    name: 'build_notify',
    text: `select pg_notify('lamplight', 'build')`,
    tenant: '*',
    values: [],
  })
}

const wantText = `
insert into index_build (name, tenant, types, total, kind, edition, definition)
select $1, $2, $3::smallint[], ${countText}, 'parameter', $4, $5::jsonb
on conflict (name) do nothing returning name`

const leaveText = `
update index_build set kind = 'cleaning', done = 0, finished_at = null, waits_for = null,
  after_tenant = null, after_type = null, after_id = null
where tenant = $1 and kind = 'parameter' and edition <> all($2::text[])
returning name`

/**
 * Makes the builds of a tenant those of its parameters: new ones are to be built, those of others to be removed.
 * Nothing happens when the parameters have changed once more; whoever learns of that does it again.
 */
export const settleParameters = async (
  database: Database,
  tenant: number,
  known: string,
  wanted: readonly WantedParameter[],
): Promise<void> => {
  const changed = await database.transact(async (tx) => {
    const [now] = await tx.run<{ parameters: string }>({
      name: 'build_known',
      text: 'select parameters from definition_generation where tenant = $1 for share',
      tenant,
      values: [tenant],
    })
    if (now?.parameters !== known) return false
    const editions = wanted.map(({ edition }) => edition)
    const there = await tx.run<{ edition: string }>({
      name: 'build_editions',
      text: 'select edition from index_build where tenant = $1 and edition = any($2::text[])',
      tenant,
      values: [tenant, editions],
    })
    const have = new Set(there.map(({ edition }) => edition))
    for (const { edition, types, definition } of wanted) {
      if (have.has(edition)) continue
      await tx.run({
        name: 'build_want',
        text: wantText,
        tenant: '*',
        values: [
          `parameter ${tenant} ${edition}`,
          tenant,
          arrayOf(types.map(numberOf)),
          edition,
          JSON.stringify(definition),
        ],
      })
    }
    const left = await tx.run({ name: 'build_leave', text: leaveText, tenant, values: [tenant, editions] })
    return left.length > 0 || have.size < editions.length
  })
  if (changed) await announceBuild(database)
}
