import t from 'tap'
import { firstAdministratorLink, followLink } from '../../../src/auth/people/follow-link.ts'
import { accountReader } from '../../../src/store/accounts.ts'
import {
  type Browser,
  enrol,
  goodPassword,
  mailedPath,
  type Opened,
  openPeople,
  tokenOf,
} from '../../support/people.ts'

const administrator = async (opened: Opened, roles = ['hospital-administrator']): Promise<Browser> => {
  const email = `${roles[0]}@example.org`
  await opened.account(email, roles)
  const browser = opened.browser()
  await enrol(opened, browser, email)
  await browser.get('/auth/people')
  return browser
}

const invited = (n: number | string, role = 'nurse') => ({
  email: `${role}${n}@example.org`,
  display: `Somebody ${n}`,
  language: 'de',
  role,
})

// Passwords are slow on purpose: on a busy machine they add up.
t.setTimeout(120_000)

t.test('an administrator invites, the invited one chooses a password', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  t.equal((await admin.post('/auth/people/invite', invited(1))).status, 303)
  t.match((await opened.mails()).at(-1), { subject: 'Sie sind eingeladen', recipient: 'nurse1@example.org' })
  const nurse = opened.browser()
  const token = tokenOf(await mailedPath(opened, 'nurse1@example.org'))
  t.equal((await nurse.post('/auth/link', { token, password: goodPassword })).status, 200)
  t.match((await nurse.signIn('nurse1@example.org')).location, /^\/auth\/enrol/)
  t.equal((await admin.post('/auth/people/invite', invited(1))).status, 409)
  t.match((await admin.get('/auth/people')).text, /nurse1@example\.org/)
})

t.test('only administrators administer, and only super administrators make others', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const above = await opened.account('above@example.org', ['super-administrator'])
  t.equal((await admin.post('/auth/people/invite', invited(1, 'super-administrator'))).status, 422)
  t.equal((await admin.post('/auth/people/invite', invited(1, 'device-hub'))).status, 422)
  t.equal((await admin.post(`/auth/people/${above}/deactivate`, {})).status, 403)
  t.equal((await admin.post(`/auth/people/${above}/roles`, { role: 'nurse' })).status, 403)
  const superior = await administrator(opened, ['super-administrator'])
  t.equal((await superior.post('/auth/people/invite', invited(1, 'super-administrator'))).status, 303)

  await opened.account('doc@example.org', ['doctor'])
  const doctor = opened.browser()
  await enrol(opened, doctor, 'doc@example.org')
  t.equal((await doctor.get('/auth/people')).status, 403)
  t.equal((await doctor.post('/auth/people/invite', invited(2))).status, 403)
  t.match((await opened.browser().get('/auth/people')).location, /sign-in/)
})

t.test(
  'the account that would be one too many is refused with the limit, also when all come at once',
  async (t) => {
    const opened = await openPeople(t, { staffLimits: async () => ({ nurse: 3 }) })
    const admin = await administrator(opened)
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => admin.post('/auth/people/invite', invited(n))),
    )
    t.equal(answers.filter(({ status }) => status === 303).length, 3)
    const refused = answers.filter(({ status }) => status === 409)
    t.equal(refused.length, 5)
    t.ok(refused.every(({ text }) => /limit of 3 accounts with the role “Nurse”/.test(text)))

    const { database } = opened
    const nurses = (
      await Promise.all(
        answers.map((_, n) => accountReader(database).findByEmail(1, `nurse${n}@example.org`)),
      )
    ).filter((one) => one !== undefined)
    t.equal(nurses.length, 3)
    const doctor = await opened.account('doc@example.org', ['doctor'])
    t.equal((await admin.post(`/auth/people/${doctor}/roles`, { role: ['doctor', 'nurse'] })).status, 409)
    t.equal((await admin.post(`/auth/people/${nurses[0]!.id}/deactivate`, {})).status, 303)
    t.equal((await admin.post(`/auth/people/${doctor}/roles`, { role: ['doctor', 'nurse'] })).status, 303)
    t.equal(
      (await admin.post(`/auth/people/${nurses[0]!.id}/activate`, {})).status,
      409,
      'the place is taken',
    )
  },
)

