/** Reads of one turn of the event loop share a statement: most of what a read costs is the statement around it. */
import type { Database } from './database.ts'
import type { ResourceKey } from './key.ts'
import {
  currentStatement,
  havingStatement,
  type ManyRow,
  manyStatement,
  type Wanted,
  wantedOf,
} from './read.ts'
import type { Statement } from './statement.ts'
import type { VersionRow } from './version.ts'

/** Finds the newest version of a resource that has what is asked for, see `Reader`; undefined where it never existed. */
export type FindCurrent = (
  tenant: number,
  key: ResourceKey,
  groups?: readonly string[],
) => Promise<VersionRow | undefined>

type Asked = Wanted & {
  found(row: VersionRow | undefined): void
  failed(reason: unknown): void
}

/** Reads of one statement: those behind them take another connection. */
const mostShared = 16

type Sharing = {
  one(tenant: number, wanted: Wanted): Statement
  many(tenant: number, wanted: readonly Wanted[]): Statement
}

const share = ({ readLast }: Pick<Database, 'readLast'>, { one, many }: Sharing) => {
  let waiting = new Map<number, Asked[]>()

  const alone = (tenant: number, asked: Asked): void => {
    readLast<VersionRow>(one(tenant, asked)).then(([row]) => asked.found(row), asked.failed)
  }
  const together = (tenant: number, all: readonly Asked[]): void => {
    const answer = (rows: readonly ManyRow[]): void => {
      const byPlace = new Map(rows.map((row) => [row.place, row]))
      for (const [n, { found }] of all.entries()) found(byPlace.get(n + 1))
    }
    const fail = (reason: unknown): void => {
      for (const { failed } of all) failed(reason)
    }
    readLast<ManyRow>(many(tenant, all)).then(answer, fail)
  }
  const send = (): void => {
    const turn = waiting
    waiting = new Map()
    for (const [tenant, all] of turn) {
      for (let from = 0; from < all.length; from += mostShared) {
        const part = all.length <= mostShared ? all : all.slice(from, from + mostShared)
        if (part.length === 1) alone(tenant, part[0]!)
        else together(tenant, part)
      }
    }
  }
  return (tenant: number, wanted: Wanted): Promise<VersionRow | undefined> =>
    new Promise((found, failed) => {
      const asked = { ...wanted, found, failed }
      const same = waiting.get(tenant)
      if (same) {
        same.push(asked)
        return
      }
      if (waiting.size === 0) setImmediate(send)
      waiting.set(tenant, [asked])
    })
}

export const createReads = (database: Pick<Database, 'readLast'>): FindCurrent => {
  const whole = share(database, { one: currentStatement, many: manyStatement })
  const having = share(database, {
    one: (tenant, wanted) => havingStatement(tenant, [wanted]),
    many: havingStatement,
  })
  return async (tenant, key, groups = []) =>
    (groups.length === 0 ? whole : having)(tenant, wantedOf(key, groups))
}
