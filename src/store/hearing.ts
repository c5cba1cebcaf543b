/** One connection that listens, for everybody in this process who has to hear of changes. */
import type { Log } from '../base/log.ts'
import type { ConnectionTarget } from './connection.ts'
import { type Listener, listen } from './listening.ts'

type Hearing = {
  /** Gives the function that ends it. */
  listen(heard: Listener): () => Promise<void>
  stop(): Promise<void>
}

export const hear = (target: ConnectionTarget, log: Log): Hearing => {
  const listeners = new Set<Listener>()
  let isThere = false
  const stop = listen(
    target,
    {
      notice: (text) => {
        for (const one of listeners) one.notice(text)
      },
      again: () => {
        isThere = true
        for (const one of listeners) one.again()
      },
    },
    log,
  )
  return {
    listen: (heard) => {
      listeners.add(heard)
      if (isThere) heard.again()
      return async () => {
        listeners.delete(heard)
      }
    },
    stop,
  }
}
