/** Every page in every language, as assistive technology finds it and under its own policy: https://www.w3.org/TR/WCAG22/ */
import { createHash, randomBytes } from 'node:crypto'
import axe from 'axe-core'
import t, { type Test } from 'tap'
import { languages } from '../../src/auth/pages/messages/index.ts'
import { totpCode, totpStep } from '../../src/auth/people/totp.ts'
import { startApp } from './app.ts'
import { needsBrowser, openBrowser, type Person } from './browser.ts'
import { signIn, startHouse } from './house.ts'

t.setTimeout(290_000)

declare const window: { readonly axe: typeof axe }
declare const document: { readonly documentElement: { readonly lang: string } }

/** Looks at the page that is there. */
const look = async (t: Test, { page }: Person, language: string, name: string): Promise<void> => {
  await page.evaluate(axe.source)
  const { violations } = await page.evaluate(() => window.axe.run())
  const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  t.strictSame(found, [], `${name}, ${language}`)
  t.equal(
    await page.evaluate(() => document.documentElement.lang),
    language,
    `${name} says that it is ${language}`,
  )
  t.equal(await page.locator('h1').count(), 1, `${name}, ${language}: one heading of the first level`)
}

const strangersPages = ['sign-in', 'sign-up', 'forgot', 'link?token=unknown', 'authorize?client_id=nobody']

t.test('the pages can be used by everybody', { ...needsBrowser, timeout: 280_000 }, async (t) => {
  const house = await startHouse(t)
  const app = await startApp(t)
  const openPerson = await openBrowser(t)
  const doctor = await house.linkOf('Practitioner', 'doctor')
  const patient = await house.create({
    resourceType: 'Patient',
    name: [{ family: 'Lovelace' }],
    generalPractitioner: [{ reference: doctor }],
  })
  await house.create({
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${patient.id}` },
  })
  const scope =
    'launch/patient launch/encounter openid fhirUser offline_access user/Practitioner.r patient/Observation.rs?category=laboratory'
  const { client_id } = await house.register({
    client_name: 'Growth chart',
    redirect_uris: [app.redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope,
  })
  const authorize = `${house.auth}/authorize?${new URLSearchParams({
    response_type: 'code',
    client_id,
    redirect_uri: app.redirect,
    scope,
    state: '1',
    aud: house.base,
    code_challenge: createHash('sha256').update(randomBytes(32)).digest('base64url'),
    code_challenge_method: 'S256',
  })}`

  for (const language of languages)
    for (const colours of language === 'en' ? (['light', 'dark'] as const) : (['light'] as const)) {
      await house.speak(language)
      const person = await openPerson(language, colours)
      const { page } = person
      const see = async (path: string, name = path): Promise<void> => {
        if (path !== '') await page.goto(`${house.auth}/${path}`)
        await look(t, person, language, name)
      }
      for (const path of strangersPages) await see(path)
      await page.goto(`${house.auth}/sign-in`)
      await page.fill('input[name=email]', 'nobody@demo.example')
      await page.fill('input[name=password]', 'something else')
      await page.click('main form button')
      await see('', 'sign-in that was refused')
      await page.goto(`${house.auth}/forgot`)
      await page.fill('input[name=email]', 'nobody@demo.example')
      await page.click('main form button')
      await see('', 'a mail is on its way')

      await page.goto(authorize)
      await signIn(person, 'doctor')
      await page.waitForURL('**/interaction/**')
      await see('', 'choice of a patient')
      await page.fill('input[name=text]', 'Nobody')
      await page.click('main form button')
      await see('', 'choice of a patient, nobody found')
      await page.fill('input[name=text]', 'Lovelace')
      await page.click('main form button')
      await page.click('main li a')
      await see('', 'choice of a visit')
      await page.click('main li a')
      await see('', 'consent')
      const consent = page.url()
      for (const box of await page.locator('input[type=checkbox]:enabled').all()) await box.uncheck()
      await page.click('button[value=allow]')
      await see('', 'consent without anything')
      await page.goto(consent)
      await page.click('button[value=allow]')
      await page.waitForURL(`${app.redirect}**`)
      await see('interaction/unknown')
      for (const path of ['apps', 'account', 'enrol', 'people']) await see(path)
      await page.context().clearCookies()
      await page.goto(`${house.auth}/people`)
      await signIn(person, 'hospital-administrator')
      await page.waitForURL('**/people')
      await see('', 'people')
      await see('people/invite')
      await see('clients')
      await see('clients/register')
      await page.fill('input[name=name]', 'Registry')
      await page.selectOption('select[name=kind]', 'system-secret')
      await page.fill('textarea[name=scope]', 'patient/Observation.rs')
      await page.click('main form button')
      await see('', 'an application that was refused')
      await page.fill('textarea[name=scope]', 'system/Observation.rs')
      await page.click('main form button')
      await see('', 'the secret of an application')
      await page.locator('main p a').last().click()
      await see('', 'an application with a secret')
      await see(`clients/${client_id}`, 'an application for people')
      await see('clients/unknown', 'an application that is not there')
      await page.goto(`${house.auth}/people`)
      await page.locator('main td a, main li a').first().click()
      await see('', 'a person')
      t.strictSame(person.violations, [], `nothing is against the policies of the pages, ${language}`)
      await person.context.close()
    }
})

t.test('the first administrator', { ...needsBrowser, timeout: 120_000 }, async (t) => {
  const house = await startHouse(t, { DEMO: 'false' })
  const person = await (await openBrowser(t))()
  const { page } = person
  const see = (name: string) => look(t, person, 'en', name)
  const enter = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value)
    await page.locator('main form button:visible').first().click()
  }
  const email = 'ada@example.org'
  const password = 'analytical engine of 1843'
  await page.goto(/http\S+\/auth\/link\?token=\S+/.exec(house.output())![0])
  await see('choice of a password')
  await enter({ display: 'Ada Lovelace', email, password: 'short' })
  await see('choice of a password that was refused')
  await enter({ display: 'Ada Lovelace', email, password })
  await see('the password is set')
  await page.goto(`${house.auth}/people`)
  await enter({ email, password })
  await page.waitForURL('**/enrol**')
  await see('the second factor')
  const secret = ((await page.textContent('main section p code')) ?? '').replaceAll(' ', '')
  await enter({ code: '000000' })
  await see('a second factor that was refused')
  await enter({ code: totpCode(secret, totpStep(Date.now())) })
  await page.waitForSelector('.codes')
  await see('recovery codes')
  const recovery = (await page.textContent('.codes li')) ?? ''
  await page.click('main p a')
  await see('people')

  await page.click('header form button')
  await page.goto(`${house.auth}/people`)
  await enter({ email, password })
  await page.waitForURL('**/second-factor**')
  await see('the second step')
  await enter({ recovery: 'wrong' })
  await see('the second step, refused')
  await enter({ recovery })
  await page.waitForURL('**/people')
  t.strictSame(person.violations, [])
})
