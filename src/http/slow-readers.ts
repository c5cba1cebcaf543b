/** Ends connections whose clients do not read their answers, which would be kept for them for ever. */
import type { ServerResponse } from 'node:http'

export type SlowReaders = {
  /** Watches an answer until it is forgotten. */
  watch(response: ServerResponse): Watched
  close(): void
}

export type Watched = { forget(): void }

/** How often is looked, in ms. */
const lookEvery = 1000

/** Who takes longer than the timeout must read at least so many bytes a second on the average. */
const slowest = 4096

/**
 * An answer that is on its way, in a ring with the others. A Map that so much goes through leaves its outgrown tables
 * behind, each of which keeps what was in it, and the next one, until all memory is searched: the answers of half of all
 * requests, with all that belongs to them.
 */
class Leaving implements Watched {
  response: ServerResponse | undefined
  /** The latest moment (ms) by which it must have arrived; none while it is made. */
  until: number | undefined
  before: Leaving = this
  after: Leaving = this

  constructor(response: ServerResponse | undefined) {
    this.response = response
  }

  add(other: Leaving): void {
    other.before = this.before
    other.after = this
    this.before.after = other
    this.before = other
  }

  forget(): void {
    this.before.after = this.after
    this.after.before = this.before
    this.before = this
    this.after = this
    this.response = undefined
  }
}

/** `timeout` in ms: for so long a client may read nothing at all. */
export const createSlowReaders = (timeout: number): SlowReaders => {
  const ring = new Leaving(undefined)
  const look = (): void => {
    const now = performance.now()
    for (let one = ring.after; one !== ring; ) {
      // Whoever is destroyed is forgotten.
      const { after } = one
      lookAt(one, now)
      one = after
    }
  }
  const lookAt = (one: Leaving, now: number): void => {
    const { until, response } = one
    if (response === undefined) return
    if (until === undefined || (until === Number.POSITIVE_INFINITY && response.writableEnded)) {
      if (isWaiting(response)) one.until = begin(response, now)
    } else if (now > until) response.destroy()
  }
  const begin = (response: ServerResponse, now: number): number => {
    // The socket's own clock starts anew with every packet that the client takes.
    response.setTimeout(timeout, () => response.destroy())
    if (!response.writableEnded) return Number.POSITIVE_INFINITY
    return now + timeout + (response.writableLength / slowest) * 1000
  }
  const timer = setInterval(look, Math.min(lookEvery, timeout))
  timer.unref()
  return {
    watch: (response) => {
      const watched = new Leaving(response)
      ring.add(watched)
      return watched
    },
    close: () => clearInterval(timer),
  }
}

/** Whether everything that there is to be sent has been handed over, and the client has not taken it yet. */
const isWaiting = (response: ServerResponse): boolean =>
  !response.writableFinished && (response.writableEnded || response.writableNeedDrain)
