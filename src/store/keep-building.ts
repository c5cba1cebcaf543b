/** Builds index rows whenever there are some to build, until it is told to stop; other processes may do it as well. */
import type { Log } from '../base/log.ts'
import type { IndexBuilds, RowsOf, Step } from './index-build.ts'
import { StaleDefinitions } from './stale.ts'

export type Builder = {
  /** There is something to build. */
  wake(): void
  stop(): Promise<void>
}

/** How long to rest after a step, in ms: requests come first. */
const rests: Record<Step, number> = { more: 2, waiting: 50, busy: 1000, finished: 5000 }

/** After a failure, in ms. */
const pause = 10_000

export const keepBuilding = (builds: IndexBuilds, rowsOf: RowsOf, log: Log): Builder => {
  let stopped = false
  let woken = false
  let wake = (): void => {}
  const rest = (ms: number): Promise<void> =>
    new Promise((resolve) => {
      if (woken) return resolve()
      const timer = setTimeout(resolve, ms)
      timer.unref()
      wake = () => {
        clearTimeout(timer)
        resolve()
      }
    })
  let isBuilding = false
  const say = (now: boolean): void => {
    if (now === isBuilding) return
    isBuilding = now
    log.info(now ? 'index rows of stored resources are being built' : 'index rows are built')
  }
  const once = async (): Promise<number> => {
    try {
      const step = await builds.step(rowsOf)
      if (step !== 'busy') say(step !== 'finished')
      return rests[step]
    } catch (error) {
      if (error instanceof StaleDefinitions) return rests.waiting
      const { message } = error as Error
      if (!stopped) log.error({ err: { message } }, 'index rows could not be built; trying again')
      return pause
    }
  }
  const running = (async () => {
    while (!stopped) {
      woken = false
      const ms = await once()
      if (!stopped) await rest(ms)
    }
  })()
  return {
    wake: () => {
      woken = true
      wake()
    },
    stop: async () => {
      stopped = true
      woken = true
      wake()
      await running
    },
  }
}
