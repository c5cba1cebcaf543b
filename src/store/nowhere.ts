/** For a rehearsal: statements are made as for PostgreSQL, and nothing is sent. */
import type { Database } from './database.ts'

const noRows = async (): Promise<never[]> => []

/** A database without a connection: it takes every statement and has no rows. */
export const nowhere: Database = {
  read: noRows,
  readLast: noRows,
  run: noRows,
  query: noRows,
  transact: (work) => work({ run: noRows }),
  ping: async () => {},
  gauge: () => ({ busy: 0, idle: 0, waiting: 0 }),
  close: async () => {},
}
