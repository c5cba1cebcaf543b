/** How often something was tried: durable, for all processes, and the same whether its subject exists or not. */
import { createHash } from 'node:crypto'
import type { Transaction } from './database.ts'

/** So many in so long a time, in ms. */
export type AttemptLimit = { readonly most: number; readonly within: number }

/** What is counted is kept as a hash: addresses of people who have no account are nobody's business. */
const subjectHash = (subject: string): Buffer => createHash('sha256').update(subject).digest()

/**
 * Counts one more before it is tried, so that many at once cannot be more than the limit. Gives undefined, or the
 * seconds after which the subject may try again.
 */
export const countAttempt = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  subject: string,
  { most, within }: AttemptLimit,
  at: number,
): Promise<number | undefined> => {
  const text = `insert into attempt as a (tenant, subject, began_at, count) values ($1, $2, $3, 1)
on conflict (tenant, subject) do update set
  count = case when a.began_at <= $4 then 1 else a.count + 1 end,
  began_at = case when a.began_at <= $4 then $3 else a.began_at end
returning count, began_at`
  const values = [tenant, subjectHash(subject), new Date(at), new Date(at - within)]
  const [row] = await run<{ count: number; began_at: number }>({
    name: 'attempt_count',
    text,
    tenant,
    values,
  })
  if (row === undefined || row.count <= most) return undefined
  return Math.max(1, Math.ceil((row.began_at + within - at) / 1000))
}

/** After success: earlier failures no longer count. */
export const forgetAttempts = async (
  { run }: Pick<Transaction, 'run'>,
  tenant: number,
  subject: string,
): Promise<void> => {
  const text = 'delete from attempt where tenant = $1 and subject = $2'
  await run({ name: 'attempt_forget', text, tenant, values: [tenant, subjectHash(subject)] })
}

/** Removes what has not counted since. */
export const removeOldAttempts = async ({ run }: Pick<Transaction, 'run'>, before: number): Promise<void> => {
  await run({
    name: 'attempt_old',
    text: 'delete from attempt where began_at < $1',
    tenant: '*',
    values: [new Date(before)],
  })
}
