/** Lets other requests run in between the work on a large Bundle. */
import { setImmediate as nextTurn } from 'node:timers/promises'

/** Milliseconds of uninterrupted work. */
const longest = 8

/** Gives other requests a turn: undefined when there is nothing to wait for. */
export type Breath = () => Promise<unknown> | undefined

/** Called between pieces of work: gives the event loop a turn when enough time has passed, else nothing to wait for. */
export const createBreath = (): Breath => {
  let since = performance.now()
  return () => {
    if (performance.now() - since < longest) return undefined
    return nextTurn().then(() => {
      since = performance.now()
    })
  }
}
