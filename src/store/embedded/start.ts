/** An embedded Postgres in a data folder: one call starts it, recovers it, and keeps it running until it is stopped. */
import { mkdirSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../base/log.ts'
import { chooseAccount } from './account.ts'
import { readyBinaries } from './binaries.ts'
import { createCluster, hasCluster, owner } from './cluster.ts'
import { type Endpoint, endpointFor } from './endpoint.ts'
import { lockFolder } from './lock.ts'
import type { Place } from './place.ts'
import { type Postmaster, startPostmaster, stopOrphan } from './postmaster.ts'
import { type Settings, settingArguments, settingsFor } from './settings.ts'
import { createTemporary, type Temporary } from './temporary.ts'

/** How to connect, as the driver takes it; `host` is the folder of the socket where the platform has sockets. */
export type EmbeddedConnection = {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  readonly password?: string
}

/** `folder` is made when absent, such as `.lamplight/postgres`. `settings` go over the default ones. */
export type EmbeddedOptions = {
  readonly folder: string
  readonly log: Log
  readonly cores: number
  readonly settings?: Settings
  /** Told when Postgres ended by itself, before it is started again. */
  readonly onExit?: (why: string) => void
}

export type Embedded = {
  readonly connection: EmbeddedConnection
  /** The process id of Postgres, a new one after each recovery. */
  readonly pid: number
  /** Fast shutdown and the end of the lock on the folder. */
  stop(): Promise<void>
}

/** Backends of a killed Postgres may need a moment to notice; until then the data is theirs. */
const isStillUsed = (error: unknown): boolean => /shared memory block/.test((error as Error).message)

const startPatiently = async (place: Place, args: string[], log: Log): Promise<Postmaster> => {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startPostmaster(place, args, log)
    } catch (error) {
      if (!isStillUsed(error) || attempt === 100) throw error
      await sleep(100)
    }
  }
}

const longestPause = 10_000

/** Starts Postgres again whenever it ends by itself, at first at once, then after longer and longer pauses. */
const keepRunning = (first: Postmaster, start: () => Promise<Postmaster>, options: EmbeddedOptions) => {
  const { log, onExit } = options
  let current: Postmaster = first
  let stopping = false
  let restart: Promise<void> = Promise.resolve()

  const again = async (why: string): Promise<void> => {
    log.error({ postgres: current.pid }, `Postgres ${why}; starting it again`)
    onExit?.(why)
    for (let pause = 100; !stopping; pause = Math.min(pause * 2, longestPause)) {
      try {
        current = await start()
        watch(current)
        return
      } catch (error) {
        log.error({ err: error }, `Postgres did not start; trying again in ${pause} ms`)
        await sleep(pause)
      }
    }
  }
  const watch = (postmaster: Postmaster): void => {
    postmaster.ended.then((why) => {
      if (!stopping) restart = again(why)
    })
  }
  // Whoever leaves without stopping (an error, process.exit) must not leave Postgres behind.
  const leave = (): void => {
    stopping = true
    current.abandon()
  }
  watch(first)
  process.once('exit', leave)
  return {
    pid: () => current.pid,
    stop: async () => {
      stopping = true
      await restart
      await current.stop()
      process.off('exit', leave)
    },
  }
}

const prepare = async (folder: string, temporary: Temporary, options: EmbeddedOptions) => {
  const data = join(folder, 'data')
  const account = chooseAccount(data)
  const binaries = readyBinaries(account, temporary)
  const place: Place = { binaries, account, data }
  const exists = hasCluster(place)
  const endpoint: Endpoint = await endpointFor(place, temporary, folder)
  if (!exists) {
    options.log.info({ folder, version: binaries.version }, 'making a new database')
    await createCluster(place, endpoint.password)
  }
  await stopOrphan(place, options.log)
  return { place, endpoint }
}

const startLocked = async (
  folder: string,
  options: EmbeddedOptions,
  release: () => Promise<void>,
): Promise<Embedded> => {
  const temporary = createTemporary(folder)
  process.once('exit', temporary.remove)
  const leave = async (): Promise<void> => {
    process.off('exit', temporary.remove)
    temporary.remove()
    await release()
  }
  try {
    const { place, endpoint } = await prepare(folder, temporary, options)
    const args = settingArguments({
      ...settingsFor(options.cores),
      ...options.settings,
      ...endpoint.settings,
    })
    const start = () => startPatiently(place, args, options.log)
    const running = keepRunning(await start(), start, options)
    const { host, port, password } = endpoint
    const stop = async (): Promise<void> => {
      await running.stop()
      await leave()
    }
    let stopped: Promise<void> | undefined
    return {
      connection: {
        host,
        port,
        user: owner,
        database: owner,
        ...(password === undefined ? {} : { password }),
      },
      get pid() {
        return running.pid()
      },
      stop: () => {
        stopped ??= stop()
        return stopped
      },
    }
  } catch (error) {
    await leave()
    throw error
  }
}

/** Starts Postgres on the folder. Throws an Error with a sentence for the person at the terminal. */
export const startEmbedded = async (options: EmbeddedOptions): Promise<Embedded> => {
  mkdirSync(options.folder, { recursive: true })
  const folder = realpathSync(options.folder)
  const lock = await lockFolder(folder)
  return await startLocked(folder, options, lock.release)
}
