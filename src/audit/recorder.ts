/** Puts events on record before the answers that they are about go out: once for each turn of the event loop. */
import type { Recorder } from '../access/happening.ts'
import { faultOf } from '../base/fault.ts'
import type { Log } from '../base/log.ts'
import { unavailable } from '../base/problem.ts'
import { type AuditedEvent, type SentEvent, seenEvent, seenText } from './event.ts'
import type { Line } from './segment.ts'
import type { Shipper } from './ship.ts'
import type { Spool } from './spool.ts'

/** `spool`: kept when it is in a file that outlives the process; `database`: when it is committed there. */
export type AuditMode = 'spool' | 'database'

export type Recording = {
  readonly record: Recorder
  /** The same for an AuditEvent that another system sent. */
  keep(event: SentEvent): Promise<void>
  /** Throws 503 while nothing can be put on record: better before something is done than after. */
  ready(): void
}

type Batch = {
  text: string
  readonly events: AuditedEvent[]
  /** Where the line of each ends. */
  readonly ends: number[]
  readonly written: Promise<void>
  done(): void
  fail(error: Error): void
}

/** After a failure the file is tried again after so many ms. */
const pause = 1000

const refusal = () =>
  unavailable('The audit log cannot be written, so nothing is done; tell the operator.', pause / 1000)

const newBatch = (): Batch => {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  return { text: '', events: [], ends: [], written: promise, done: resolve, fail: reject }
}

/** Parts of the batch's text: the pieces that it was put together from are not kept. */
const linesOf = ({ text, events, ends }: Batch): Line[] =>
  events.map((event, n) => ({ event, text: text.slice(n === 0 ? 0 : ends[n - 1]! + 1, ends[n]) }))

export const createRecording = (spool: Spool, shipper: Shipper, mode: AuditMode, log: Log): Recording => {
  let batch: Batch | undefined
  let failedAt: number | undefined

  const settle = (full: Batch): void => {
    if (mode === 'spool') {
      full.done()
      shipper.wake()
      return
    }
    shipper.drain().then(full.done, (error: unknown) => {
      log.error({ fault: faultOf(error) }, 'audit events cannot be committed')
      full.fail(refusal())
    })
  }
  const flush = (): void => {
    const full = batch!
    batch = undefined
    try {
      spool.append(full.text, linesOf(full))
      if (failedAt !== undefined) log.warn('the audit log can be written again')
      failedAt = undefined
    } catch (error) {
      log.error({ fault: faultOf(error) }, 'the audit log cannot be written; requests are refused')
      failedAt = performance.now()
      full.fail(refusal())
      return
    }
    settle(full)
  }
  const put = (event: AuditedEvent, text: string): Promise<void> => {
    if (batch === undefined) {
      batch = newBatch()
      setImmediate(flush)
    }
    batch.text += `${text}\n`
    batch.events.push(event)
    batch.ends.push(batch.text.length - 1)
    return batch.written
  }
  return {
    record: (ctx, happening) => {
      const event = seenEvent(ctx, happening)
      return put(event, seenText(event))
    },
    keep: (event) => put(event, JSON.stringify(event)),
    ready: () => {
      if (failedAt !== undefined && performance.now() - failedAt < pause) throw refusal()
    },
  }
}
