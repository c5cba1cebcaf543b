/** The only holder of connections: pipelined lines for short statements, a pool for everything that may take its time. */
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import type { Log } from '../base/log.ts'
import { type ConnectionTarget, clientConfig } from './connection.ts'
import { asProblem, isAborted, isLockTimeout, isRetryable } from './failure.ts'
import { createLine, type Line } from './line.ts'
import { createPreparedNames } from './prepared-names.ts'
import type { RowSecurity } from './roles.ts'
import { createSend } from './send.ts'
import type { Statement } from './statement.ts'
import { createTurnstile } from './turnstile.ts'

/** `lines` and `pool` are connections per process; `statementTimeout` in milliseconds. */
export type DatabaseOptions = {
  readonly target: ConnectionTarget
  /** How the database keeps tenants apart. */
  readonly security: RowSecurity
  readonly lines: number
  readonly pool: number
  readonly statementTimeout: number
  readonly log: Log
}

/** Runs statements inside one database transaction; several without `await` between them share a round trip. */
export type Transaction = { run<R>(statement: Statement): Promise<R[]> }

/** Whoever waits for an answer: when its signal is aborted, the database stops working on it. */
export type Until = { readonly signal: AbortSignal }

export type Database = {
  /** A look-up by key that neither waits for a lock nor changes anything. Throws `Problem`. */
  read<R>(statement: Statement): Promise<R[]>
  /** The same where nothing comes after it in this turn of the event loop: it does not wait for others. */
  readLast<R>(statement: Statement): Promise<R[]>
  /** A short statement that commits by itself. Throws `Problem`. */
  run<R>(statement: Statement): Promise<R[]>
  /** A statement that may run long or wait for a lock; it gets a connection of its own. */
  query<R>(statement: Statement, until?: Until): Promise<R[]>
  /** All or nothing. `work` is done again from the start when the database asks for it, so it must not act outside. */
  transact<T>(work: (tx: Transaction) => Promise<T>): Promise<T>
  /** Resolves when every line can be used. Throws `Problem` as long as one cannot. */
  ping(): Promise<void>
  /** Connections: in use, idle, and requests that wait for one. */
  gauge(): { readonly busy: number; readonly idle: number; readonly waiting: number }
  close(): Promise<void>
}

/** A line must not be held up by one statement that waits for a row: after this it moves to the pool. */
const lineLockTimeout = 25

/** Nor must those who wait for rows take the whole pool: after this they go on waiting in half of it. */
const poolLockTimeout = 250
const patiently: Statement = {
  name: 'patiently',
  tenant: null,
  text: `select set_config('lock_timeout', '0', true)`,
  values: [],
}
const attempts = 12

/** Only what takes longer than this, in ms, is worth stopping. */
const patience = 100

/** Shapes that a process prepares; each costs a connection some 200 KB. */
const mostPrepared = 120

const least = (lines: readonly Line[]): Line =>
  lines.reduce((best, line) => (line.pending() < best.pending() ? line : best))

/** So many reads may be under way on a line before another one is taken. */
const deep = 16

/** Reads are quick: better together in one write than each on a line of its own. */
const fullest = (lines: readonly Line[]): Line => {
  const open = lines.find((line) => line.gathering() && line.pending() < deep)
  return open ?? least(lines)
}

/** How long, in ms, connections may take to end. */
const goodbye = 2000

