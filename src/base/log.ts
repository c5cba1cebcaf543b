/** Structured logs: one line of JSON each, never with content of a resource or a query value. */
import { type Logger, pino } from 'pino'

export type Log = Logger

/** `level` is one of pino's (`trace` … `fatal`, `silent`). */
export const createLog = (level: string): Log =>
  pino({ level, base: { pid: process.pid }, timestamp: pino.stdTimeFunctions.isoTime })
