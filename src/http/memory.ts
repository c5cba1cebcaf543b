/** What all requests of a process may hold at a time: their bodies, and answers that are large. */
import { unavailable } from '../base/problem.ts'

/** What one request holds of it, in bytes. */
export type Hold = {
  /** False when there is not enough left; then nothing is taken. */
  take(bytes: number): boolean
  /** Gives all of it back. */
  release(): void
}

export type Memory = {
  hold(): Hold
  /** Bytes in use. */
  used(): number
}

export const createMemory = (total: number): Memory => {
  let used = 0
  return {
    used: () => used,
    hold: () => {
      let held = 0
      return {
        take: (bytes) => {
          if (used + bytes > total) return false
          used += bytes
          held += bytes
          return true
        },
        release: () => {
          used -= held
          held = 0
        },
      }
    },
  }
}

/** 503: others hold what there is. */
export const outOfMemory = () =>
  unavailable(
    'This server holds as many large requests and answers as it may at a time. Send the request again in a moment, or in smaller parts.',
    1,
  )
