/** Lets a few in at a time: who waits for a row must not take every connection from those who do not. */
import { unavailable } from '../base/problem.ts'

/** `enter` resolves in the order of arrival with what gives the place back. Throws 503 after `patience` ms. */
export type Turnstile = { enter(): Promise<() => void> }

export const createTurnstile = (places: number, patience: number): Turnstile => {
  const queue: (() => void)[] = []
  let free = places

  const leave = (): void => {
    const next = queue.shift()
    if (next) next()
    else free++
  }
  const wait = (): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const take = (): void => {
        clearTimeout(timer)
        resolve(leave)
      }
      const giveUp = (): void => {
        queue.splice(queue.indexOf(take), 1)
        reject(unavailable('Too many requests wait for the same resources; try again in a moment.', 2))
      }
      const timer = setTimeout(giveUp, patience)
      queue.push(take)
    })

  return {
    enter: () => {
      if (free === 0) return wait()
      free--
      return Promise.resolve(leave)
    },
  }
}
