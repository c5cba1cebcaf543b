/** Lets other requests run in between the work on a large Bundle. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds of uninterrupted work. */
const longest = 8

/** Called between pieces of work: gives the event loop a turn when enough time has passed, else nothing to wait for. */
export const createBreath = (): (() => Promise<unknown> | undefined) => {
  let since = performance.now()
  return () => {
    if (performance.now() - since < longest) return undefined
    return nextTurn().then(() => {
      since = performance.now()
    })
  }
}
