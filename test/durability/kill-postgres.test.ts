/** Nothing acknowledged is lost when Postgres is killed; the server stays up and goes on when it is back. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import t from 'tap'
import { startServer } from '../support/server.ts'
import { ask } from './client.ts'
import { rounds, survive } from './rounds.ts'

t.setTimeout(0)

/** The process id, undefined while there is none. */
const postmaster = (folder: string): number | undefined => {
  const file = join(folder, 'postgres', 'data', 'postmaster.pid')
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : undefined
}

/** Ready as a load balancer sees it. */
const isReady = async (base: string): Promise<boolean> => {
  const answer = await ask(new URL('/health/ready', base).href).catch(() => undefined)
  return answer?.status === 200
}

t.test(`kill -9 of Postgres, ${rounds} rounds`, { timeout: 0 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-durability-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const server = await startServer(t, { env: { LAMPLIGHT_DATA: folder, LOG_LEVEL: 'fatal' } })
  let before: number | undefined
  const recover = async (): Promise<string> => {
    for (let n = 0; n < 1000; n++) {
      const now = postmaster(folder)
      if (now !== undefined && now !== before && (await isReady(server.base))) return server.base
      await sleep(20)
    }
    throw new Error(`the server did not recover:\n${server.output()}`)
  }
  const crash = async (round: number): Promise<void> => {
    before = postmaster(folder)!
    // Only the postmaster, or at once with all of its backends (it leads their process group).
    process.kill(round % 2 === 0 ? -before : before, 'SIGKILL')
    await sleep(30)
  }
  await survive(t, server.base, crash, recover)
  t.equal(await server.stop(), 0, 'it stops cleanly in the end')
})
