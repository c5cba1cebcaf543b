import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import t, { type Test } from 'tap'

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url))
const posix = process.platform !== 'win32'

/** One database for all: making it takes longest. */
const folder = mkdtempSync(join(tmpdir(), 'lamplight-end-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true, maxRetries: 20 }))

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    return !existsSync(`/proc/${pid}/stat`) || !/\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}

const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await sleep(20)
}

/** A server on a Postgres of its own, started by `command`; the number of its Postgres once that is known. */
const begin = (t: Test, command: string, args: string[], env: Record<string, string> = {}) => {
  const child = spawn(command, args, {
    env: { PATH: process.env.PATH, PORT: '0', WORKERS: '2', LAMPLIGHT_DATA: folder, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  t.teardown(() => {
    try {
      process.kill(-child.pid!, 'SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  })
  let output = ''
  child.stdout!.on('data', (chunk: Buffer) => {
    output += chunk
  })
  const file = join(folder, 'postgres', 'data', 'postmaster.pid')
  return {
    child,
    says: (words: string) => until(() => output.includes(words)),
    postgres: async (): Promise<number> => {
      await until(() => existsSync(file) && readFileSync(file, 'utf8').includes('\n'))
      return Number(readFileSync(file, 'utf8').split('\n')[0])
    },
  }
}

const end = (child: ChildProcess) =>
  new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)))

t.test('a signal during the start leaves no Postgres behind', { skip: !posix }, async (t) => {
  const { child, postgres } = begin(t, process.execPath, [main])
  const pid = await postgres()
  const ended = end(child)
  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.notOk(isAlive(pid))
})

t.test('a second signal at once is the same wish', { skip: !posix }, async (t) => {
  const { child, says, postgres } = begin(t, process.execPath, [main])
  await says('Lamplight is ready')
  const pid = await postgres()
  const ended = end(child)
  child.kill('SIGINT')
  child.kill('SIGTERM')
  t.equal(await ended, 0)
  t.notOk(isAlive(pid))
})

t.test('the server ends when the shell of npm is gone', { skip: !posix }, async (t) => {
  const shell = `'${process.execPath}' '${main}'; exit $?`
  const { child, says, postgres } = begin(t, 'sh', ['-c', shell], { npm_lifecycle_event: 'start' })
  await says('Lamplight is ready')
  const pid = await postgres()
  child.kill('SIGTERM')
  await until(() => !isAlive(pid))
  t.pass('Postgres is stopped')
})
