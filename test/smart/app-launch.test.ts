/** The unmodified fhirclient library in a real browser: http://hl7.org/fhir/smart-app-launch/STU2.2/app-launch.html */
import t from 'tap'
import { type App, startApp } from './app.ts'
import { needsBrowser, openBrowser, type Person } from './browser.ts'
import { type Entries, type House, signIn, startHouse } from './house.ts'

// Two servers and a browser beside whatever else the machine does.
t.setTimeout(240_000)

const scope =
  'launch/patient openid fhirUser offline_access patient/Patient.rs patient/Observation.rs patient/Condition.rs'

const registered = (house: House, app: App, scopes: string) =>
  house.register({
    client_name: 'Growth chart',
    redirect_uris: [app.redirect],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none',
    scope: scopes,
  })

const untilReady = async ({ page }: Person, app: App): Promise<void> => {
  await page.waitForURL(`${app.redirect}**`)
  await page.waitForFunction(() => /^(ready|failed)/.test(document.title))
  const title = await page.title()
  if (title !== 'ready') throw new Error(`${title} at ${page.url()}`)
}

type TokenResponse = { readonly access_token: string; readonly refresh_token: string; readonly scope: string }

/** What of fhirclient is used here. */
type Client = {
  request(url: string): Promise<unknown>
  refresh(): Promise<unknown>
  readonly state: { readonly tokenResponse: TokenResponse }
  readonly patient: { readonly id: string }
  readonly encounter: { readonly id: string }
  readonly user: { readonly fhirUser: string }
}

declare const window: { readonly client: Client }
declare const document: { readonly title: string }

/** What the app gets of the FHIR API, or the status with which it is refused. */
const asks = ({ page }: Person, path: string): Promise<unknown> =>
  page.evaluate(
    (url) =>
      window.client.request(url).then(
        (body) => body,
        (error: { status?: number }) => error.status ?? String(error),
      ),
    path,
  )

const tellsOf = ({ page }: Person) =>
  page.evaluate(() => {
    const { client } = window
    return { response: client.state.tokenResponse, patient: client.patient.id, user: client.user.fhirUser }
  })

const signOut = async ({ page }: Person, house: House): Promise<void> => {
  await page.goto(`${house.auth}/account`)
  await page.click('header form button')
  await page.waitForURL(`${house.auth}/sign-in**`)
}

t.test('standalone launch', needsBrowser, async (t) => {
  const house = await startHouse(t)
  const app = await startApp(t)
  const own = await house.linkOf('Patient', 'patient')
  const other = await house.create({ resourceType: 'Patient', active: true })
  for (const patient of [own, `Patient/${other.id}`])
    await house.create({
      resourceType: 'Condition',
      subject: { reference: patient },
      clinicalStatus: {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: 'active' }],
      },
    })
  const { client_id: clientId } = await registered(house, app, scope)
  const openPerson = await openBrowser(t)
  const person = await openPerson()
  const { page } = person
  app.settings = { clientId, scope, iss: house.base }
  await page.goto(app.start)
  await page.waitForURL(`${house.auth}/sign-in**`)
  await signIn(person, 'patient')
  await page.waitForURL(`${house.auth}/interaction/**`)
  await page.uncheck('input[value="patient/Condition.rs"]')
  await page.click('button[value=allow]')
  await untilReady(person, app)

  const { response, patient, user } = await tellsOf(person)
  t.equal(`Patient/${patient}`, own)
  t.equal(user, own)
  const given = scope.split(' ').filter((one) => one !== 'patient/Condition.rs')
  t.strictSame(response.scope.split(' ').sort(), given.sort(), 'what the person took away is not given')

  t.match(await asks(person, own), { resourceType: 'Patient', id: patient }, 'reads its patient')
  t.equal(await asks(person, `Patient/${other.id}`), 404, 'another patient is not there')
  const found = (await asks(person, 'Patient')) as Entries
  t.strictSame(
    found.entry?.map(({ resource }) => resource.id),
    [patient],
    'a search finds nobody else',
  )
  t.equal(await asks(person, `Condition?subject=${own}`), 403, 'what was taken away is refused')
  t.match(await asks(person, `Observation?subject=${own}`), { resourceType: 'Bundle' })

  const before = response.access_token
  await page.evaluate(() => window.client.refresh())
  const after = (await tellsOf(person)).response
  t.not(after.access_token, before, 'refresh gives another token')
  t.not(after.refresh_token, response.refresh_token, 'the refresh token is another one too')
  t.match(await asks(person, own), { id: patient })

  await signOut(person, house)
  await page.goto(app.redirect)
  await untilReady(person, app)
  t.match(await asks(person, own), { id: patient }, 'offline access goes on when the person has left')

  await page.goto(`${house.auth}/apps`)
  await signIn(person, 'patient')
  await page.waitForURL(`${house.auth}/apps`)
  t.match(await page.textContent('main'), /Growth chart/)
  await page.click('main form button')
  await page.goto(app.redirect)
  await untilReady(person, app)
  t.equal(await asks(person, own), 401, 'the person has ended it')
  t.strictSame(person.violations, [])
})

