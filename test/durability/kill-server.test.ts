/** Nothing acknowledged is lost when the server is killed, and its Postgres is taken over from the dead. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import { startServer } from '../support/server.ts'
import { rounds, survive } from './rounds.ts'

t.setTimeout(0)

t.test(`kill -9 of the server, ${rounds} rounds`, { timeout: 0 }, async (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-durability-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  const start = () => startServer(t, { env: { LAMPLIGHT_DATA: folder } })
  let server = await start()
  await survive(
    t,
    server.base,
    () => server.kill('SIGKILL'),
    async () => {
      server = await start()
      return server.base
    },
  )
  t.equal(await server.stop(), 0, 'it stops cleanly in the end')
})
