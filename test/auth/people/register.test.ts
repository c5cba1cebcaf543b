import t from 'tap'
import type { Account } from '../../../src/store/accounts.ts'
import { accountReader } from '../../../src/store/accounts.ts'
import { goodPassword, mailedPath, openPeople, tokenOf } from '../../support/people.ts'

const anna = { given: 'Anna', family: 'Berg', birthDate: '1980-02-29', email: 'anna@example.org' }

// Passwords are slow on purpose: on a busy machine they add up.
t.setTimeout(120_000)

t.test('a patient registers, confirms, is welcomed and has a Patient', async (t) => {
  const made: Account[] = []
  const opened = await openPeople(t, {
    makePatient: async (account, person) => {
      made.push(account)
      t.same(person, { given: 'Anna', family: 'Berg', birthDate: '1980-02-29' })
      return 'Patient/of-anna'
    },
  })
  const browser = opened.browser({ 'accept-language': 'fr-CH, de;q=0.5' })
  t.match((await browser.get('/auth/sign-up')).text, /<html lang="fr">/)
  const answer = await browser.post('/auth/sign-up', anna)
  t.equal(answer.status, 200)
  t.equal((await browser.signIn(anna.email)).status, 401, 'nothing works before the mail is read')
  const path = await mailedPath(opened, anna.email)
  t.match((await opened.mails())[0], { subject: 'Confirmez votre adresse', content: /Bonjour Anna Berg/ })

  await browser.get(path)
  t.equal((await browser.get(path)).status, 200, 'looking does not use the link up')
  const token = tokenOf(path)
  const short = await browser.post('/auth/link', { token, password: 'short' })
  t.equal(short.status, 422)
  t.match(short.text, /aria-invalid="true"/)
  t.equal((await browser.post('/auth/link', { token, password: goodPassword })).status, 200)
  t.equal((await browser.post('/auth/link', { token, password: goodPassword })).status, 410)
  t.equal((await browser.get(path)).status, 410)
  t.match((await opened.mails()).at(-1), { subject: 'Bienvenue', recipient: anna.email })
  t.equal((await browser.signIn(anna.email)).status, 303)
  t.equal(made.length, 1)
  const account = await accountReader(opened.database).findByEmail(1, anna.email)
  t.match(account, { roles: ['patient'], links: ['Patient/of-anna'], state: 'active' })
  t.match((await opened.people.find(1, account!.id))?.fhirUser, 'Patient/of-anna')
})

t.test('a Patient that could not be made at once is made at the first sign-in', async (t) => {
  let works = false
  const opened = await openPeople(t, {
    makePatient: async () => {
      if (!works) throw new Error('not now')
      return 'Patient/late'
    },
  })
  const browser = opened.browser()
  await browser.post('/auth/sign-up', anna)
  const token = tokenOf(await mailedPath(opened, anna.email))
  t.equal((await browser.post('/auth/link', { token, password: goodPassword })).status, 200)
  works = true
  await browser.signIn(anna.email)
  t.match(await accountReader(opened.database).findByEmail(1, anna.email), { links: ['Patient/late'] })
})

t.test('who registers or asks for a password does not learn who has an account', async (t) => {
  const opened = await openPeople(t)
  await opened.account(anna.email, ['patient'])
  const answers: string[] = []
  for (const path of ['/auth/forgot', '/auth/sign-up'])
    for (const email of [anna.email, 'other@example.org']) {
      const { status, text } = await opened.browser().post(path, { ...anna, email })
      answers.push(`${path} ${status} ${text.replaceAll(email, '')}`)
    }
  t.equal(new Set(answers).size, 2, 'one answer a page')
  const subjects = (await opened.mails()).map(({ recipient, subject }) => `${recipient} ${subject}`)
  t.same(subjects.sort(), [
    'anna@example.org Choose a new password',
    'anna@example.org You have an account already',
    'other@example.org Confirm your e-mail address',
  ])
})

t.test('of several that use a link at once, one does', async (t) => {
  const opened = await openPeople(t)
  const id = await opened.account(anna.email, ['patient'])
  await opened.browser().post('/auth/forgot', { email: anna.email })
  const token = tokenOf(await mailedPath(opened, anna.email))
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      opened.browser().post('/auth/link', { token, password: `${goodPassword} ${n}` }),
    ),
  )
  t.same(answers.map(({ status }) => status).sort(), [200, 410, 410, 410, 410, 410])
  t.same(opened.ended, [id], 'tokens end with the old password')
  const tries = answers.map((_, n) => opened.browser().signIn(anna.email, `${goodPassword} ${n}`))
  t.equal((await Promise.all(tries)).filter(({ status }) => status === 303).length, 1)
})

t.test('a link expires, and a newer one replaces it', async (t) => {
  const opened = await openPeople(t)
  await opened.account(anna.email, ['patient'])
  const ask = async (): Promise<string> => {
    await opened.browser().post('/auth/forgot', { email: anna.email })
    opened.wait(1)
    return tokenOf(await mailedPath(opened, anna.email))
  }
  const old = await ask()
  const token = await ask()
  const use = (one: string) =>
    opened.browser().post('/auth/link', { token: one, password: 'one more quiet lamp' })
  t.equal((await use(old)).status, 410)
  opened.wait(3_600_000)
  t.equal((await use(token)).status, 410)
})

t.test('mails to one address are few', async (t) => {
  const opened = await openPeople(t)
  const statuses: number[] = []
  for (let n = 0; n < 7; n++)
    statuses.push((await opened.browser().post('/auth/forgot', { email: 'nobody@example.org' })).status)
  t.same(statuses, [200, 200, 200, 200, 200, 429, 429])
})

t.test('what is missing is said', async (t) => {
  const opened = await openPeople(t)
  const wrong = [{ email: 'anna' }, { given: ' ' }, { birthDate: '1980-02-30' }, { birthDate: '2999-01-01' }]
  for (const part of wrong)
    t.equal((await opened.browser().post('/auth/sign-up', { ...anna, ...part })).status, 422)
  t.same(await opened.mails(), [])
})
