/** Sends the mails of the outbox by SMTP, each at least once. https://www.rfc-editor.org/rfc/rfc5321 */
import { createTransport } from 'nodemailer'
import { faultOf } from '../../base/fault.ts'
import type { Log } from '../../base/log.ts'
import { removeExpired } from '../../store/account-sessions.ts'
import { removeOldAttempts } from '../../store/attempts.ts'
import type { Database } from '../../store/database.ts'
import { type Mail, mailFailed, mailSent, takeMails } from '../../store/mails.ts'

export type Post = { send(mail: Mail): Promise<void>; close(): void }

/** `url` as `smtp://user:password@host:port` or `smtps://…`; `from` is the sender's address. Times in ms. */
export const createPost = (url: string, from: string): Post => {
  const timeout = 15_000
  const transport = createTransport(url, {
    from,
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
  } as object)
  return {
    send: async ({ id, recipient, subject, content }) => {
      // The same id each time: who gets a mail twice can tell.
      const messageId = `<${id}@${from.replace(/^.*@|>.*$/g, '')}>`
      await transport.sendMail({
        from,
        messageId,
        to: { name: '', address: recipient },
        subject,
        text: content,
        headers: { 'Auto-Submitted': 'auto-generated' },
      })
    },
    close: () => transport.close(),
  }
}

/** ms */
const pause = 15_000
const hold = 60_000
const sweepEvery = 3_600_000
const oldest = 24 * 3_600_000
const mostAttempts = 12
const together = 10

/** Before the next attempt: a minute, two, four … six hours. */
const backoff = (attempts: number): number => Math.min(60_000 * 2 ** (attempts - 1), 6 * 3_600_000)

export type Mailing = { wake(): void; stop(): Promise<void> }

/** Without a `post` mails stay in the outbox, and the log says so. */
export const keepMailing = (database: Database, post: Post | undefined, log: Log): Mailing => {
  let stopped = false
  let running: Promise<void> | undefined
  let again = false
  let swept = 0

  const deliver = async (mail: Mail & { readonly attempts: number }): Promise<void> => {
    const { tenant, id, attempts } = mail
    try {
      await post!.send(mail)
    } catch (error) {
      const next = attempts < mostAttempts ? Date.now() + backoff(attempts) : undefined
      log.warn({ fault: faultOf(error), mail: id, attempts, over: next === undefined }, 'a mail was not sent')
      await mailFailed(database, tenant, id, next)
      return
    }
    await mailSent(database, tenant, id, Date.now())
  }
  const round = async (): Promise<void> => {
    const at = Date.now()
    if (at - swept > sweepEvery) {
      swept = at
      await removeOldAttempts(database, at - oldest)
      await removeExpired(database, at)
    }
    if (!post) return
    for (;;) {
      const mails = await takeMails(database, Date.now(), together, hold)
      for (const mail of mails) await deliver(mail)
      if (mails.length < together || stopped) return
    }
  }
  const run = (): void => {
    if (stopped) return
    if (running) {
      again = true
      return
    }
    again = false
    running = round()
      .catch((error: unknown) => log.warn({ fault: faultOf(error) }, 'mails cannot be sent now'))
      .finally(() => {
        running = undefined
        if (again) run()
      })
  }
  const timer = setInterval(run, pause)
  timer.unref()
  run()
  return {
    wake: () => {
      if (!post) log.info('a mail waits in the table "mail": SMTP_URL is not set')
      run()
    },
    stop: async () => {
      stopped = true
      clearInterval(timer)
      await running
      post?.close()
    },
  }
}
