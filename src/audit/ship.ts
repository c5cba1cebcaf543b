/** Brings the spool into the database, in batches and in order; what is there already is not added twice. */
import { setTimeout as sleep } from 'node:timers/promises'
import { faultOf } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import type { AuditLog, AuditRow } from '../store/index.ts'
import type { AuditedEvent } from './event.ts'
import { rowOf } from './row.ts'
import type { Line } from './segment.ts'
import type { Spool } from './spool.ts'

export type Shipper = {
  /** Something was written to the spool. */
  wake(): void
  /** Resolves when everything that is in the spool now is in the database; rejects when that cannot be done now. */
  drain(): Promise<void>
  stop(): void
}

/** Lines that are shipped together are cheaper: so long, in ms, the first of them may wait. */
const gather = 500
/** After a failure, in ms. */
const pause = 1000

const rowsByTenant = (lines: readonly Line[], log: Log): ReadonlyMap<number, AuditRow[]> => {
  const rows = new Map<number, AuditRow[]>()
  for (const line of lines) {
    try {
      const event = line.event ?? (JSON.parse(line.text) as AuditedEvent)
      const row = rowOf(event, line.text)
      const same = rows.get(event.tenant)
      if (same) same.push(row)
      else rows.set(event.tenant, [row])
    } catch (error) {
      log.error({ fault: faultOf(error) }, 'a line of the audit spool cannot be read and is left out')
    }
  }
  return rows
}

export const createShipper = (spool: Spool, audit: AuditLog, log: Log): Shipper => {
  let running: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let stopped = false

  const shipAll = async (): Promise<void> => {
    for (let segment = spool.oldest(); segment; segment = spool.oldest()) {
      const { lines, bytes } = segment.next()
      for (const [tenant, rows] of rowsByTenant(lines, log)) await audit.append(tenant, rows)
      segment.advance(bytes)
      if (segment.shipped() === segment.size() || bytes === 0) spool.settle(segment)
    }
  }
  /** One at a time. */
  const ship = (): Promise<void> => {
    running ??= shipAll().finally(() => {
      running = undefined
    })
    return running
  }
  const wake = (): void => {
    if (stopped || timer) return
    timer = setTimeout(async () => {
      try {
        await ship()
        timer = undefined
      } catch (error) {
        log.error({ fault: faultOf(error) }, 'the audit spool cannot be brought into the database yet')
        await sleep(pause, undefined, { ref: false })
        timer = undefined
      }
      if (spool.oldest()) wake()
    }, gather)
    timer.unref()
  }
  return {
    wake,
    drain: async () => {
      // What is under way may have read the spool's end before it grew.
      if (running) await running
      await ship()
    },
    stop: () => {
      stopped = true
      clearTimeout(timer)
    },
  }
}
