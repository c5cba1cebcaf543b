/** Operations that are for people, by people who have signed in: breaking the glass, founding hospitals. */
import type { AuditEvent, Bundle, Parameters } from 'fhir/r4.js'
import t from 'tap'
import { startHouse } from './house.ts'
import { tokenOf } from './person.ts'

t.setTimeout(240_000)

t.test('a doctor breaks the glass, and it is seen', async (t) => {
  const house = await startHouse(t)
  const { id } = await house.create({ resourceType: 'Patient', name: [{ family: 'Lovelace' }] })
  await house.create({
    resourceType: 'Observation',
    status: 'final',
    code: { text: 'glucose' },
    subject: { reference: `Patient/${id}` },
  })
  const token = await tokenOf(house, 'doctor', 'openid fhirUser user/*.cruds')
  const as = (method: string, path: string, body?: unknown, by = token) =>
    house.fhir(method, path, { token: by, ...(body === undefined ? {} : { body }) })
  const count = async () => ((await as('GET', `Observation?subject=Patient/${id}`)).body.entry ?? []).length
  t.equal((await as('GET', `Patient/${id}`)).status, 404)
  t.equal(await count(), 0)

  const asked = (reason: string, minutes?: number) => ({
    resourceType: 'Parameters',
    parameter: [
      { name: 'reason', valueString: reason },
      ...(minutes === undefined ? [] : [{ name: 'minutes', valuePositiveInt: minutes }]),
    ],
  })
  const open = `Patient/${id}/$break-glass`
  t.equal((await as('POST', open, asked('why'))).status, 400, 'a reason says something')
  t.equal((await as('POST', open, asked('found unconscious', 100_000))).status, 400)
  t.equal((await as('POST', `Patient/nobody/$break-glass`, asked('found unconscious'))).status, 404)
  t.equal((await as('GET', `${open}?reason=found%20unconscious`)).status, 405, 'not by following a link')
  const nurse = await tokenOf(house, 'receptionist', 'openid fhirUser user/*.cruds')
  t.equal((await as('POST', open, asked('found unconscious'), nurse)).status, 403)
  t.equal((await as('POST', open, asked('found unconscious'), house.token)).status, 403, 'no person')
  t.equal(await count(), 0)

  const opened = await as('POST', open, asked('found unconscious at home', 30))
  t.equal(opened.status, 200, JSON.stringify(opened.body))
  const { parameter = [] } = opened.body as unknown as Parameters
  const until = Date.parse(parameter.find(({ name }) => name === 'until')?.valueInstant ?? '')
  t.ok(until > Date.now() + 28 * 60_000 && until < Date.now() + 31 * 60_000)
  t.equal((await as('GET', `Patient/${id}`)).status, 200)
  t.equal(await count(), 1)
  t.equal((await as('PUT', `Patient/${id}`, { resourceType: 'Patient', id })).status, 405, 'to look only')

  const alerts = await house.fhir('GET', `Communication?subject=Patient/${id}`)
  t.match(alerts.body, { entry: [{ resource: { priority: 'urgent' } }] })
  t.match(JSON.stringify(alerts.body), /found unconscious at home/)
  const doctor = await house.linkOf('Practitioner', 'doctor')
  t.match((await house.fhir('GET', `AuditEvent?agent=${doctor}&subtype=110122`)).body, {
    entry: [{ resource: { agent: [{}, {}, { name: 'Demo doctor', who: { reference: doctor } }] } }],
  })
  const events = async (query: string) =>
    (await house.fhir('GET', `AuditEvent?patient=${id}&${query}`)).body as unknown as Bundle
  t.match(await events('subtype=110127'), {
    entry: [{ resource: { outcome: '0', outcomeDesc: 'found unconscious at home' } }],
  })
  t.match(
    JSON.stringify(await events('subtype=read&outcome=0')),
    /"code":"BTG".*found unconscious at home/,
    'what is read then says why',
  )

  const consent = parameter.find(({ name }) => name === 'consent')?.valueReference?.reference ?? ''
  const { body } = await house.fhir('GET', consent)
  await house.fhir('PUT', consent, { body: { ...body, status: 'inactive' } })
  await new Promise((done) => setTimeout(done, 1500))
  t.equal((await as('GET', `Patient/${id}`)).status, 404, 'somebody closed it')
  t.equal(await count(), 0)
})

t.test('a super administrator founds a hospital and closes it', async (t) => {
  const house = await startHouse(t)
  const scope = 'openid user/*.cruds'
  const token = await tokenOf(house, 'super-administrator', scope)
  const call = (operation: string, parameter: readonly object[], by = token) =>
    house.fhir('POST', `$${operation}`, { token: by, body: { resourceType: 'Parameters', parameter } })
  const north = { name: 'name', valueString: 'north' }
  const limit = {
    name: 'staffLimit',
    part: [
      { name: 'role', valueCode: 'nurse' },
      { name: 'limit', valueUnsignedInt: 2 },
    ],
  }
  const root = house.base.replace(/\/fhir$/, '')
  const there = async (path = 'metadata') => (await fetch(`${root}/t/north/fhir/${path}`)).status
  t.equal(await there(), 404)

  for (const role of ['hospital-administrator', 'doctor']) {
    const other = await tokenOf(house, role, scope)
    for (const operation of ['tenant-create', 'tenant-change'])
      t.equal((await call(operation, [north], other)).status, 403, `${role}, ${operation}`)
    t.equal((await house.fhir('GET', '$tenants', { token: other })).status, 403, `${role}, tenants`)
  }
  const narrow = await tokenOf(house, 'super-administrator', 'openid user/Practitioner.rs')
  t.equal((await call('tenant-create', [north], narrow)).status, 403, 'an application that may do less')
  t.equal(await there(), 404)

  const made = await call('tenant-create', [north, limit])
  t.equal(made.status, 201, JSON.stringify(made.body))
  t.equal(await there(), 200)
  t.equal((await call('tenant-create', [north])).status, 409)
  t.match(
    JSON.stringify((await house.fhir('GET', '$tenants', { token })).body),
    /"valueString":"north".*"nurse"/,
  )
  t.equal((await call('tenant-change', [north, { name: 'active', valueBoolean: false }])).status, 200)
  t.equal(await there(), 404, 'closed at once')
  t.equal((await call('tenant-change', [north, { name: 'active', valueBoolean: true }])).status, 200)
  t.equal(await there(), 200)

  t.equal((await house.fhir('GET', 'Patient', { token })).status, 403, 'nothing clinical')
  const elsewhere = await fetch(`${root}/t/north/fhir/Practitioner`, {
    headers: { authorization: `Bearer ${token}` },
  })
  t.equal(elsewhere.status, 401, 'and nothing there')
  const { body } = await house.fhir('GET', 'AuditEvent?subtype=operation&_count=100')
  const told = (body as unknown as Bundle<AuditEvent>).entry ?? []
  const outcomes = (role: string) =>
    told
      .filter(({ resource }) => JSON.stringify(resource?.agent).includes(`"${role}"`))
      .map(({ resource }) => `${resource!.entity?.[0]?.what?.display} ${resource!.outcome}`)
      .sort()
  t.strictSame(outcomes('doctor'), ['$tenant-change 8', '$tenant-create 8', '$tenants 8'])
  t.strictSame(outcomes('super-administrator'), [
    ...['$tenant-change 0', '$tenant-change 0', '$tenant-create 0', '$tenant-create 4', '$tenant-create 8'],
    '$tenants 0',
  ])
})
