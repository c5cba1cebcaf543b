/** What other processes say through the database: https://www.postgresql.org/docs/current/sql-notify.html */
import pg from 'pg'
import type { Log } from '../base/log.ts'
import { type ConnectionTarget, clientConfig } from './connection.ts'

export type Listener = {
  /** The text of one message. */
  notice(text: string): void
  /** Messages may have been missed: the connection is there for the first time, or again. */
  again(): void
}

const channel = 'lamplight'

/** Before it connects again, in ms. */
const pause = 500

/** The other side may be gone without a word: it is asked every so many ms. */
const every = 15_000

/** Listens on a connection of its own until it is told to stop. */
export const listen = (target: ConnectionTarget, heard: Listener, log: Log): (() => Promise<void>) => {
  const config = clientConfig(target, { statementTimeout: 10_000, lockTimeout: 10_000 })
  let stopped = false
  let current: pg.Client | undefined
  let timer: NodeJS.Timeout | undefined

  const later = (): void => {
    if (stopped || timer) return
    timer = setTimeout(() => {
      timer = undefined
      void open()
    }, pause)
    timer.unref()
  }

  const open = async (): Promise<void> => {
    const client = new pg.Client(config)
    const drop = (): void => {
      if (current !== client) return
      current = undefined
      clearInterval(pulse)
      client.end().catch(() => {})
      later()
    }
    const pulse = setInterval(() => client.query('select 1').catch(drop), every)
    pulse.unref()
    current = client
    client.on('error', drop)
    client.on('end', drop)
    client.on('notification', ({ payload }) => heard.notice(payload ?? ''))
    try {
      await client.connect()
      await client.query(`listen ${channel}`)
      heard.again()
    } catch (error) {
      if (!stopped)
        log.warn(
          { err: { message: (error as Error).message } },
          'cannot listen to other processes; trying again',
        )
      drop()
    }
  }

  const opening = open()
  return async () => {
    stopped = true
    clearTimeout(timer)
    await opening
    const client = current
    current = undefined
    await client?.end().catch(() => {})
  }
}
