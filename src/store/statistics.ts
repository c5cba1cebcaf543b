/** Keeps the planner's statistics fresh where much was written at once: autovacuum alone may take its time. */
import type { Log } from '../base/log.ts'
import type { Database } from './database.ts'

/** Looks once. */
export const freshen = async (database: Database): Promise<void> => {
  await database.query({ name: '', tenant: null, text: 'select refresh_statistics()', values: [] })
}

/** Looks every so many ms until it is told to stop. */
export const keepFresh = (database: Database, log: Log, every = 30_000): (() => Promise<void>) => {
  let running: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    try {
      await freshen(database)
    } catch (error) {
      log.warn({ err: { message: (error as Error).message } }, 'the statistics could not be renewed')
    }
  }
  const timer = setInterval(() => {
    running = running.then(look)
  }, every)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await running
  }
}
