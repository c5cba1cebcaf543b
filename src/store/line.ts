/** A pipelined connection shared by many requests: short statements follow each other without waiting. */
import type { Writable } from 'node:stream'
import pg from 'pg'
import { unavailable } from '../base/problem.ts'
import type { Send } from './send.ts'
import type { Statement } from './statement.ts'

/**
 * Statements on a line commit by themselves and are answered in order, so only ones that cannot wait for a lock for
 * long or run for long belong here. A broken line connects again on the next use, at most every `pause` ms.
 */
export type Line = {
  readonly pending: () => number
  /** Whether statements of this turn of the event loop wait to be sent together. */
  readonly gathering: () => boolean
  /** `isLast`: nothing comes after it in this turn, so it need not wait for others. */
  run(statement: Statement, isLast?: boolean): Promise<pg.QueryResult>
  close(): Promise<void>
}

const pause = 200

export const createLine = (config: pg.ClientConfig, send: Send): Line => {
  let client: Promise<pg.Client> | undefined
  let ready: pg.Client | undefined
  let failedAt = 0
  let pending = 0
  let closed = false
  let gathering = false

  /** What comes in one turn of the event loop goes out in one write. */
  const gather = (live: pg.Client): void => {
    if (gathering) return
    gathering = true
    const { stream } = (live as unknown as { connection: { stream: Writable } }).connection
    stream.cork()
    setImmediate(() => {
      gathering = false
      stream.uncork()
    })
  }

  const drop = (broken: pg.Client): void => {
    if (ready !== broken) return
    ready = undefined
    client = undefined
  }

  const connect = async (): Promise<pg.Client> => {
    const fresh = new pg.Client(config)
    fresh.on('error', () => drop(fresh))
    fresh.on('end', () => drop(fresh))
    try {
      await fresh.connect()
    } catch (error) {
      client = undefined
      failedAt = Date.now()
      fresh.end().catch(() => {})
      throw error
    }
    ready = fresh
    return fresh
  }

  const open = (): Promise<pg.Client> => {
    if (closed) throw unavailable('The server is shutting down.', 5)
    if (Date.now() - failedAt < pause) throw unavailable('The database cannot be reached at the moment.', 2)
    client ??= connect()
    return client
  }

  const run = async (statement: Statement, isLast = false): Promise<pg.QueryResult> => {
    pending++
    try {
      const live = ready ?? (await open())
      if (!isLast) gather(live)
      return await send(live, statement, statement.name)
    } finally {
      pending--
    }
  }

  return {
    pending: () => pending,
    gathering: () => gathering,
    run,
    close: async () => {
      closed = true
      await ready?.end()
    },
  }
}
