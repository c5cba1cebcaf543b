/** Reading questions that may be asked inside or outside of a transaction. */
import { typeName } from '../fhir/resource-types.ts'
import { type ContentsQuery, contentsStatement } from './contents.ts'
import type { Until } from './database.ts'
import { type HistoryQuery, historyStatement } from './history.ts'
import type { ResourceKey } from './key.ts'
import { currentStatement, havingStatement, versionOf, versionStatement, wantedOf } from './read.ts'
import type { FindCurrent } from './reads.ts'
import type { Statement } from './statement.ts'
import { type HistoryRow, toVersion, type Version, type VersionRow } from './version.ts'

/** A version of history, with the place after which the next page goes on. */
export type HistoryEntry = Version & { readonly row: HistoryRow }

export type Reader = {
  /** The newest version, a deletion included; undefined where the resource never existed. */
  current(tenant: number, key: ResourceKey): Promise<Version | undefined>
  version(tenant: number, key: ResourceKey, version: number): Promise<Version | undefined>
  /**
   * The newest version if it is there and has one of the tokens of each group; a group is an array literal of hashes,
   * and two are the most. What was deleted is not there.
   */
  having(tenant: number, key: ResourceKey, groups: readonly string[]): Promise<Version | undefined>
  /** What a compiled statement reads of one resource: rows as of `current`. */
  pick(key: ResourceKey, statement: Statement): Promise<Version | undefined>
  /** Contents of more than 32 KB are null: `contents` brings them. */
  history(tenant: number, query: HistoryQuery): Promise<HistoryEntry[]>
  /** Contents that were left out of rows as they are large: of the first of the places that fit together. */
  contents(tenant: number, query: ContentsQuery): Promise<string[]>
  /** A compiled search; its rows as the statement names them. It stops when whoever asked is gone. */
  select<R>(statement: Statement, until?: Until): Promise<R[]>
}

type Run = <R>(statement: Statement, until?: Until) => Promise<R[]>

const findBy =
  (short: Run): FindCurrent =>
  async (tenant, key, groups = []) => {
    const wanted = wantedOf(key, groups)
    const isWhole = groups.length === 0
    const statement = isWhole ? currentStatement(tenant, wanted) : havingStatement(tenant, [wanted])
    const [row] = await short<VersionRow>(statement)
    return row
  }

/** `short` runs what looks up one row by its key, `long` everything else; `find` may know a better way. */
export const createReader = (short: Run, long: Run, find = findBy(short)): Reader => ({
  current: async (tenant, key) => {
    const row = await find(tenant, key)
    return row && versionOf(key, row)
  },
  having: async (tenant, key, groups) => {
    const row = await find(tenant, key, groups)
    return row && row.content !== null ? versionOf(key, row) : undefined
  },
  version: async (tenant, key, version) => {
    const [row] = await short<VersionRow>(versionStatement(tenant, key, version))
    return row && versionOf(key, row)
  },
  pick: async (key, statement) => {
    const [row] = await short<VersionRow>(statement)
    return row && versionOf(key, row)
  },
  history: async (tenant, query) => {
    const rows = await long<HistoryRow>(historyStatement(tenant, query))
    return rows.map((row) => ({ ...toVersion(row, typeName(row.type) ?? ''), row }))
  },
  contents: async (tenant, query) => {
    const rows = await long<{ content: string }>(contentsStatement(tenant, query))
    return rows.map(({ content }) => content)
  },
  select: (statement, until) => long(statement, until),
})
