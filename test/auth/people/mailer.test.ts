import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer } from 'smtp-server'
import t, { type Test } from 'tap'
import { createPost, keepMailing } from '../../../src/auth/people/mailer.ts'
import { newId } from '../../../src/base/id.ts'
import { createLog } from '../../../src/base/log.ts'
import type { Database } from '../../../src/store/index.ts'
import { enqueueMail } from '../../../src/store/mails.ts'
import { openDatabase } from '../../support/store.ts'

/** A server that keeps what it gets; `refuse` says how many it turns away first. */
const openSink = async (t: Test, refuse = 0) => {
  const got: string[] = []
  let turned = 0
  const server = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    logger: false,
    onData: (stream, _session, done) => {
      const parts: Buffer[] = []
      stream.on('data', (part: Buffer) => parts.push(part))
      stream.on('end', () => {
        if (turned++ < refuse) return done(Object.assign(new Error('not now'), { responseCode: 451 }))
        got.push(Buffer.concat(parts).toString('utf8'))
        done()
      })
    },
  })
  const port = await new Promise<number>((ready) => {
    const listening = server.listen(0, '127.0.0.1', () => {
      ready((listening.address() as { port: number }).port)
    })
  })
  t.teardown(() => new Promise<void>((done) => server.close(done)))
  return { got, url: `smtp://127.0.0.1:${port}` }
}

const put = (database: Database, n: number): Promise<void> => {
  const mail = { tenant: 1, id: newId(Date.now()), recipient: `a${n}@example.org` }
  return enqueueMail(
    database,
    { ...mail, subject: `Grüße ${n}`, content: `Hello ${n}\n.\nover\n` },
    Date.now(),
  )
}

const states = async (database: Database) => {
  const text = 'select state, content, attempts from mail order by id'
  return database.run<{ state: string; content: string | null; attempts: number }>({
    name: 'states',
    tenant: '*',
    text,
    values: [],
  })
}

const until = async (holds: () => Promise<boolean>): Promise<void> => {
  while (!(await holds())) await sleep(20)
}

// On a busy machine they add up.
t.setTimeout(120_000)

t.test('what is in the outbox is sent once, though two processes send', async (t) => {
  const database = await openDatabase(t)
  const { got, url } = await openSink(t)
  const from = 'Hospital <records@example.org>'
  for (let n = 0; n < 25; n++) await put(database, n)
  const two = [1, 2].map(() => keepMailing(database, createPost(url, from), createLog('silent')))
  t.teardown(() => Promise.all(two.map(({ stop }) => stop())))
  await until(async () => (await states(database)).every(({ state }) => state === 'sent'))
  t.equal(got.length, 25)
  t.ok(
    (await states(database)).every(({ content }) => content === null),
    'their texts are gone',
  )
  const first = got.find((mail) => mail.includes('To: a0@example.org')) ?? ''
  t.match(first, /^From: Hospital <records@example\.org>/m)
  t.match(first, /^Subject: =\?UTF-8\?/m)
  t.match(first, /^Message-ID: <[0-9a-f-]{36}@example\.org>/m)
  t.match(first, /Hello 0\r\n\.\.?\r\nover/)
})

t.test('what was turned away is tried again later', async (t) => {
  const database = await openDatabase(t)
  const { got, url } = await openSink(t, 1)
  await put(database, 0)
  const mailing = keepMailing(database, createPost(url, 'records@example.org'), createLog('silent'))
  t.teardown(() => mailing.stop())
  const due = `select 1 from mail where attempts = 1 and next_at > now() + interval '30 s' and next_at < now() + interval '61 s'
    and state = 'waiting' and content is not null`
  const ask = (text: string) => database.run({ name: '', tenant: '*', text, values: [] })
  await until(async () => (await states(database))[0]?.attempts === 1)
  await sleep(200)
  t.equal(got.length, 0)
  await until(async () => (await ask(due)).length === 1)
  await ask('update mail set next_at = now()')
  mailing.wake()
  await until(async () => (await states(database))[0]?.state === 'sent')
  t.equal(got.length, 1)
})

t.test('without a server mails wait', async (t) => {
  const database = await openDatabase(t)
  await put(database, 0)
  const mailing = keepMailing(database, undefined, createLog('silent'))
  mailing.wake()
  await mailing.stop()
  t.match(await states(database), [{ state: 'waiting', content: /Hello/, attempts: 0 }])
})
