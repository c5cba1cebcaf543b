/** The door of the audit log: what happens goes on record, and can be read. Decision 0024. */
import { join } from 'node:path'
import type { Recorder } from '../access/happening.ts'
import { faultOf } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { AuditLog } from '../store/index.ts'
import { type AuditMode, createRecording, type Recording } from './recorder.ts'
import { createShipper } from './ship.ts'
import { createSpool } from './spool.ts'

export { createProvenances } from './provenance.ts'
export type { AuditMode } from './recorder.ts'
export { auditEventsKept, createAuditEvents } from './serve.ts'

export type AuditOptions = {
  /** Where this server keeps its files. */
  readonly folder: string
  readonly mode: AuditMode
  readonly log: Log
}

export type Audit = Recording & {
  readonly record: Recorder
  /** Everything that was recorded so far is in the database. Throws `Problem`. */
  drain(): Promise<void>
  close(): Promise<void>
}

/** How often, in ms, the spool is made safe against a failure of power, and searched for what others left behind. */
const syncEvery = 1000
const adoptEvery = 15_000

/** Opens the spool, takes over what processes that died left in it, and begins to ship it. */
export const openAudit = (audit: AuditLog, { folder, mode, log }: AuditOptions): Audit => {
  const spool = createSpool(join(folder, 'audit', 'spool'))
  const shipper = createShipper(spool, audit, log)
  const failed = (what: string) => (error: unknown) => log.error({ fault: faultOf(error) }, what)
  const adopt = (): void => {
    try {
      if (spool.adopt() === 0) return
      log.info('took over audit events that a process left behind')
      shipper.wake()
    } catch (error) {
      failed('audit events that a process left behind cannot be taken over')(error)
    }
  }
  adopt()
  const timers = [
    setInterval(() => spool.sync().catch(failed('the audit spool cannot be synced')), syncEvery).unref(),
    setInterval(adopt, adoptEvery).unref(),
  ]
  return {
    ...createRecording(spool, shipper, mode, log),
    drain: shipper.drain,
    close: async () => {
      for (const timer of timers) clearInterval(timer)
      shipper.stop()
      await shipper.drain().catch(failed('audit events stay in the spool until the next start'))
      await spool.sync().catch(failed('the audit spool cannot be synced'))
      spool.close()
    },
  }
}