t.test('EHR launch', needsBrowser, async (t) => {
  const house = await startHouse(t)
  const app = await startApp(t)
  const doctor = await house.linkOf('Practitioner', 'doctor')
  const generalPractitioner = [{ reference: doctor }]
  const seen = await house.create({ resourceType: 'Patient', active: true, generalPractitioner })
  const unseen = await house.create({ resourceType: 'Patient', active: true })
  const encounter = await house.create({
    resourceType: 'Encounter',
    status: 'in-progress',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
    subject: { reference: `Patient/${seen.id}` },
  })
  const asked = 'launch openid fhirUser online_access patient/Patient.rs patient/Encounter.rs'
  const { client_id: clientId } = await registered(house, app, asked)
  const context = {
    patient: seen.id,
    encounter: encounter.id,
    need_patient_banner: false,
    intent: 'reconcile-medications',
    fhirContext: [{ reference: doctor }],
  }
  /** What an EHR does when somebody chooses the app in it. */
  const open = async (about: object): Promise<string> => {
    const opened = await fetch(`${house.auth}/launch`, {
      method: 'POST',
      headers: { authorization: `Bearer ${house.token}`, 'content-type': 'application/json' },
      body: JSON.stringify(about),
    })
    t.equal(opened.status, 201)
    const { launch } = (await opened.json()) as { launch: string }
    return `${app.start}?${new URLSearchParams({ iss: house.base, launch })}`
  }
  const openPerson = await openBrowser(t)
  const person = await openPerson('de-DE')
  const { page } = person
  app.settings = { clientId, scope: asked }
  await page.goto(await open(context))
  await signIn(person, 'doctor')
  await page.waitForURL(`${house.auth}/interaction/**`)
  await page.click('button[value=allow]')
  await untilReady(person, app)
  const { response, patient, user } = await tellsOf(person)
  t.match(response, context, 'the app is told what the EHR was looking at')
  t.equal(patient, seen.id)
  t.equal(user, doctor)
  t.equal(await page.evaluate(() => window.client.encounter.id), encounter.id)
  t.match(await asks(person, `Patient/${seen.id}`), { id: seen.id })
  t.match(await asks(person, `Encounter/${encounter.id}`), { id: encounter.id })
  t.equal(await asks(person, `Patient/${unseen.id}`), 404)
  await page.evaluate(() => window.client.refresh())
  t.match((await tellsOf(person)).response, { patient: seen.id })

  await signOut(person, house)
  const { access_token, refresh_token } = await kept(person, app)
  t.equal((await house.fhir('GET', `Patient/${seen.id}`, { token: access_token })).status, 401)
  const again = await fetch(`${house.auth}/token`, {
    method: 'POST',
    body: new URLSearchParams({ grant_type: 'refresh_token', refresh_token, client_id: clientId }),
  })
  t.match(
    { status: again.status, body: await again.json() },
    { status: 400, body: { error: 'invalid_grant' } },
  )

  await page.goto(await open({ patient: unseen.id }))
  await signIn(person, 'doctor')
  await page.waitForURL(`${house.auth}/interaction/**`)
  await page.click('button[value=allow]')
  await untilReady(person, app)
  t.equal(
    await asks(person, `Patient/${unseen.id}`),
    404,
    'a launch opens no record that the person may not see',
  )
  t.strictSame(person.violations, [])
})

/** The answer of the token endpoint as the app has kept it. */
const kept = async (person: Person, app: App): Promise<TokenResponse> => {
  await person.page.goto(app.redirect)
  await untilReady(person, app)
  return (await tellsOf(person)).response
}

t.test('standalone launch by somebody who cares for many', needsBrowser, async (t) => {
  const house = await startHouse(t, { LAMPLIGHT_TOKENS: 'jwt' })
  const app = await startApp(t)
  const generalPractitioner = [{ reference: await house.linkOf('Practitioner', 'doctor') }]
  const name = [{ family: 'Lovelace' }]
  const seen = await house.create({ resourceType: 'Patient', name, generalPractitioner })
  const unseen = await house.create({ resourceType: 'Patient', name })
  const asked = 'launch/patient openid fhirUser patient/*.rs'
  const { client_id: clientId } = await registered(house, app, asked)
  app.settings = { clientId, scope: asked, iss: house.base }
  const person = await (await openBrowser(t))('fr-FR')
  const { page } = person
  await page.goto(app.start)
  await signIn(person, 'doctor')
  await page.waitForURL(`${house.auth}/interaction/**`)
  await page.fill('input[name=text]', 'Lovelace')
  await page.click('main form button')
  await page.waitForURL('**text=Lovelace')
  t.equal(await page.locator('main li a').count(), 1, 'there is only who may be seen')
  await page.click('main li a')
  await page.click('button[value=allow]')
  await untilReady(person, app)
  t.equal((await tellsOf(person)).patient, seen.id)
  t.match(await asks(person, `Patient/${seen.id}`), { id: seen.id })
  t.equal(await asks(person, `Patient/${unseen.id}`), 404)
  t.match((await tellsOf(person)).response, { access_token: /^[^.]+\.[^.]+\.[^.]+$/ }, 'the token is a JWT')

  await page.goto(app.start)
  await page.waitForURL(`${house.auth}/interaction/**`)
  await page.goto(`${page.url()}?patient=${unseen.id}`)
  t.equal(await page.locator('button[value=allow]').count(), 0, 'nobody else can be chosen')
  await page.goto(`${page.url().split('?')[0]}?patient=${seen.id}`)
  await page.click('button[value=deny]')
  await page.waitForURL(`${app.redirect}**`)
  await page.waitForFunction(() => document.title.startsWith('failed'))
  t.match(await page.title(), /did not allow it/, 'the app is told that the person said no')
  t.strictSame(person.violations, [])
})
