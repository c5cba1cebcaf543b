/** A pipelined connection shared by many requests: short statements follow each other without waiting. */
import pg from 'pg'
import { unavailable } from '../base/problem.ts'
import type { Statement } from './statement.ts'

/**
 * Statements on a line commit by themselves and are answered in order, so only ones that cannot wait for a lock for
 * long or run for long belong here. A broken line connects again on the next use, at most every `pause` ms.
 */
export type Line = {
  readonly pending: () => number
  run(statement: Statement): Promise<pg.QueryResult>
  close(): Promise<void>
}

const pause = 200

export const createLine = (config: pg.ClientConfig): Line => {
  let client: Promise<pg.Client> | undefined
  let ready: pg.Client | undefined
  let failedAt = 0
  let pending = 0
  let closed = false

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

  const run = async ({ name, text, values }: Statement): Promise<pg.QueryResult> => {
    pending++
    try {
      const live = ready ?? (await open())
      return await live.query({ name, text, values: values as unknown[] })
    } finally {
      pending--
    }
  }

  return {
    pending: () => pending,
    run,
    close: async () => {
      closed = true
      await ready?.end()
    },
  }
}
