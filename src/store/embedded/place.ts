/** Everything the programs need to know to run on one data directory. */
import { spawn } from 'node:child_process'
import { type Account, asAccount, isReachable } from './account.ts'
import { type Binaries, program } from './binaries.ts'

/** `data` is the absolute path of the data directory. */
export type Place = {
  readonly binaries: Binaries
  readonly account: Account | undefined
  readonly data: string
}

/**
 * How a program under the account names the data directory. Where folders above it are closed to the account (a clone
 * under /root), the directory is entered before the privileges are dropped and named by where the process stands.
 */
export const nameForProgram = ({ account, data }: Place): string => {
  if (isReachable(data, account)) return data
  if (process.platform === 'linux') return '/proc/self/cwd'
  throw new Error(
    `Postgres has to run as ${account?.name}, who cannot reach ${data}. Set LAMPLIGHT_DATA to a folder that everybody may enter, or start Lamplight as an ordinary user.`,
  )
}

/** Options of `spawn` for every program: its account, standing in the data directory, messages in English, no PG* variables of ours. */
export const spawnOptions = ({ account, data }: Place) => ({
  ...asAccount(account),
  cwd: data,
  env: { LC_ALL: 'C' },
  windowsHide: true,
})

/** Runs a program to its end; throws what it said when it fails. */
export const runProgram = (place: Place, name: string, args: string[], input = ''): Promise<string> =>
  new Promise((done, fail) => {
    const child = spawn(program(place.binaries, name), args, spawnOptions(place))
    let text = ''
    const collect = (chunk: Buffer): void => {
      text = (text + chunk.toString()).slice(-4000)
    }
    child.stdout.on('data', collect)
    child.stderr.on('data', collect)
    child.stdin.on('error', () => {})
    child.on('error', fail)
    child.on('close', (code) =>
      code === 0 ? done(text) : fail(new Error(`${name} failed (${code}): ${text.trim()}`)),
    )
    child.stdin.end(input)
  })
