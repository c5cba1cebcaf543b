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
import type { VersionRow } from './version.ts'

/** Finds the newest version of a resource that has what is asked for, see `Reader`; undefined where it never existed. */
export type FindCurrent = (
  tenant: number,
  key: ResourceKey,
  groups?: readonly string[],
) => Promise<VersionRow | undefined>

type Asked = Wanted & {
  readonly key: ResourceKey
  found(row: VersionRow | undefined): void
  failed(reason: unknown): void
}

/** Whether it must have something. */
const isParticular = ({ groups }: Wanted): boolean => groups !== undefined && groups.length > 0

/** Reads of one statement: those behind them take another connection. */
const mostShared = 16

export const createReads = ({ readLast }: Pick<Database, 'readLast'>): FindCurrent => {
  let waiting = new Map<number, Asked[]>()

  const alone = (tenant: number, { key, found, failed }: Asked): void => {
    readLast<VersionRow>(currentStatement(tenant, key)).then(([row]) => found(row), failed)
  }
  const together = (tenant: number, all: readonly Asked[]): void => {
    const answer = (rows: readonly ManyRow[]): void => {
      const byPlace = new Map(rows.map((row) => [row.place, row]))
      for (const [n, { found }] of all.entries()) found(byPlace.get(n + 1))
    }
    const fail = (reason: unknown): void => {
      for (const { failed } of all) failed(reason)
    }
    const statement = all.some(isParticular) ? havingStatement(tenant, all) : manyStatement(tenant, all)
    readLast<ManyRow>(statement).then(answer, fail)
  }
  const send = (): void => {
    const turn = waiting
    waiting = new Map()
    for (const [tenant, all] of turn) {
      for (let from = 0; from < all.length; from += mostShared) {
        const part = all.length <= mostShared ? all : all.slice(from, from + mostShared)
        if (part.length === 1 && !isParticular(part[0]!)) alone(tenant, part[0]!)
        else together(tenant, part)
      }
    }
  }
  return (tenant, key, groups) =>
    new Promise((found, failed) => {
      const asked = { ...wantedOf(key, groups), key, found, failed }
      const same = waiting.get(tenant)
      if (same) {
        same.push(asked)
        return
      }
      if (waiting.size === 0) setImmediate(send)
      waiting.set(tenant, [asked])
    })
}
