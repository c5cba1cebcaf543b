/** The real server as a process of its own, so that a test can kill it. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { Test } from 'tap'

/** Variables of the server go into `env`; `PORT` is 0 (a free one) and `WORKERS` 1 unless it says otherwise. */
export type ServerOptions = { readonly env: Readonly<Record<string, string>> }

export type Server = {
  /** URL of the FHIR endpoint, without trailing slash. */
  readonly base: string
  readonly pid: number
  /** Sends a signal to the server and its workers (not to its Postgres) and waits until it is gone. */
  kill(signal: NodeJS.Signals): Promise<void>
  /** SIGTERM; resolves with the exit code. */
  stop(): Promise<number | null>
  /** What it printed so far. */
  output(): string
}

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
const readyLine = /Lamplight is ready at (http:\/\/\S+)/
const startTimeout = 60_000

const environment = (env: Readonly<Record<string, string>>): Record<string, string> => ({
  PATH: process.env.PATH ?? '',
  HOST: '127.0.0.1',
  PORT: '0',
  WORKERS: '1',
  LOG_LEVEL: 'warn',
  LAMPLIGHT_REHEARSAL: 'false',
  // A test about authorization says otherwise.
  LAMPLIGHT_AUTHORIZATION: 'off',
  ...env,
})

const untilReady = (child: ChildProcess, output: () => string): Promise<string> =>
  new Promise((done, fail) => {
    const give = (why: string): void => fail(new Error(`the server ${why}:\n${output()}`))
    const timer = setTimeout(() => give(`was not ready after ${startTimeout / 1000} s`), startTimeout)
    const look = (): void => {
      const base = readyLine.exec(output())?.[1]
      if (base) {
        clearTimeout(timer)
        done(base.replace(/\/$/, ''))
      }
    }
    child.stdout?.on('data', look)
    child.once('exit', (code, signal) => {
      clearTimeout(timer)
      give(`ended with ${signal ?? code}`)
    })
  })

/** Starts the server and waits until it is ready; the test's end stops it at the latest. */
export const startServer = async (t: Test, { env }: ServerOptions): Promise<Server> => {
  const child = spawn(process.execPath, [main], {
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  let text = ''
  const collect = (chunk: Buffer): void => {
    text = (text + chunk.toString()).slice(-100_000)
  }
  child.stdout.on('data', collect)
  child.stderr.on('data', collect)
  const gone = new Promise<number | null>((done) => child.once('exit', (code) => done(code)))
  const signalAll = (signal: NodeJS.Signals): void => {
    try {
      process.kill(-child.pid!, signal)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
    }
  }
  const stop = async (): Promise<number | null> => {
    child.kill('SIGTERM')
    return await gone
  }
  t.teardown(stop)
  const base = await untilReady(child, () => text)
  return {
    base,
    pid: child.pid!,
    kill: async (signal) => {
      signalAll(signal)
      await gone
    },
    stop,
    output: () => text,
  }
}

/** A token for everything, as `npm run token` prints it for the server with these variables. */
export const tokenOf = (env: Readonly<Record<string, string>>): string => {
  const file = fileURLToPath(new URL('../../src/token.ts', import.meta.url))
  return execFileSync(process.execPath, [file], { env: environment(env), encoding: 'utf8' }).trim()
}
