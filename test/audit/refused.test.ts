import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import type { AuditEvent } from 'fhir/r4.js'
import t from 'tap'
import type { AuditedEvent } from '../../src/audit/event.ts'
import { resourceOf } from '../../src/audit/resource.ts'
import { createLog } from '../../src/base/log.ts'
import { createAuditLog, createDatabase, rowSecurityOf } from '../../src/store/index.ts'
import { database } from '../support/postgres.ts'
import { startServer } from '../support/server.ts'
import { urlOf } from '../support/url.ts'

const command = fileURLToPath(new URL('../../src/audit-command.ts', import.meta.url))

t.setTimeout(0)

t.test('what is refused at the door is on record, and no token with it', { timeout: 0 }, async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'lamplight-audit-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const target = await database(t)
  const env = { DATABASE_URL: urlOf(target), LAMPLIGHT_DATA: folder, LAMPLIGHT_AUTHORIZATION: 'on' }
  const server = await startServer(t, { env })
  const secret = 'eyJhbGciOiJub25lIn0.secret.token'
  const get = (path: string, headers: Record<string, string> = {}) =>
    fetch(`${server.base}${path}`, { headers }).then(({ status }) => status)
  t.equal(await get('/Patient/1'), 401)
  t.equal(await get('/Patient?name=x', { authorization: `Bearer ${secret}`, 'x-request-id': 'mine' }), 401)
  t.equal(await get('/metadata'), 200)
  await server.stop()

  const log = createLog('silent')
  const settings = { lines: 1, pool: 2, statementTimeout: 30_000, log }
  const opened = createDatabase({ target, security: await rowSecurityOf(target), ...settings })
  t.teardown(() => opened.close())
  const found = await createAuditLog(opened).find(1, [{ kind: 'is', column: 'type', any: ['rest'] }], {
    order: 'at',
    ascending: true,
    limit: 10,
  })
  const events: AuditEvent[] = found.map(({ content }) => resourceOf(JSON.parse(content) as AuditedEvent))
  t.match(events, [
    { subtype: [{ code: 'read' }], action: 'R', outcome: '8' },
    { subtype: [{ code: 'search-type' }], action: 'E', outcome: '8' },
  ])
  t.equal(events.length, 2, 'and nothing of what is open to all')
  t.match(events[0]?.agent[0], {
    who: { identifier: { value: 'anonymous' } },
    network: { address: '127.0.0.1' },
  })
  t.notMatch(JSON.stringify(found), 'secret')
  t.match(JSON.stringify(events[1]), '"value":"mine"')

  const run = promisify(execFile)
  const { stdout } = await run(process.execPath, [command, 'verify'], { env: { ...process.env, ...env } })
  t.match(stdout, /^Tenant 1 \(default\): \d+ events checked\. The chain holds\./)
})
