import axe from 'axe-core'
import t from 'tap'
import { needsBrowser, openBrowser } from '../../smart/browser.ts'
import { goodPassword, openPeople } from '../../support/people.ts'

// Two minutes for a browser on a busy machine.
t.setTimeout(120_000)

t.test('a browser makes a passkey and proves it; its pages have no barriers', needsBrowser, async (t) => {
  const opened = await openPeople(t)
  await opened.account('doc@example.org', ['doctor', 'hospital-administrator'])
  const { page, violations } = await (await openBrowser(t))('de-DE')
  const devices = await page.context().newCDPSession(page)
  await devices.send('WebAuthn.enable')
  await devices.send('WebAuthn.addVirtualAuthenticator', {
    options: { protocol: 'ctap2', transport: 'usb', hasUserVerification: true, isUserVerified: true },
  })
  const signIn = async (): Promise<void> => {
    await page.goto(`${opened.origin}/auth/sign-in?fresh=1`)
    await page.getByLabel('E-Mail-Adresse').fill('doc@example.org')
    await page.getByLabel('Passwort').fill(goodPassword)
    await page.getByRole('button', { name: 'Anmelden' }).click()
  }
  const check = async (what: string): Promise<void> => {
    await page.waitForLoadState()
    // The policy of the page forbids scripts in it: the rules run in the world of the browser's own tools.
    const text = `(() => { ${axe.source}; return axe.run().then((all) => JSON.stringify(all.violations.map((one) => one.id))) })()`
    const { frameTree } = await devices.send('Page.getFrameTree')
    const world = await devices.send('Page.createIsolatedWorld', { frameId: frameTree.frame.id })
    const { result } = await devices.send('Runtime.evaluate', {
      expression: text,
      contextId: world.executionContextId,
      awaitPromise: true,
      returnByValue: true,
    })
    t.equal(result.value, '[]', what)
  }
  await signIn()
  await check('set up a second factor')
  await page.getByRole('button', { name: 'Add a passkey' }).click()
  await page.getByRole('heading', { name: 'Your recovery codes' }).waitFor()
  await check('recovery codes')
  await page.getByRole('link', { name: 'Continue' }).click()
  await page.getByRole('button', { name: 'Sign out' }).click()
  await signIn()
  await check('second factor')
  await page.getByRole('button', { name: 'Use a passkey' }).click()
  await page.getByRole('heading', { name: 'Your account' }).waitFor()
  t.match(await page.textContent('main'), /Passkey 20\d\d-/)
  await check('account')
  for (const path of ['people', 'people/invite', 'sign-up', 'forgot', 'link?token=x', 'sign-in?fresh=1']) {
    await page.goto(`${opened.origin}/auth/${path}`)
    await check(path)
  }
  await page.goto(`${opened.origin}/auth/people`)
  await page.getByRole('link', { name: 'Somebody', exact: true }).click()
  await check('a person')
  t.same(violations, [])
})
