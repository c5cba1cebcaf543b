import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import t, { type Test } from 'tap'
import type { Happening } from '../../src/access/happening.ts'
import { internal } from '../../src/access/principal.ts'
import { anchor, beginAnew } from '../../src/audit/anchors.ts'
import { openAudit } from '../../src/audit/index.ts'
import { retire } from '../../src/audit/retention.ts'
import { openSigning } from '../../src/audit/signing.ts'
import { verify } from '../../src/audit/verify.ts'
import { createLog } from '../../src/base/log.ts'
import { clientConfig } from '../../src/store/connection.ts'
import { type ConnectionTarget, createAuditLog, createDatabase } from '../../src/store/index.ts'
import { database as freshDatabase } from '../support/postgres.ts'

const log = createLog('silent')
const origin = (at = Date.now(), tenant = 1) => ({
  tenant,
  at,
  who: internal,
  trace: '0'.repeat(32),
  base: 'http://test.example/fhir',
})
const reading: Happening = { kind: 'rest', code: 'read', action: 'R', outcome: 0, data: ['Patient/1'] }

const open = async (t: Test) => {
  const folder = await mkdtemp(join(tmpdir(), 'lamplight-audit-'))
  t.teardown(() => rm(folder, { recursive: true }))
  const target = await freshDatabase(t)
  const settings = { lines: 2, pool: 10, statementTimeout: 30_000, security: 'roles' } as const
  const database = createDatabase({ target, ...settings, log })
  t.teardown(() => database.close())
  const log_ = createAuditLog(database)
  const audit = openAudit(log_, { folder, mode: 'spool', log })
  const signing = await openSigning(folder)
  return {
    folder,
    target,
    database,
    events: log_,
    audit,
    signing,
    verdict: (tenant = 1) => verify({ audit: log_, signing, folder }, tenant),
  }
}

/** Whoever owns the database can do anything to it. */
const tamper = async (target: ConnectionTarget, ...texts: string[]): Promise<void> => {
  const client = new pg.Client(clientConfig(target, { statementTimeout: 0, lockTimeout: 0 }, 'owner'))
  await client.connect()
  await client.query('set session_replication_role = replica')
  for (const text of texts) await client.query(text)
  await client.end()
}

t.test('a chain holds, and what cannot be changed is refused', async (t) => {
  const { audit, verdict, database } = await open(t)
  await Promise.all(
    Array.from({ length: 1200 }, (_, n) => audit.record(origin(), { ...reading, data: [`Patient/${n}`] })),
  )
  await audit.record(origin(Date.now(), 2), reading)
  await audit.drain()
  t.match(await verdict(), { checked: 1200, broken: undefined })
  t.match(await verdict(2), { checked: 1, broken: undefined })
  for (const text of [
    "update audit_event set content = '{}'",
    'delete from audit_event',
    'truncate audit_event',
    'insert into audit_event select * from audit_event',
  ])
    await t.rejects(database.query({ name: '', tenant: '*', text, values: [] }), text)
  t.equal((await verdict()).broken, undefined)
  await audit.close()
})

