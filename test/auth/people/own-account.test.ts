import t from 'tap'
import { totpCode, totpStep } from '../../../src/auth/people/totp.ts'
import { enrol, goodPassword, openPeople } from '../../support/people.ts'

// Passwords are slow on purpose: on a busy machine they add up.
t.setTimeout(120_000)

t.test('a password is changed by who knows the old one, and everything else ends', async (t) => {
  const opened = await openPeople(t)
  const id = await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  const other = opened.browser()
  await browser.signIn('anna@example.org')
  await other.signIn('anna@example.org')
  const change = (current: string, password: string) =>
    browser.post('/auth/account/password', { current, password })
  await browser.get('/auth/account')
  t.equal((await change('wrong', 'a quiet lamp at night')).status, 401)
  t.equal((await change(goodPassword, 'anna@example.org!')).status, 422)
  const done = await change(goodPassword, 'a quiet lamp at night')
  t.equal(done.location, '/auth/account?changed=1')
  t.match((await browser.get(done.location ?? '')).text, /role="status"/)
  t.match((await other.get('/auth/account')).location, /sign-in/, 'other browsers are signed out')
  t.same(opened.ended, [id])
  t.match((await opened.mails()).at(-1), { subject: 'Your password was changed' })
  t.equal((await opened.browser().signIn('anna@example.org')).status, 401)
  t.equal((await opened.browser().signIn('anna@example.org', 'a quiet lamp at night')).status, 303)
})

t.test('guessing the old password ends soon', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  await browser.signIn('anna@example.org')
  await browser.get('/auth/account')
  const tries = await Promise.all(
    Array.from({ length: 8 }, () =>
      browser.post('/auth/account/password', { current: 'wrong', password: 'a quiet lamp at night' }),
    ),
  )
  t.equal(tries.filter(({ status }) => status === 429).length, 2)
})

t.test('staff keeps one second factor, patients may go without', async (t) => {
  const opened = await openPeople(t)
  await opened.account('doc@example.org', ['doctor'])
  const doctor = opened.browser()
  await enrol(opened, doctor, 'doc@example.org')
  await doctor.get('/auth/account')
  t.equal((await doctor.post('/auth/account/factor', { factor: 'totp' })).status, 409)

  await opened.account('anna@example.org', ['patient'])
  const anna = opened.browser()
  await anna.signIn('anna@example.org')
  const page = await anna.get('/auth/enrol')
  const secret = (/<code>([A-Z2-7 ]+)<\/code>/.exec(page.text)?.[1] ?? '').replaceAll(' ', '')
  t.equal((await anna.post('/auth/enrol', { code: '000000' })).status, 422)
  await anna.post('/auth/enrol', { code: totpCode(secret, totpStep(opened.now())) })
  t.match((await opened.browser().signIn('anna@example.org')).location, /second-factor/)
  await anna.get('/auth/account')
  t.equal((await anna.post('/auth/account/factor', { factor: 'totp' })).status, 303)
  t.equal((await opened.browser().signIn('anna@example.org')).location, '/auth/account')
})

t.test('new recovery codes replace the old ones', async (t) => {
  const opened = await openPeople(t)
  await opened.account('doc@example.org', ['doctor'])
  const browser = opened.browser()
  const { codes } = await enrol(opened, browser, 'doc@example.org')
  await browser.get('/auth/account')
  const page = await browser.post('/auth/account/codes', {})
  const fresh = [...page.text.matchAll(/<li>([a-z0-9-]{14})<\/li>/g)].map(([, one]) => one ?? '')
  t.equal(fresh.length, 10)
  const use = async (recovery: string) => {
    const one = opened.browser()
    await one.signIn('doc@example.org')
    return (await one.post('/auth/second-factor', { recovery })).status
  }
  t.equal(await use(codes[0] ?? ''), 401)
  t.equal(await use(fresh[0] ?? ''), 303)
})

t.test('factors are changed only just after a sign-in', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  await browser.signIn('anna@example.org')
  opened.wait(16 * 60_000)
  t.equal((await browser.get('/auth/account')).status, 200)
  t.match((await browser.get('/auth/enrol')).location, /sign-in\?next=.*&fresh=1$/)
  t.match((await browser.post('/auth/account/codes', {})).location, /fresh=1$/)
  opened.wait(10 * 3_600_000)
  t.match((await browser.get('/auth/account')).location, /sign-in/, 'a session ends')
})
