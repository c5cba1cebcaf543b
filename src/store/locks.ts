/** Advisory locks for conditions, so that equal conditional interactions happen one after the other. */
import { createHash } from 'node:crypto'
import type { Transaction } from './database.ts'
import { arrayOf } from './key.ts'

const keyOf = (tenant: number, text: string): string =>
  createHash('sha256').update(`${tenant}|${text}`).digest().readBigInt64BE(0).toString()

/** Holds the locks for the texts until the transaction ends; always in the same order, so that none wait in a ring. */
export const lockConditions = async (
  tx: Transaction,
  tenant: number,
  texts: readonly string[],
): Promise<void> => {
  if (texts.length === 0) return
  const keys = [...new Set(texts.map((text) => keyOf(tenant, text)))]
  await tx.run({
    name: 'tx_condition_locks',
    text: `select pg_advisory_xact_lock(k) from (select k from unnest($1::bigint[]) k order by k) as keys`,
    tenant,
    values: [arrayOf(keys)],
  })
}
