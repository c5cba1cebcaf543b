/** Several processes that share the port: the primary starts, replaces and drains them. https://nodejs.org/api/cluster.html */
import cluster, { type Worker } from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from './base/log.ts'
import type { Config } from './config.ts'
import { clusterExposition } from './http/metrics.ts'
import type { Spending } from './http/request-limits.ts'
import { type Serving, serve } from './serve.ts'
import { StartError } from './start-error.ts'
import { memory } from './store/embedded/settings.ts'
import type { ConnectionTarget } from './store/index.ts'
import { youngGeneration } from './young-generation.ts'

type ToWorker =
  | { readonly kind: 'start'; readonly target: ConnectionTarget }
  | { readonly kind: 'drain' }
  | { readonly kind: 'reload' }
  | { readonly kind: 'spent'; readonly spending: Spending }
  | { readonly kind: 'metrics'; readonly id: number; readonly text: string }
type ToPrimary =
  | { readonly kind: 'listening'; readonly port: number }
  | { readonly kind: 'refused'; readonly sentence: string }
  | { readonly kind: 'metrics'; readonly id: number }
  | { readonly kind: 'spent'; readonly spending: Spending }

/** A worker that lives shorter than this, in ms, counts as failed at its start; so many in a row end the server. */
const shortLife = 5000
const patience = 5

type Deps = { readonly config: Config; readonly log: Log; readonly target: ConnectionTarget }
type PrimaryDeps = Deps & { readonly giveUp: (sentence: string) => void }

/** Starts the workers and resolves when all listen. Throws a StartError when one cannot. */
export const startWorkers = async (deps: PrimaryDeps): Promise<Serving> => {
  const { config, log, giveUp } = deps
  const exposition = clusterExposition()
  let draining = false
  let failures = 0
  const { execArgv } = process
  cluster.setupPrimary({ execArgv: [...execArgv, ...youngGeneration(config.workers, memory(), execArgv)] })

  const start = (): Promise<number> => {
    const worker = cluster.fork()
    const begun = performance.now()
    send(worker, { kind: 'start', target: deps.target })
    return new Promise((resolve, reject) => {
      worker.on('message', (message: ToPrimary) => {
        if (message.kind === 'listening') resolve(message.port)
        else if (message.kind === 'refused') reject(new StartError(message.sentence))
        else if (message.kind === 'metrics') answerMetrics(worker, message.id, exposition)
        else if (message.kind === 'spent') tellOthers(worker, message)
      })
      worker.once('exit', (code, signal) => {
        reject(new StartError('A worker process ended while it was starting; the lines above say why.'))
        if (!draining && !starting) replace(begun, signal ?? `code ${code}`)
      })
    })
  }
  const replace = async (begun: number, why: string): Promise<void> => {
    failures = performance.now() - begun < shortLife ? failures + 1 : 1
    if (failures > patience) return giveUp(`Worker processes keep ending (${why}); the lines above say why.`)
    log.error({ why, failures }, 'a worker ended; starting another')
    await sleep(100 * 2 ** (failures - 1))
    if (draining) return
    await start().catch((error: Error) => {
      if (!draining) log.error(error.message)
    })
  }

  let starting = true
  const port = await start()
  await Promise.all(Array.from({ length: config.workers - 1 }, start))
  starting = false
  return {
    port,
    // No process of this one's own answers requests.
    learn: () => {},
    reload: () => {
      for (const worker of Object.values(cluster.workers ?? {})) send(worker!, { kind: 'reload' })
    },
    drain: async () => {
      draining = true
      await Promise.all(Object.values(cluster.workers ?? {}).map((worker) => drainWorker(worker!)))
    },
  }
}

const tellOthers = (teller: Worker, message: ToWorker): void => {
  for (const worker of Object.values(cluster.workers ?? {})) if (worker !== teller) send(worker!, message)
}

const send = (worker: Worker, message: ToWorker): void => {
  if (worker.isConnected()) worker.send(message, () => {})
}

const answerMetrics = async (
  worker: Worker,
  id: number,
  exposition: () => Promise<string>,
): Promise<void> => {
  const text = await exposition().catch(() => '# The metrics of some worker did not arrive in time.\n')
  send(worker, { kind: 'metrics', id, text })
}

const drainWorker = (worker: Worker): Promise<void> =>
  new Promise((resolve) => {
    worker.once('exit', () => resolve())
    send(worker, { kind: 'drain' })
  })

/** Kills all workers at once. */
export const killWorkers = (): void => {
  for (const worker of Object.values(cluster.workers ?? {})) worker?.process.kill('SIGKILL')
}

/** The life of a worker process: waits for its orders. Node ends it when the primary is gone. */
export const work = (config: Config, log: Log): void => {
  // Ctrl-C reaches every process of the terminal; when to stop is the primary's decision.
  process.on('SIGINT', () => {})
  process.on('SIGTERM', () => {})
  process.on('SIGHUP', () => {})
  const waiting = new Map<number, (text: string) => void>()
  let next = 0
  const exposition = () =>
    new Promise<string>((resolve) => {
      waiting.set(next, resolve)
      tell({ kind: 'metrics', id: next++ })
    })
  let serving: Serving | undefined
  process.on('message', async (message: ToWorker) => {
    if (message.kind === 'start') {
      serving = await begin({ config, log, target: message.target }, exposition)
    } else if (message.kind === 'metrics') {
      waiting.get(message.id)?.(message.text)
      waiting.delete(message.id)
    } else if (message.kind === 'spent') {
      serving?.learn(message.spending)
    } else if (message.kind === 'reload') {
      serving?.reload()
    } else if (message.kind === 'drain') {
      await serving?.drain()
      process.exit(0)
    }
  })
}

const begin = async (deps: Deps, exposition: () => Promise<string>): Promise<Serving | undefined> => {
  try {
    const serving = await serve({
      ...deps,
      exposition,
      share: (spending) => tell({ kind: 'spent', spending }),
    })
    tell({ kind: 'listening', port: serving.port })
    return serving
  } catch (error) {
    if (!(error instanceof StartError)) throw error
    tell({ kind: 'refused', sentence: error.message })
    return undefined
  }
}

const tell = (message: ToPrimary): void => {
  process.send?.(message)
}