t.test('deactivation holds at once', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const id = await opened.account('anna@example.org', ['patient'])
  const browser = opened.browser()
  await browser.signIn('anna@example.org')
  const cookies = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
  t.ok(await opened.people.signedIn(1, cookies))
  t.equal((await admin.post(`/auth/people/${id}/deactivate`, {})).status, 303)
  t.equal(await opened.people.signedIn(1, cookies), undefined)
  t.match(await opened.people.find(1, id), { active: false })
  t.same(opened.ended, [id])
  t.equal((await browser.signIn('anna@example.org')).status, 401)
  t.match(opened.events.at(-2), { kind: 'deactivated', account: id })
  await browser.post('/auth/forgot', { email: 'anna@example.org' })
  t.same(await opened.mails(), [], 'no way back by mail')
  t.equal((await admin.post(`/auth/people/${id}/activate`, {})).status, 303)
  t.equal(await opened.people.signedIn(1, cookies), undefined, 'sessions do not come back')
  t.equal((await browser.signIn('anna@example.org')).status, 303)
})

t.test('nobody locks themselves out', async (t) => {
  const opened = await openPeople(t)
  const admin = await administrator(opened)
  const me = await accountReader(opened.database).findByEmail(1, 'hospital-administrator@example.org')
  t.equal((await admin.post(`/auth/people/${me!.id}/deactivate`, {})).status, 403)
  t.equal((await admin.post(`/auth/people/${me!.id}/roles`, { role: 'nurse' })).status, 403)
})

t.test('accounts stand for resources that exist, each for its own', async (t) => {
  const opened = await openPeople(t, { exists: async (_tenant, reference) => !reference.endsWith('/none') })
  const admin = await administrator(opened)
  const one = await opened.account('one@example.org', ['doctor'])
  const two = await opened.account('two@example.org', ['doctor'])
  const link = (id: string, reference: string) => admin.post(`/auth/people/${id}/link`, { reference })
  t.equal((await link(one, 'Practitioner/1')).status, 303)
  t.equal((await link(one, 'Patient/9')).status, 303)
  t.match(await opened.people.find(1, one), {
    fhirUser: 'Practitioner/1',
    links: ['Practitioner/1', 'Patient/9'],
  })
  t.equal((await link(two, 'Practitioner/1')).status, 409)
  t.equal((await link(two, 'Practitioner/none')).status, 422)
  for (const wrong of ['Device/1', 'Practitioner', 'Practitioner/1/2', '../Practitioner/1', ''])
    t.equal((await link(two, wrong)).status, 422, wrong)
  t.equal((await admin.post(`/auth/people/${one}/unlink`, { reference: 'Practitioner/1' })).status, 303)
  t.match(await opened.people.find(1, one), { fhirUser: 'Patient/9' })
})

t.test('the first administrator comes by a link that works once', async (t) => {
  const opened = await openPeople(t)
  const site = { tenant: 1, origin: opened.origin, path: '/auth', at: opened.now() }
  const old = await firstAdministratorLink(opened.database, site)
  const link = (await firstAdministratorLink(opened.database, site)) ?? ''
  const browser = opened.browser()
  t.equal((await browser.get(old?.slice(opened.origin.length) ?? '')).status, 410, 'a new start, a new link')
  t.match((await browser.get(link.slice(opened.origin.length))).text, /The first administrator/)
  const person = { email: 'first@example.org', display: 'First', password: goodPassword }
  const token = tokenOf(link)
  const all = await Promise.all(
    [1, 2, 3].map(() => opened.browser().post('/auth/link', { ...person, token })),
  )
  t.equal(all.filter(({ status }) => status === 200).length, 1)
  t.match((await browser.signIn('first@example.org')).location, /^\/auth\/enrol/)
  t.equal(await firstAdministratorLink(opened.database, site), undefined, 'there is one now')
})

t.test('the first administrator of another hospital administers that one only', async (t) => {
  const opened = await openPeople(t)
  const site = { tenant: 7, origin: opened.origin, path: '/t/seven/auth', at: opened.now() }
  const link = (await firstAdministratorLink(opened.database, site)) ?? ''
  t.ok(link.startsWith(`${opened.origin}/t/seven/auth/link?token=`))
  const asked = { token: tokenOf(link), email: 'first@example.org', display: 'First', password: goodPassword }
  t.match(await followLink(opened.deps, { ...site, tenant: 1, address: '' }, asked), { wrong: 'link' })
  t.equal(await followLink(opened.deps, { ...site, address: '' }, asked), undefined)
  const account = await accountReader(opened.database).findByEmail(7, 'first@example.org')
  t.same(account?.roles, ['hospital-administrator'])
  t.equal((await opened.browser().signIn('first@example.org')).status, 401, 'not here')
})
