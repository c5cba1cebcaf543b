/** The running Postgres: https://www.postgresql.org/docs/current/server-shutdown.html */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { readFileSync, readlinkSync, rmSync } from 'node:fs'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Log } from '../../base/log.ts'
import { program } from './binaries.ts'
import { nameForProgram, type Place, runProgram, spawnOptions } from './place.ts'

/** What `postmaster.pid` says; `status` is `ready` when connections are accepted. */
type PidFile = { readonly pid: number; readonly status: string }

const readPidFile = (data: string): PidFile | undefined => {
  try {
    const lines = readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')
    return { pid: Number(lines[0]), status: lines[7]?.trim() ?? '' }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

const isTaken = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

/** In a container nobody may collect a dead orphan: it keeps its number, but runs no more. */
const isZombie = (pid: number): boolean => {
  if (process.platform !== 'linux') return false
  try {
    return /\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const isAlive = (pid: number): boolean => isTaken(pid) && !isZombie(pid)

/** Whether the process is the Postgres of this directory and not one that got a dead one's number. */
const isPostmasterOf = (pid: number, data: string): boolean => {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/cwd`) === data
    if (process.platform === 'win32') return true
    return execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).includes(data)
  } catch {
    return false
  }
}

const waitForEnd = async (pid: number, milliseconds: number): Promise<boolean> => {
  for (let waited = 0; waited < milliseconds; waited += 10) {
    if (!isAlive(pid)) return true
    await sleep(10)
  }
  return !isAlive(pid)
}

/** A fast shutdown: transactions that run are rolled back, then a checkpoint. Immediate after a minute. */
const shutDown = async (place: Place, pid: number): Promise<void> => {
  if (process.platform === 'win32') {
    await runProgram(place, 'pg_ctl', ['stop', '-m', 'fast', '-t', '60', '-D', place.data]).catch(() => {})
    return
  }
  if (isAlive(pid)) process.kill(pid, 'SIGINT')
  if (await waitForEnd(pid, 60_000)) return
  process.kill(pid, 'SIGQUIT')
  await waitForEnd(pid, 10_000)
}

/** Stops a Postgres that outlived its Lamplight. The caller holds the lock of the folder. */
export const stopOrphan = async (place: Place, log: Log): Promise<void> => {
  const found = readPidFile(place.data)
  if (!found || !isTaken(found.pid)) return
  if (!isPostmasterOf(found.pid, place.data)) {
    rmSync(join(place.data, 'postmaster.pid'))
    return
  }
  log.warn({ postgres: found.pid }, 'stopping the Postgres that an earlier Lamplight left behind')
  await shutDown(place, found.pid)
}

const levels: Record<string, 'debug' | 'warn' | 'error' | 'fatal'> = {
  LOG: 'debug',
  WARNING: 'warn',
  ERROR: 'error',
  FATAL: 'warn',
  PANIC: 'fatal',
}

/** Passes Postgres's own lines on to our log and keeps the last few for an error message. */
const follow = (child: ChildProcess, log: Log): (() => string) => {
  let rest = ''
  let last: string[] = []
  child.stderr?.on('data', (chunk: Buffer) => {
    const lines = (rest + chunk.toString()).split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const level = levels[/^([A-Z]+):/.exec(line)?.[1] ?? ''] ?? 'debug'
      log[level]({ from: 'postgres' }, line)
    }
    last = [...last, ...lines].slice(-8)
  })
  return () => last.join(' ')
}

/** `ended` resolves, with a sentence for the log, when the process is gone for whatever reason. */
export type Postmaster = {
  readonly pid: number
  readonly ended: Promise<string>
  stop(): Promise<void>
  /** Asks for a fast shutdown and does not wait for it. */
  abandon(): void
}

const startTimeout = 120_000

/** Starts Postgres and waits until it accepts connections; recovery after a crash happens in between. */
export const startPostmaster = async (place: Place, args: string[], log: Log): Promise<Postmaster> => {
  // Of its own session, so that Ctrl-C in the terminal does not stop it before our requests are done.
  const child = spawn(program(place.binaries, 'postgres'), ['-D', nameForProgram(place), ...args], {
    ...spawnOptions(place),
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: process.platform !== 'win32',
  })
  const lastLines = follow(child, log)
  let gone = false
  const ended = new Promise<string>((done) => {
    const end = (why: string) => () => {
      gone = true
      done(why)
    }
    child.on('error', (error) => end(error.message)())
    child.on('close', (code, signal) => end(`ended with ${signal ?? code}`)())
    child.on('exit', (code, signal) => setTimeout(end(`ended with ${signal ?? code}`), 100).unref())
  })
  for (let waited = 0; waited < startTimeout && !gone; waited += 5) {
    const file = readPidFile(place.data)
    if (file?.pid === child.pid && file?.status === 'ready') {
      child.unref()
      ;(child.stderr as Socket).unref()
      return {
        pid: child.pid!,
        ended,
        stop: async () => {
          if (!gone) await shutDown(place, child.pid!)
        },
        abandon: () => {
          if (!gone) child.kill('SIGINT')
        },
      }
    }
    await sleep(5)
  }
  const why = gone ? await ended : `was not ready after ${startTimeout / 1000} s`
  if (!gone) child.kill('SIGQUIT')
  throw new Error(`Postgres ${why}. ${lastLines()}`)
}
