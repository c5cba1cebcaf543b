/** Brings what other processes change to this one: at once by notice, and every few seconds by looking. */
import type { Log } from '../../base/log.ts'
import type { Listener } from '../../store/index.ts'
import type { PostedDefinitions } from './model.ts'

const every = 5000

/** Watches until it is told to stop; `build` is called when there is something to build. */
export const watchDefinitions = (
  posted: PostedDefinitions,
  listen: (heard: Listener) => () => Promise<void>,
  build: () => void,
  log: Log,
): (() => Promise<void>) => {
  let running: Promise<unknown> = Promise.resolve()
  const attempt = (work: () => Promise<unknown>): void => {
    running = work().catch((error: Error) => {
      log.warn({ err: { message: error.message } }, 'the definitions could not be read; trying again')
    })
  }
  const stop = listen({
    notice: (text) => {
      const [word, tenant] = text.split(' ')
      if (word === 'build') build()
      if (word === 'definitions' && posted.loaded(Number(tenant))) attempt(() => posted.learn(Number(tenant)))
    },
    again: () => {
      attempt(posted.catchUp)
      build()
    },
  })
  const timer = setInterval(() => attempt(posted.catchUp), every)
  timer.unref()
  return async () => {
    clearInterval(timer)
    await stop()
    await running
  }
}
