import t from 'tap'
import { totpCode, totpStep } from '../../../src/auth/people/totp.ts'
import { enrol, goodPassword, openPeople } from '../../support/people.ts'

// Passwords are slow on purpose: on a busy machine they add up.
t.setTimeout(120_000)

t.test('a patient signs in with a password alone', async (t) => {
  const opened = await openPeople(t)
  const id = await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  const answer = await browser.signIn(' Anna@Example.ORG')
  t.equal(answer.status, 303)
  t.equal(answer.location, '/auth/account')
  const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  const signed = await opened.people.signedIn(1, cookie)
  t.match(signed, { account: { id, active: true }, methods: ['pwd'] })
  t.equal(await opened.people.signedIn(2, cookie), undefined, 'another tenant does not know the session')
  t.match((await browser.get('/auth/account')).text, /anna@example\.org/)
  await browser.post('/auth/sign-out', {})
  t.equal(await opened.people.signedIn(1, cookie), undefined)
  t.same(opened.ended, [id])
  t.match(
    opened.events.map(({ kind }) => kind),
    ['signed-in', 'signed-out'],
  )
})

t.test('nobody learns who has an account: same answer, same work', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  const inactive = await opened.account('gone@example.org', ['patient'])
  await opened.database.run({
    name: 'x',
    tenant: 1,
    text: `update account set state = 'inactive' where tenant = 1 and id = $1`,
    values: [inactive],
  })
  await opened.account('shown@example.org', ['patient'], { demo: true })
  const answers: string[] = []
  const tries = [
    ['anna@example.org', 'wrong'],
    ['nobody@example.org', goodPassword],
    ['gone@example.org', goodPassword],
    ['shown@example.org', goodPassword],
    ['no address', goodPassword],
  ] as const
  for (const [email, password] of tries) {
    const before = opened.computed()
    const answer = await opened.browser().signIn(email, password)
    t.equal(answer.status, 401)
    t.equal(opened.computed() - before, 1, `${email}: one password is computed`)
    answers.push(answer.text.replaceAll(email, '').replaceAll(/name="form" value="[^"]+"/g, ''))
  }
  t.equal(new Set(answers).size, 1)
})

t.test('the eleventh attempt is not judged, whoever it is for, also when all come at once', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  for (const email of ['anna@example.org', 'nobody@example.org']) {
    const before = opened.computed()
    const browsers = await Promise.all(
      Array.from({ length: 15 }, async () => {
        const browser = opened.browser()
        await browser.get('/auth/sign-in')
        return browser
      }),
    )
    const answers = await Promise.all(browsers.map((browser) => browser.signIn(email, 'wrong')))
    t.equal(opened.computed() - before, 10)
    t.equal(answers.filter(({ status }) => status === 429).length, 5)
    t.ok(answers.every(({ status, headers }) => status === 401 || Number(headers.get('retry-after')) > 0))
    t.equal((await opened.browser().signIn(email)).status, 429, 'not with the right password either')
  }
  opened.wait(15 * 60_000)
  t.equal((await opened.browser().signIn('anna@example.org')).status, 303)
})

t.test('success forgets failures', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  for (let round = 0; round < 3; round++) {
    for (let n = 0; n < 8; n++) await opened.browser().signIn('anna@example.org', 'wrong')
    t.equal((await opened.browser().signIn('anna@example.org')).status, 303)
  }
})

t.test('staff sets up a second factor before anything else', async (t) => {
  const opened = await openPeople(t)
  const id = await opened.account('doc@example.org', ['doctor'])
  const browser = opened.browser()
  const first = await browser.signIn('doc@example.org')
  t.match(first.location, /^\/auth\/enrol\?/)
  t.match((await browser.get('/auth/account')).location, /^\/auth\/sign-in/, 'the password is not enough')
  const cookie = () => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  t.equal(await opened.people.signedIn(1, cookie()), undefined)
  const { secret, codes } = await enrol(opened, browser, 'doc@example.org')
  t.equal(codes.length, 10)
  t.match(await opened.people.signedIn(1, cookie()), { account: { id }, methods: ['pwd', 'otp', 'mfa'] })

  const again = opened.browser()
  t.match((await again.signIn('doc@example.org')).location, /^\/auth\/second-factor\?/)
  t.match((await again.get('/auth/enrol')).location, /sign-in/, 'the password alone adds no factor')
  const used = totpCode(secret, totpStep(opened.now()))
  t.equal(
    (await again.post('/auth/second-factor', { code: used })).status,
    401,
    'a used code is worth nothing',
  )
  opened.wait(30_000)
  const code = totpCode(secret, totpStep(opened.now()))
  const both = await Promise.all([1, 2].map(() => again.post('/auth/second-factor', { code })))
  t.equal(both.filter(({ location }) => location === '/auth/account').length, 1, 'of two at once one gets in')

  const lost = opened.browser()
  await lost.signIn('doc@example.org')
  t.equal((await lost.post('/auth/second-factor', { recovery: 'wrong-wron-gwro' })).status, 401)
  t.equal(
    (await lost.post('/auth/second-factor', { recovery: codes[3]!.toUpperCase() })).location,
    '/auth/account',
  )
  const twice = opened.browser()
  await twice.signIn('doc@example.org')
  t.equal(
    (await twice.post('/auth/second-factor', { recovery: codes[3]! })).status,
    401,
    'a code is for one time',
  )
})

t.test('a step of a sign-in is no place to come back to', async (t) => {
  const opened = await openPeople(t)
  await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  await browser.signIn('anna@example.org')
  let path = '/auth/second-factor?next=%2Fauth%2Finteraction%2F1'
  const seen: string[] = []
  for (let n = 0; n < 3 && !path.startsWith('/auth/interaction'); n++) {
    path = (await browser.get(path)).location ?? ''
    seen.push(path)
  }
  t.same(seen, ['/auth/sign-in?next=%2Fauth%2Finteraction%2F1', '/auth/interaction/1'])
})

t.test('codes cannot be tried for long', async (t) => {
  const opened = await openPeople(t)
  await opened.account('doc@example.org', ['doctor'])
  await enrol(opened, opened.browser(), 'doc@example.org')
  const browser = opened.browser()
  await browser.signIn('doc@example.org')
  const tries = await Promise.all(
    Array.from({ length: 9 }, () => browser.post('/auth/second-factor', { code: '000000' })),
  )
  t.equal(tries.filter(({ status }) => status === 429).length, 3)
})

t.test('the demonstration is open while it is one', async (t) => {
  const opened = await openPeople(t, { demo: true })
  await opened.account('doctor@demo.example', ['doctor'], { demo: true })
  const browser = opened.browser()
  t.equal((await browser.signIn('doctor@demo.example')).location, '/auth/account')
  const page = await browser.get('/auth/account')
  t.match(page.text, /class="demo"/)
  const wanted = { current: goodPassword, password: 'another lantern here' }
  t.equal((await browser.post('/auth/account/password', wanted)).status, 403, 'its passwords are everybody’s')
})
