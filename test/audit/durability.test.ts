import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AuditEvent, Bundle } from 'fhir/r4.js'
import t, { type Test } from 'tap'
import { openSigning } from '../../src/audit/signing.ts'
import { verify } from '../../src/audit/verify.ts'
import { createLog } from '../../src/base/log.ts'
import { createAuditLog, createDatabase, rowSecurityOf } from '../../src/store/index.ts'
import { database } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import { urlOf } from '../support/url.ts'

const folderOf = async (t: Test): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'lamplight-audit-'))
  t.teardown(() => rm(folder, { recursive: true }))
  return folder
}

const envOf = (url: string, folder: string): Record<string, string> => ({
  DATABASE_URL: url,
  LAMPLIGHT_DATA: folder,
  LAMPLIGHT_AUTHORIZATION: 'off',
  WORKERS: '2',
})

/** Writes until the server is gone, and adds the ids of what was acknowledged. */
const hammer = async (base: string, acknowledged: string[], isOver: () => boolean): Promise<void> => {
  const client = async (): Promise<void> => {
    while (!isOver()) {
      const answer = await fetch(`${base}/Patient`, {
        method: 'POST',
        headers: { 'content-type': 'application/fhir+json' },
        body: JSON.stringify({ resourceType: 'Patient', name: [{ family: 'Test' }] }),
      }).catch(() => undefined)
      if (answer?.status !== 201) continue
      const { id } = (await answer.json()) as { id: string }
      acknowledged.push(id)
    }
  }
  await Promise.all(Array.from({ length: 8 }, client))
}

t.setTimeout(0)

t.test(
  'nothing is acknowledged that is not on record, whenever the server is killed',
  { timeout: 0 },
  async (t) => {
    const folder = await folderOf(t)
    const target = await database(t)
    const env = envOf(urlOf(target), folder)
    const acknowledged: string[] = []
    for (const enough of [40, 150]) {
      const server = await startServer(t, { env })
      let isOver = false
      const running = hammer(server.base, acknowledged, () => isOver)
      while (acknowledged.length < enough) await new Promise((done) => setTimeout(done, 20))
      await server.kill('SIGKILL')
      isOver = true
      await running
    }
    const server = await startServer(t, { env })
    const isFound = async (id: string): Promise<boolean> => {
      const answer = await fetch(`${server.base}/AuditEvent?subtype=create&patient=${id}&_summary=count`)
      return ((await answer.json()) as Bundle).total === 1
    }
    // What dead processes left is brought into the database in the background.
    for (let round = 0; round < 60 && !(await isFound(acknowledged.at(-1) ?? '')); round++)
      await new Promise((done) => setTimeout(done, 500))
    t.comment(`${acknowledged.length} writes were acknowledged`)
    const lost: string[] = []
    for (const id of acknowledged) {
      const answer = await fetch(`${server.base}/AuditEvent?subtype=create&patient=${id}`)
      const { entry = [] } = (await answer.json()) as Bundle<AuditEvent>
      if (entry.length !== 1) lost.push(`${id}: ${entry.length}`)
    }
    t.same(lost, [])
    await server.stop()
    const log = createLog('silent')
    const security = await rowSecurityOf(target)
    const opened = createDatabase({ target, security, lines: 1, pool: 2, statementTimeout: 30_000, log })
    t.teardown(() => opened.close())
    const audit = createAuditLog(opened)
    const verdict = await verify({ audit, signing: await openSigning(folder), folder }, 1)
    t.match(verdict, { broken: undefined })
    t.ok(verdict.checked >= acknowledged.length)
  },
)
