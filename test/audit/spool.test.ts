import { appendFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import type { Happening } from '../../src/access/happening.ts'
import { internal } from '../../src/access/principal.ts'
import { seenEvent, seenText } from '../../src/audit/event.ts'
import { openAudit } from '../../src/audit/index.ts'
import { createRecording } from '../../src/audit/recorder.ts'
import { openSegment } from '../../src/audit/segment.ts'
import { createSpool, type Spool } from '../../src/audit/spool.ts'
import { createLog } from '../../src/base/log.ts'
import { Problem } from '../../src/base/problem.ts'
import type { AuditLog, AuditRow } from '../../src/store/index.ts'

const log = createLog('silent')
const origin = () => ({ tenant: 1, at: Date.now(), who: internal, trace: 't', base: 'http://x/fhir' })
const reading: Happening = { kind: 'rest', code: 'read', action: 'R', outcome: 0, data: ['Patient/1'] }

const folderOf = (t: Test): string => {
  const folder = mkdtempSync(join(tmpdir(), 'lamplight-spool-'))
  t.teardown(() => rmSync(folder, { recursive: true }))
  return folder
}

/** A database that takes everything, or nothing while it is down. */
const fakeLog = () => {
  const rows: AuditRow[] = []
  const state = { isDown: false }
  const append: AuditLog['append'] = async (_tenant, more) => {
    if (state.isDown) throw new Error('down')
    rows.push(...more)
    return more.length
  }
  return { rows, state, audit: { append } as unknown as AuditLog }
}

t.test('what is recorded is in a file before the caller goes on', async (t) => {
  const folder = folderOf(t)
  const { audit, state, rows } = fakeLog()
  state.isDown = true
  const opened = openAudit(audit, { folder, mode: 'spool', log })
  await Promise.all([opened.record(origin(), reading), opened.record(origin(), reading)])
  const spool = join(folder, 'audit', 'spool')
  const lines = readFileSync(join(spool, readdirSync(spool)[0]!), 'utf8').split('\n')
  t.equal(lines.length, 3, 'two lines with their ends')
  await opened.close()
  t.equal(readdirSync(spool).length, 1, 'kept for later')
  state.isDown = false
  const again = openAudit(audit, { folder, mode: 'spool', log })
  await again.record(origin(), reading)
  await again.close()
  t.equal(rows.length, 1, 'the file of a living process is its own')
})

t.test('in the mode database a caller waits for the commit', async (t) => {
  const { audit, state, rows } = fakeLog()
  const opened = openAudit(audit, { folder: folderOf(t), mode: 'database', log })
  await opened.record(origin(), reading)
  t.equal(rows.length, 1)
  state.isDown = true
  await t.rejects(opened.record(origin(), reading), Problem)
  state.isDown = false
  await opened.record(origin(), reading)
  t.equal(rows.length, 3, 'what was refused is on record all the same')
  await opened.close()
})

t.test('nothing is done while the disk is full', async (t) => {
  let isFull = true
  const spool = {
    append: () => {
      if (isFull) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' })
    },
  } as unknown as Spool
  const shipper = { wake: () => {}, drain: async () => {}, stop: () => {} }
  const { record, ready } = createRecording(spool, shipper, 'spool', log)
  t.doesNotThrow(ready)
  await t.rejects(record(origin(), reading), Problem)
  t.throws(ready, Problem)
  isFull = false
  await record(origin(), reading)
  t.doesNotThrow(ready)
})

t.test('what a dying process did not finish was never acknowledged', (t) => {
  const path = join(folderOf(t), 'segment')
  appendFileSync(path, 'one\ntwo\nthr')
  const segment = openSegment(path)
  t.same(segment.next(), { lines: [{ text: 'one' }, { text: 'two' }], bytes: 8 })
  segment.append('four\n')
  segment.advance(8)
  t.same(segment.next(), { lines: [{ text: 'four' }], bytes: 5 })
  segment.close()
  t.equal(readFileSync(path, 'utf8'), 'one\ntwo\nfour\n')
  t.end()
})

t.test('a line may be long, and lines come in bounded batches', (t) => {
  const segment = openSegment(join(folderOf(t), 'segment'))
  const long = 'ä'.repeat(400_000)
  segment.append(`${long}\n`)
  segment.append('x\n'.repeat(1200))
  const sizes: number[] = []
  for (let next = segment.next(); next.bytes > 0; next = segment.next()) {
    sizes.push(next.lines.length)
    segment.advance(next.bytes)
  }
  t.equal(
    sizes.reduce((sum, n) => sum + n, 0),
    1201,
  )
  t.ok(sizes.every((n) => n <= 1000))
  t.equal(segment.shipped(), segment.size())
  segment.remove()
  t.end()
})

t.test('lines that are in memory still are not read, those behind them are', (t) => {
  const segment = openSegment(join(folderOf(t), 'segment'))
  const append = (name: string, count: number): void => {
    const lines = Array.from({ length: count }, (_, n) => ({ text: `${name}${n}ä` }))
    segment.append(lines.map(({ text }) => `${text}\n`).join(''), lines)
  }
  const written: string[] = []
  const shipped: string[] = []
  const expect = (name: string, count: number): void => {
    append(name, count)
    for (let n = 0; n < count; n++) written.push(`${name}${n}ä`)
  }
  const ship = (): void => {
    const { lines, bytes } = segment.next()
    shipped.push(...lines.map(({ text }) => text))
    segment.advance(bytes)
  }
  expect('a', 3)
  for (let n = 0; n < 30; n++) expect(`b${n}-`, 90)
  ship()
  expect('c', 200)
  while (segment.shipped() < segment.size()) ship()
  t.same(shipped, written)
  expect('d', 2)
  ship()
  t.same(shipped, written)
  segment.remove()
  t.end()
})

t.test('a line is what JSON makes of the event', (t) => {
  const text = fc.option(fc.string({ unit: 'binary' }), { nil: undefined })
  const list = fc.array(fc.string({ unit: 'binary' }), { maxLength: 3 })
  fc.assert(
    fc.property(
      text,
      text,
      list,
      list,
      fc.string({ unit: 'binary' }),
      (said, query, data, patients, display) => {
        const who = { ...internal, display }
        const event = seenEvent(
          { ...origin(), who, address: said, correlation: query },
          { ...reading, said, query, data, patients },
        )
        t.equal(seenText(event), JSON.stringify(event))
      },
    ),
  )
  t.end()
})

t.test('files of dead processes are taken over', (t) => {
  const folder = folderOf(t)
  // No process has this number: it is above what systems give.
  appendFileSync(join(folder, '99999999-1-0a.ndjson'), '{"left":1}\n')
  appendFileSync(join(folder, `${process.pid}-1-0b.ndjson`), '{"left":2}\n')
  const spool = createSpool(folder)
  t.equal(spool.adopt(), 2, 'also when the number was given to another process')
  const left: string[] = []
  for (let segment = spool.oldest(); segment; segment = spool.oldest()) {
    const { lines, bytes } = segment.next()
    left.push(...lines.map(({ text }) => text))
    segment.advance(bytes)
    spool.settle(segment)
  }
  t.same(left.sort(), ['{"left":1}', '{"left":2}'])
  t.equal(readdirSync(folder).length, 1, 'and are gone when they are shipped')
  spool.close()
  t.end()
})

t.test('credentials in a query are blackened', async (t) => {
  const { audit, rows } = fakeLog()
  const opened = openAudit(audit, { folder: folderOf(t), mode: 'spool', log })
  const query = 'Patient?access_token=s3cret&name=x&client_secret=s3cret'
  await opened.record(origin(), { ...reading, query })
  await opened.close()
  t.notMatch(rows[0]?.content, 's3cret')
  t.match(rows[0]?.content, 'name=x')
})
