/** A passkey instead of a code, by an authenticator that the browser plays: https://www.w3.org/TR/webauthn-3/ */
import t from 'tap'
import { needsBrowser, openBrowser } from './browser.ts'
import { startHouse } from './house.ts'

t.setTimeout(120_000)

t.test('a passkey is the second factor', { ...needsBrowser, timeout: 110_000 }, async (t) => {
  const house = await startHouse(t, { DEMO: 'false' })
  const person = await (await openBrowser(t))()
  const { page } = person
  const devices = await person.context.newCDPSession(page)
  await devices.send('WebAuthn.enable')
  const { authenticatorId } = await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'usb',
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const enter = async (fields: Readonly<Record<string, string>>): Promise<void> => {
    for (const [name, value] of Object.entries(fields)) await page.fill(`input[name=${name}]`, value)
    await page.locator('main form button:visible').first().click()
  }
  const email = 'ada@example.org'
  const password = 'analytical engine of 1843'
  const link = /http\S+\/auth\/link\?token=\S+/.exec(house.output())![0]
  // Passkeys are for names: an address of numbers has none.
  await page.goto(link.replace('127.0.0.1', 'localhost'))
  const people = `${house.auth.replace('127.0.0.1', 'localhost')}/people`
  await enter({ display: 'Ada Lovelace', email, password })
  await page.goto(people)
  await enter({ email, password })
  await page.waitForURL('**/enrol**')
  await page.click('form[data-passkey=create] button')
  await page.waitForSelector('.codes')
  const { credentials } = await devices.send('WebAuthn.getCredentials', { authenticatorId })
  t.match(credentials, [{ rpId: 'localhost' }], 'the authenticator has a key for this server')
  await page.click('main p a')
  await page.waitForURL(people)

  await page.click('header form button')
  await page.goto(people)
  await enter({ email, password })
  await page.waitForURL('**/second-factor**')
  await page.click('form[data-passkey=get] button')
  await page.waitForURL(people)
  t.match(await page.textContent('main'), /ada@example\.org/)

  await page.click('header form button')
  await devices.send('WebAuthn.clearCredentials', { authenticatorId })
  await page.goto(people)
  await enter({ email, password })
  await page.waitForURL('**/second-factor**')
  await page.click('form[data-passkey=get] button')
  await page.waitForSelector('[role=alert]')
  await page.goto(people)
  t.match(page.url(), /sign-in/, 'without the key nobody gets in')
  t.strictSame(person.violations, [])
})
