/** The outbox of mails: written with what they tell of, sent afterwards, at least once. */
import type { Database, Transaction } from './database.ts'

export type Mail = {
  readonly tenant: number
  readonly id: string
  readonly recipient: string
  readonly subject: string
  readonly content: string
}

type TakenMail = Mail & { readonly attempts: number }

export const enqueueMail = async (tx: Pick<Transaction, 'run'>, mail: Mail, at: number): Promise<void> => {
  const { tenant, id, recipient, subject, content } = mail
  await tx.run({
    name: 'mail_enqueue',
    text: `insert into mail (tenant, id, recipient, subject, content, state, next_at, created_at)
values ($1, $2::uuid, $3, $4, $5, 'waiting', $6, $6)`,
    tenant,
    values: [tenant, id, recipient, subject, content, new Date(at)],
  })
}

/** Takes due mails for so long (ms): whoever dies over one leaves it to the next who asks after that. */
export const takeMails = (database: Database, at: number, most: number, hold: number): Promise<TakenMail[]> =>
  database.query<TakenMail>({
    name: 'mail_take',
    text: `update mail set next_at = $2, attempts = attempts + 1
where (tenant, id) in (
  select tenant, id from mail where state = 'waiting' and next_at <= $1
  order by next_at limit $3 for update skip locked)
returning tenant, id, recipient, subject, content, attempts`,
    tenant: '*',
    values: [new Date(at), new Date(at + hold), most],
  })

/** Its text goes: it may hold a link. */
export const mailSent = async (
  { run }: Pick<Database, 'run'>,
  tenant: number,
  id: string,
  at: number,
): Promise<void> => {
  const text = `update mail set state = 'sent', sent_at = $3, content = null where tenant = $1 and id = $2::uuid`
  await run({ name: 'mail_sent', text, tenant, values: [tenant, id, new Date(at)] })
}

/** Tried again at `next`; undefined: never again. */
export const mailFailed = async (
  { run }: Pick<Database, 'run'>,
  tenant: number,
  id: string,
  next: number | undefined,
): Promise<void> => {
  const text = `update mail set state = case when $3::timestamptz is null then 'failed' else 'waiting' end,
  next_at = coalesce($3, next_at), content = case when $3::timestamptz is null then null else content end
where tenant = $1 and id = $2::uuid`
  await run({
    name: 'mail_failed',
    text,
    tenant,
    values: [tenant, id, next === undefined ? null : new Date(next)],
  })
}
