/** Ends connections whose clients do not read their answers, which would be kept for them for ever. */
import type { ServerResponse } from 'node:http'

export type SlowReaders = {
  /** Watches an answer until `forget` is called. */
  watch(response: ServerResponse): void
  forget(response: ServerResponse): void
  close(): void
}

/** How often is looked, in ms. */
const lookEvery = 1000

/** Who takes longer than the timeout must read at least so many bytes a second on the average. */
const slowest = 4096

/** An answer that is on its way, and the latest moment (ms) by which it must have arrived; none while it is made. */
type Leaving = { readonly until: number }

/** `timeout` in ms: for so long a client may read nothing at all. */
export const createSlowReaders = (timeout: number): SlowReaders => {
  const open = new Map<ServerResponse, Leaving | undefined>()
  const look = (): void => {
    const now = performance.now()
    for (const [response, leaving] of open) {
      if (leaving === undefined || (leaving.until === Number.POSITIVE_INFINITY && response.writableEnded)) {
        if (isWaiting(response)) open.set(response, begin(response, now))
      } else if (now > leaving.until) response.destroy()
    }
  }
  const begin = (response: ServerResponse, now: number): Leaving => {
    // The socket's own clock starts anew with every packet that the client takes.
    response.setTimeout(timeout, () => response.destroy())
    if (!response.writableEnded) return { until: Number.POSITIVE_INFINITY }
    return { until: now + timeout + (response.writableLength / slowest) * 1000 }
  }
  const timer = setInterval(look, Math.min(lookEvery, timeout))
  timer.unref()
  return {
    watch: (response) => {
      open.set(response, undefined)
    },
    forget: (response) => {
      open.delete(response)
    },
    close: () => clearInterval(timer),
  }
}

/** Whether everything that there is to be sent has been handed over, and the client has not taken it yet. */
const isWaiting = (response: ServerResponse): boolean =>
  !response.writableFinished && (response.writableEnded || response.writableNeedDrain)