export const createDatabase = (options: DatabaseOptions): Database => {
  const { target, security, statementTimeout, log } = options
  const send = createSend(security)
  const lineConfig = clientConfig(target, { statementTimeout, lockTimeout: lineLockTimeout }, security)
  const lines = Array.from({ length: options.lines }, () => createLine(lineConfig, send))
  // Reads do not stand behind writes, which wait for the disk; a single line serves both.
  const readers = lines.slice(0, Math.ceil(lines.length / 3))
  const writers = lines.length === 1 ? lines : lines.slice(readers.length)
  const pool = new pg.Pool({
    ...clientConfig(target, { statementTimeout, lockTimeout: poolLockTimeout }, security),
    max: options.pool,
    idleTimeoutMillis: 60_000,
  })
  const waiting = createTurnstile(Math.max(1, Math.floor(options.pool / 2)), statementTimeout)
  pool.on('error', (error) =>
    log.warn({ err: { message: error.message } }, 'an idle database connection was lost'),
  )

  // A connection that is in use is lost together with its statement, whose failure tells of it.
  const connected = new Map<pg.PoolClient, Promise<void>>()
  pool.on('connect', (client) => {
    client.on('error', () => {})
    const ended = new Promise<void>((done) => client.once('end', done))
    connected.set(client, ended)
    ended.then(() => connected.delete(client))
  })

  const prepared = createPreparedNames(mostPrepared)

  const onPool = async (statement: Statement, until?: Until): Promise<pg.QueryResult> => {
    const client = await pool.connect()
    const watch = until && watched(client, until)
    let broken: Error | undefined
    try {
      return await send(client, statement, prepared(statement.name))
    } catch (error) {
      // What the database refused leaves the connection as good as it was.
      if (!(error instanceof pg.DatabaseError)) broken = error as Error
      throw error
    } finally {
      await watch?.done()
      client.release(broken)
    }
  }

  /** Stops the running statement of a connection when nobody waits for it any more. */
  const watched = (client: pg.PoolClient, until: Until): { done(): Promise<void> } => {
    let stopping: Promise<unknown> | undefined
    let signal: AbortSignal | undefined
    const stop = (): void => {
      const { processID } = client as unknown as { processID: number }
      const cancel: Statement = {
        name: 'cancel',
        tenant: null,
        text: 'select stop_statement($1)',
        values: [processID],
      }
      stopping = least(writers)
        .run(cancel)
        .catch(() => {})
    }
    const timer = setTimeout(() => {
      signal = until.signal
      if (signal.aborted) stop()
      else signal.addEventListener('abort', stop, { once: true })
    }, patience)
    return {
      // The connection is kept until the cancellation has arrived: it must not hit another statement.
      done: async () => {
        clearTimeout(timer)
        signal?.removeEventListener('abort', stop)
        await stopping
      },
    }
  }

  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const leave = await waiting.enter()
    return await work().finally(leave)
  }

  /** Single statements lose races too (two writers of one new id): the loser starts again. */
  const persist = async <R>(statement: Statement, first: () => Promise<pg.QueryResult>): Promise<R[]> => {
    const until = performance.now() + statementTimeout
    let run = first
    for (let attempt = 1; ; ) {
      try {
        return (await run()).rows
      } catch (error) {
        const isHeld = isLockTimeout(error) && performance.now() < until
        if (!isHeld && (!isRetryable(error) || attempt === attempts)) throw asProblem(error)
        if (!isHeld) await sleep(Math.random() * 5 * attempt++)
        run = isHeld ? () => inTurn(() => onPool(statement)) : () => onPool(statement)
      }
    }
  }

  const attempt = async <T>(work: (tx: Transaction) => Promise<T>, patience?: Statement): Promise<T> => {
    const client = await pool.connect()
    let broken: Error | undefined
    const started: Promise<unknown>[] = []
    const failures: unknown[] = []
    const start = async (statement: Statement): Promise<pg.QueryResult> => {
      const sent = send(client, statement, prepared(statement.name))
      const place = started.length
      const fail = (error: unknown): void => {
        failures[place] = error
      }
      started.push(sent.catch(fail))
      return await sent
    }
    try {
      const begun = start({ name: 'begin', tenant: null, text: 'begin', values: [] })
      begun.catch(() => {})
      if (patience) await start(patience)
      const result = await work({ run: async <R>(s: Statement) => (await start(s)).rows as R[] })
      await begun
      const end = await start({ name: 'commit', tenant: null, text: 'commit', values: [] })
      if (end.command !== 'COMMIT') throw new Error('the database rolled back instead of committing')
      return result
    } catch (error) {
      await Promise.all(started)
      // Statements that went out together all fail when one does: the first of them is the reason.
      const reason = isAborted(error) ? failures.find((one) => one !== undefined) : error
      await client.query('rollback').catch((e: Error) => {
        broken = e
      })
      send.forget(client)
      throw reason ?? error
    } finally {
      client.release(broken)
    }
  }

  return {
    read: (statement) => persist(statement, () => fullest(readers).run(statement)),
    readLast: (statement) => persist(statement, () => fullest(readers).run(statement, true)),
    run: (statement) => persist(statement, () => least(writers).run(statement)),
    query: (statement, until) => persist(statement, () => onPool(statement, until)),
    transact: async (work) => {
      let run = () => attempt(work)
      for (let n = 1; ; n++) {
        try {
          return await run()
        } catch (error) {
          if (!isRetryable(error) || n === attempts) throw asProblem(error)
          if (isLockTimeout(error)) run = () => inTurn(() => attempt(work, patiently))
          else await sleep(Math.random() * 10 * n)
        }
      }
    },
    ping: async () => {
      const ping: Statement = { name: 'ping', tenant: null, text: 'select 1', values: [] }
      await Promise.all(lines.map((line) => line.run(ping))).catch((error: unknown) => {
        throw asProblem(error)
      })
    },
    gauge: () => ({
      busy: pool.totalCount - pool.idleCount + lines.reduce((sum, line) => sum + line.pending(), 0),
      idle: pool.idleCount,
      waiting: pool.waitingCount,
    }),
    close: async () => {
      await Promise.allSettled([...lines.map((line) => line.close()), pool.end()])
      // The pool says goodbye and does not wait: a Postgres that is stopped next would tell of connections that it cut off.
      await Promise.race([Promise.all(connected.values()), sleep(goodbye, undefined, { ref: false })])
    },
  }
}