const breaks: Record<string, { sql: string[]; says: RegExp }> = {
  'a changed content': {
    sql: ["update audit_event set content = replace(content, 'Patient/4', 'Patient/5') where sequence = 5"],
    says: /^Event 5 .* does not fit its hash/,
  },
  'a changed content with its hash made anew': {
    sql: [
      "update audit_event set content = replace(content, 'test.example', 'evil.example') where sequence = 5",
      `update audit_event e set hash = sha256(p.hash || int8send(e.sequence) || convert_to(e.content, 'UTF8'))
       from audit_event p where p.sequence = 4 and e.sequence = 5`,
    ],
    says: /^Event 6 .* does not fit its hash/,
  },
  'a removed event': { sql: ['delete from audit_event where sequence = 3'], says: /^Event 3 is missing/ },
  'removed events at the end': {
    sql: ['delete from audit_event where sequence > 8'],
    says: /^Event 9 is missing/,
  },
  'removed events at the beginning': {
    sql: ['delete from audit_event where sequence < 4'],
    says: /^Event 1 is missing/,
  },
  'exchanged events': {
    sql: [
      'update audit_event set sequence = 99 where sequence = 2',
      'update audit_event set sequence = 2 where sequence = 3',
      'update audit_event set sequence = 3 where sequence = 99',
    ],
    says: /^Event 2 .* does not fit/,
  },
  'a changed column': {
    sql: ["update audit_event set keys = '{}' where sequence = 7"],
    says: /^Event 7 .* is found by other values/,
  },
  'another head': { sql: ["update audit_head set hash = '\\x00'"], says: /^The head of the chain/ },
  'a forged checkpoint': {
    sql: [
      "insert into audit_checkpoint select tenant, sequence, hash, at, 5, 'x' from audit_event where sequence = 5",
      'delete from audit_event where sequence <= 5',
    ],
    says: /^The checkpoint at event 5/,
  },
  'removed events at the end, with the head set back': {
    sql: [
      'delete from audit_event where sequence > 8',
      'update audit_head h set sequence = 8, hash = e.hash from audit_event e where e.sequence = 8',
    ],
    says: /^Events up to 10 were there at/,
  },
}

for (const [name, { sql, says }] of Object.entries(breaks))
  t.test(`found: ${name}`, async (t) => {
    const { audit, verdict, target, events, signing, folder } = await open(t)
    for (let n = 0; n < 10; n++) audit.record(origin(), { ...reading, data: [`Patient/${n}`] })
    await audit.drain()
    await new Promise((done) => setTimeout(done, 10))
    await audit.drain()
    await anchor(events, signing, { folder, log, at: Date.now() })
    t.match(await verdict(), { checked: 10, broken: undefined })
    await tamper(target, ...sql)
    t.match((await verdict()).broken, says)
    await audit.close()
  })

t.test('retention leaves a chain that holds', async (t) => {
  const { audit, verdict, events, signing, folder } = await open(t)
  const years = (n: number): number => Date.now() - n * 366 * 86_400_000
  for (const age of [8, 7, 3, 7, 1]) await audit.record(origin(years(age)), reading)
  await audit.drain()
  await anchor(events, signing, { folder, log, at: Date.now() })
  t.equal(await retire(events, signing, { at: Date.now(), years: 6 }), 2, 'only the old end')
  t.match(await verdict(), { checked: 3, broken: undefined })
  t.equal(await retire(events, signing, { at: Date.now(), years: 2 }), 2)
  await audit.record(origin(), reading)
  await audit.drain()
  t.match(await verdict(), { checked: 2, broken: undefined })
  await audit.close()
})

t.test('after a restore the checks begin anew, and what was before is kept', async (t) => {
  const { audit, verdict, events, signing, folder, target } = await open(t)
  const begin = () => beginAnew(events, { folder, log, at: Date.now() })
  for (let n = 0; n < 5; n++) await audit.record(origin(), reading)
  await audit.drain()
  t.equal(await begin(), undefined, 'there is nothing yet')
  await anchor(events, signing, { folder, log, at: Date.now() })
  t.equal(await begin(), undefined, 'nothing is lost')
  await tamper(
    target,
    'delete from audit_event where sequence > 3',
    'update audit_head h set sequence = 3, hash = e.hash from audit_event e where e.sequence = 3',
  )
  t.match((await verdict()).broken, /^Events up to 5 were there at/)
  const kept = await begin()
  t.match(kept, /^anchors-until-.*\.ndjson$/)
  t.match(readFileSync(join(folder, 'audit', kept!), 'utf8'), '"sequence":"5"')
  for (let n = 0; n < 5; n++) await audit.record(origin(), reading)
  await audit.drain()
  t.match(await verdict(), { checked: 8, broken: undefined })
  await tamper(
    target,
    'delete from audit_event where sequence > 2',
    'update audit_head h set sequence = 2, hash = e.hash from audit_event e where e.sequence = 2',
  )
  t.match((await verdict()).broken, /^Events up to 3 were there at/, 'the new anchor holds')
  await audit.close()
})
