/** What the policies of roles, scopes and consents let people do, on a database. */
import t from 'tap'
import type { Ctx } from '../../src/access/ctx.ts'
import type { Principal, Role } from '../../src/access/principal.ts'
import { parseScopes } from '../../src/access/scope.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { readPolicies } from '../../src/policies.ts'
import { type Callers, createCallers, type Request } from '../../src/rest/index.ts'
import {
  create,
  ctxAt,
  openRest,
  read,
  refusal,
  resourceOf,
  search,
  textOf,
  update,
} from '../support/rest.ts'

// On a busy machine they add up.
t.setTimeout(120_000)

const definitions = await loadDefinitions(undefined)
const policies = await readPolicies(definitions, search)

const person = (
  role: Role,
  fhirUser: string,
  scope = 'user/*.cruds',
  more: Partial<Principal> = {},
): Principal => ({
  kind: 'person',
  id: fhirUser,
  display: fhirUser,
  roles: [role],
  fhirUser,
  scopes: parseScopes(scope),
  ...more,
})

const coded = (code: string) => ({ coding: [{ system: 'urn:s', code }] })
const category = (code: string) => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] },
]
const observation = (id: string, patient: string, code = 'vital-signs') =>
  update('Observation', id, {
    status: 'final',
    category: category(code),
    code: coded('x'),
    subject: { reference: `Patient/${patient}` },
  })

const open = async (t: Parameters<typeof openRest>[0]) => {
  let made: Callers | undefined
  const opened = await openRest(t, {
    callers: (store) => {
      made = createCallers({ definitions, search, store, policies })
      return made
    },
  })
  const callers = made!
  const as = async (who: Principal, request: Request, at = Date.now()) => {
    const access = await callers.explain(who, 1, at)
    const ctx: Ctx = { ...ctxAt(at), who, access }
    return opened.rest.perform(ctx, request)
  }
  for (const request of [
    update('Practitioner', 'd1', {}),
    update('Practitioner', 'd2', {}),
    update('Patient', 'p1', { gender: 'male', generalPractitioner: [{ reference: 'Practitioner/d1' }] }),
    update('Patient', 'p2', { gender: 'female', telecom: [{ system: 'phone', value: '555' }] }),
    observation('o1', 'p1'),
    observation('o2', 'p2'),
    observation('o3', 'p1', 'laboratory'),
    update('Encounter', 'e1', {
      status: 'in-progress',
      class: { code: 'AMB' },
      subject: { reference: 'Patient/p2' },
      participant: [{ individual: { reference: 'Practitioner/d2' } }],
      reasonCode: [{ text: 'secret reason' }],
    }),
  ])
    await opened.perform(request)
  return { ...opened, as, callers }
}

const found = (text: string): string[] =>
  [...text.matchAll(/"fullUrl":"[^"]*\/([A-Za-z]+\/[^"]+)"/g)].map(([, key]) => key!).sort()
const list = (type: string, ...query: [string, string][]): Request => ({
  interaction: 'search-type',
  type,
  query,
})

t.test('a patient sees the own record', async (t) => {
  const { as } = await open(t)
  const who = person('patient', 'Patient/p1', 'patient/*.cruds', { patient: 'p1' })
  t.same(found(textOf(await as(who, list('Observation')))), ['Observation/o1', 'Observation/o3'])
  t.equal(resourceOf(await as(who, list('Observation', ['_summary', 'count']))).total, 2)
  const absent = await refusal(as(who, read('Observation', 'nothing')))
  const hidden = await refusal(as(who, read('Observation', 'o2')))
  t.equal(hidden.status, 404)
  t.equal(hidden.message.replace('o2', 'nothing'), absent.message)
  const whole = await refusal(as(who, list('ValueSet')))
  t.equal(whole.status, 403)
  t.match(whole.message, /patient\/ValueSet\.s/)
})

t.test('granular scopes narrow, and a launch for another patient meets the own role', async (t) => {
  const { as } = await open(t)
  const labs = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'
  const scope = `patient/Observation.rs?category=${labs}`
  const who = person('patient', 'Patient/p1', scope, { patient: 'p1' })
  t.same(found(textOf(await as(who, list('Observation')))), ['Observation/o3'])
  t.equal((await refusal(as(who, read('Observation', 'o1')))).status, 404)
  const missing = await refusal(as(who, read('Patient', 'p1')))
  t.equal(missing.status, 403)
  t.match(missing.message, /scope such as patient\/Patient\.r/)
  const other = person('patient', 'Patient/p1', 'patient/*.rs', { patient: 'p2' })
  t.same(found(textOf(await as(other, list('Observation')))), [])
})

t.test('a doctor sees assigned patients, writes about them, and no further', async (t) => {
  const { as } = await open(t)
  const [d1, d2] = [person('doctor', 'Practitioner/d1'), person('doctor', 'Practitioner/d2')]
  t.same(found(textOf(await as(d1, list('Patient')))), ['Patient/p1'])
  t.same(found(textOf(await as(d2, list('Patient', ['_revinclude', 'Observation:subject'])))), [
    'Observation/o2',
    'Patient/p2',
  ])
  const about = (patient: string) =>
    create('Observation', {
      status: 'final',
      code: coded('x'),
      subject: { reference: `Patient/${patient}` },
    })
  t.equal((await as(d1, about('p1'))).status, 201)
  const refused = await refusal(as(d1, about('p2')))
  t.equal(refused.status, 403)
  t.match(refused.message, /out of your reach/)
  t.equal((await refusal(as(d1, about('nobody')))).message, refused.message)
})

t.test('a receptionist does not see why, nor finds out by searching', async (t) => {
  const { as } = await open(t)
  const who = person('receptionist', 'Practitioner/d1')
  const reply = await as(who, read('Encounter', 'e1'))
  t.notMatch(textOf(reply), /secret reason/)
  t.match(textOf(reply), /SUBSETTED/)
  t.equal((await refusal(as(who, list('Encounter', ['reason-code:text', 'secret'])))).status, 400)
  t.equal((await refusal(as(who, list('Encounter', ['_content', 'secret'])))).status, 400)
  t.equal((await refusal(as(who, list('Encounter', ['_sort', 'reason-code'])))).status, 400)
  const merge = (text: string): Request => ({
    interaction: 'patch',
    type: 'Encounter',
    id: 'e1',
    query: [],
    body: { text, patch: 'merge-patch' },
  })
  t.equal((await refusal(as(who, merge('{"reasonCode":[]}')))).status, 403)
  const patched = await as(who, merge('{"status":"finished"}'))
  t.equal(patched.status, 200)
  t.notMatch(textOf(patched), /secret reason/)
  const doctor = person('doctor', 'Practitioner/d2')
  t.match(textOf(await as(doctor, read('Encounter', 'e1'))), /"finished".*secret reason/)
})

const consent = (provision: object) =>
  create('Consent', {
    status: 'active',
    scope: { coding: [{ code: 'patient-privacy' }] },
    category: [{ coding: [{ system: 'http://loinc.org', code: '59284-0' }] }],
    patient: { reference: 'Patient/p1' },
    policyRule: { coding: [{ code: 'OPTIN' }] },
    provision,
  })

t.test('a consent keeps a part from one who is named, and opens it to another', async (t) => {
  const { as, perform } = await open(t)
  const [d1, d2] = [person('doctor', 'Practitioner/d1'), person('doctor', 'Practitioner/d2')]
  const actor = (id: string) => [{ role: coded('x'), reference: { reference: `Practitioner/${id}` } }]
  await perform(
    consent({
      type: 'permit',
      provision: [
        {
          type: 'deny',
          actor: actor('d1'),
          class: [{ system: 'http://hl7.org/fhir/resource-types', code: 'Observation' }],
        },
        { type: 'deny', actor: actor('d2') },
      ],
    }),
  )
  t.same(found(textOf(await as(d1, list('Patient')))), ['Patient/p1'])
  t.same(found(textOf(await as(d1, list('Observation')))), [])
  t.equal((await refusal(as(d1, read('Observation', 'o1')))).status, 404)
  const { id } = resourceOf(await perform(consent({ type: 'permit', actor: actor('d2') })))
  t.same(found(textOf(await as(d2, list('Patient')))), ['Patient/p2'], 'a denial is stronger')
  const own = person('patient', 'Patient/p1', 'patient/*.rs', { patient: 'p1' })
  t.equal(found(textOf(await as(own, list('Observation')))).length, 2)
  await perform({ interaction: 'delete', type: 'Consent', id, query: [] })
})

const parameters = (...parameter: object[]) => ({
  text: JSON.stringify({ resourceType: 'Parameters', parameter }),
})
const breakGlass = (id: string, ...parameter: object[]): Request => ({
  interaction: 'operation',
  operation: 'break-glass',
  posted: true,
  type: 'Patient',
  id,
  query: [],
  body: parameters(...parameter),
})

t.test('breaking the glass opens a record for a time, with a reason that the patient sees', async (t) => {
  const { as, perform, callers } = await open(t)
  const now = Date.now()
  const d1 = person('doctor', 'Practitioner/d1')
  const reason = { name: 'reason', valueString: 'Unconscious in the emergency room' }
  await perform(consent({ type: 'deny' }))
  t.equal((await refusal(as(d1, read('Patient', 'p1')))).status, 404, 'denied by consent')
  t.equal((await refusal(as(d1, read('Patient', 'p2')))).status, 404, 'not assigned')
  t.equal((await refusal(as(d1, breakGlass('p2')))).status, 400, 'a reason is required')
  t.equal((await refusal(as(d1, breakGlass('nobody', reason)))).status, 404)
  const clerk = person('receptionist', 'Practitioner/d1')
  t.equal((await refusal(as(clerk, breakGlass('p2', reason)))).status, 403)
  const more = { name: 'minutes', valuePositiveInt: 100_000 }
  t.equal((await refusal(as(d1, breakGlass('p2', reason, more)))).status, 400)
  for (const id of ['p1', 'p2']) {
    const reply = resourceOf(
      // It began before the consent above was written.
      await as(d1, breakGlass(id, reason, { name: 'minutes', valuePositiveInt: 30 }), now - 10_000),
    )
    t.equal(reply.parameter[0].name, 'until')
    t.equal((await as(d1, read('Patient', id), now + 60_000)).status, 200)
    t.equal((await refusal(as(d1, read('Patient', id), now + 31 * 60_000))).status, 404, 'it has ended')
  }
  t.same(found(textOf(await as(d1, list('Observation')))), [
    'Observation/o1',
    'Observation/o2',
    'Observation/o3',
  ])
  const { who } = await callers.of(d1, 1)
  t.match(who.emergency?.get('p2'), /Unconscious in the emergency room/, 'it goes on record with the reason')
  t.equal((await callers.of(d1, 1)).who, who, 'the same caller each time')
  const d2 = person('doctor', 'Practitioner/d2')
  t.equal((await callers.of(d2, 1)).who.emergency, undefined)
  t.equal((await refusal(as(d2, read('Patient', 'p1')))).status, 404, 'only for the one who did it')
  const own = person('patient', 'Patient/p2', 'patient/*.rs', { patient: 'p2' })
  t.match(textOf(await as(own, list('Communication'))), /Unconscious in the emergency room/)
})

t.test('the simulator tells who may do what, and why', async (t) => {
  const { as } = await open(t)
  const admin = person('hospital-administrator', 'Practitioner/d2')
  const ask = async (who: Principal, ...pairs: [string, string][]) =>
    resourceOf(await as(who, { interaction: 'operation', operation: 'access', posted: false, query: pairs }))
      .parameter
  const doctor = [
    ['role', 'doctor'],
    ['fhirUser', 'Practitioner/d1'],
    ['permission', 'r'],
  ] as [string, string][]
  const [allowed, why] = await ask(admin, ...doctor, ['resource', 'Observation/o1'])
  t.equal(allowed.valueBoolean, true)
  t.match(why.valueString, /policy of doctor: records of assigned patients/)
  const [no] = await ask(admin, ...doctor, ['resource', 'Observation/o2'])
  t.equal(no.valueBoolean, false)
  const [narrow, because] = await ask(
    admin,
    ...doctor,
    ['resource', 'Patient'],
    ['scope', 'user/Observation.rs'],
  )
  t.equal(narrow.valueBoolean, false)
  t.match(because.valueString, /scope such as user\/Patient\.r/)
  const refused = await refusal(ask(person('doctor', 'Practitioner/d1'), ...doctor, ['resource', 'Patient']))
  t.equal(refused.status, 403)
})

t.test('a hospital has policies of its own, which only administrators change', async (t) => {
  const { as } = await open(t)
  const nurse = person('nurse', 'Practitioner/d2')
  const admin = person('hospital-administrator', 'Practitioner/d1')
  const policy = {
    role: 'nurse',
    title: 'Nurse',
    description: 'All patients of this small house.',
    rules: [{ name: 'all patients', types: ['Patient'], permissions: 'rs' }],
  }
  const put = (content: object) =>
    update('Basic', 'access-policy-nurse', {
      extension: [
        {
          url: 'https://lamplight.dev/fhir/StructureDefinition/access-policy',
          valueString: JSON.stringify(content),
        },
      ],
      code: { text: 'Policy of access' },
    })
  t.same(found(textOf(await as(nurse, list('Patient')))), ['Patient/p2'])
  const hub: Principal = { ...nurse, kind: 'system', roles: ['external-system'] }
  for (let n = 0; n < 2; n++) {
    const refused = await refusal(as(hub, put(policy)))
    t.equal(refused.status, 403)
    t.match(refused.message, /only an administrator/)
    if (n === 0) t.equal((await as(admin, put(policy))).status, 201)
  }
  t.same(found(textOf(await as(nurse, list('Patient')))), ['Patient/p1', 'Patient/p2'])
  t.equal((await refusal(as(nurse, list('Observation')))).status, 403)
  const broken = { ...policy, rules: [{ ...policy.rules[0], within: [{ search: 'gendre=male' }] }] }
  const told = await refusal(as(admin, put(broken)))
  t.equal(told.status, 422)
  t.match(told.message, /rules\[0\]\.within: gendre=male for Patient/)
})

t.test('a Binary is read by whoever may read what it belongs to', async (t) => {
  const { as, perform } = await open(t)
  const document = (id: string, patient: string) =>
    update('DocumentReference', id, {
      status: 'current',
      subject: { reference: `Patient/${patient}` },
      content: [{ attachment: { url: `Binary/of-${id}` } }],
    })
  const binary = (id: string, reference?: string) =>
    update('Binary', id, {
      contentType: 'text/plain',
      data: 'aGk=',
      ...(reference === undefined ? {} : { securityContext: { reference } }),
    })
  await perform(document('r1', 'p1'))
  await perform(document('r2', 'p2'))
  for (const request of [
    binary('of-r1', 'DocumentReference/r1'),
    binary('of-r2', 'DocumentReference/r2'),
    binary('of-p1', 'Patient/p1'),
    binary('alone'),
    binary('lost', 'https://elsewhere.example/fhir/Patient/p1'),
    binary('circle', 'Binary/of-r1'),
    binary('moved', 'DocumentReference/r2'),
    binary('moved', 'DocumentReference/r1'),
  ])
    await perform(request)
  const readable = async (who: Principal) => {
    const found: string[] = []
    for (const id of ['of-r1', 'of-r2', 'of-p1', 'alone', 'lost', 'circle', 'moved'])
      await as(who, read('Binary', id)).then(
        () => found.push(id),
        (error) => t.equal(error.status, 404),
      )
    return found
  }
  const patient = (scope: string) => person('patient', 'Patient/p1', scope, { patient: 'p1' })
  t.same(await readable(patient('patient/*.rs')), ['of-r1', 'of-p1', 'moved'])
  t.same(await readable(patient('patient/DocumentReference.rs patient/Binary.r')), ['of-r1', 'moved'])
  t.same(await readable(person('doctor', 'Practitioner/d1')), ['of-r1', 'of-p1', 'moved'])
  t.same(await readable(person('doctor', 'Practitioner/d2')), ['of-r2'])
  const version = (versionId: string): Request => ({
    interaction: 'vread',
    type: 'Binary',
    id: 'moved',
    versionId,
    query: [],
  })
  t.equal((await as(patient('patient/*.rs'), version('2'))).status, 200)
  t.equal((await refusal(as(patient('patient/*.rs'), version('1')))).status, 404, 'it was of somebody else')
  const simulate = async (id: string) => {
    const admin = person('hospital-administrator', 'Practitioner/d1')
    const input = { role: 'patient', fhirUser: 'Patient/p1', resource: `Binary/${id}`, permission: 'r' }
    const reply = await as(admin, {
      interaction: 'operation',
      operation: 'access',
      query: Object.entries(input),
    })
    return (resourceOf(reply).parameter as { valueBoolean?: boolean }[])[0]?.valueBoolean
  }
  t.equal(await simulate('of-r1'), true)
  t.equal(await simulate('of-r2'), false)
  const none = await refusal(as(patient('patient/DocumentReference.rs'), read('Binary', 'of-r1')))
  t.equal(none.status, 403)
  t.equal((await refusal(as(patient('patient/*.rs'), list('Binary')))).status, 403, 'no search finds it')
})

t.test('whom nobody is assigned to finds nobody, and is told what may be asked', async (t) => {
  const { as } = await open(t)
  const d3 = person('doctor', 'Practitioner/d3')
  t.same(found(textOf(await as(d3, list('Patient')))), [])
  t.equal((await refusal(as(d3, read('Patient', 'p1')))).status, 404)
  t.equal((await refusal(as(d3, list('Bundle')))).status, 403, 'no rule is about it')
})

t.test('a patient corrects what she measured herself, and no results of others', async (t) => {
  const { as } = await open(t)
  const who = person('patient', 'Patient/p1', 'patient/*.cruds', { patient: 'p1' })
  const measured = (performer: string) => ({
    status: 'final',
    category: category('vital-signs'),
    code: coded('x'),
    subject: { reference: 'Patient/p1' },
    performer: [{ reference: performer }],
  })
  const put = (id: string, performer: string) => as(who, update('Observation', id, measured(performer)))
  t.equal((await refusal(put('o3', 'Patient/p1'))).status, 405, 'a result is not hers to change')
  const made = await as(who, create('Observation', measured('Patient/p1')))
  const [, id = ''] = /Observation\/([^/]+)/.exec(made.location ?? '') ?? []
  t.equal((await put(id, 'Patient/p1')).status, 200)
  t.equal((await refusal(put(id, 'Practitioner/d1'))).status, 403)
})

t.test('a patient does not learn who else is in a group', async (t) => {
  const { as, perform } = await open(t)
  const members = ['p1', 'p2'].map((id) => ({ entity: { reference: `Patient/${id}` } }))
  await perform(update('Group', 'g1', { type: 'person', actual: true, member: members }))
  const who = person('patient', 'Patient/p1', 'patient/*.rs', { patient: 'p1' })
  t.notMatch(textOf(await as(who, read('Group', 'g1'))), 'p2')
  const all = textOf(await as(who, list('Group')))
  t.same(found(all), ['Group/g1'])
  t.notMatch(all, 'p2')
  t.equal((await refusal(as(who, list('Group', ['member', 'Patient/p2'])))).status, 400)
})

t.test('what is about several patients is written by who reaches all of them', async (t) => {
  const { as, perform } = await open(t)
  const doctor = person('doctor', 'Practitioner/d1')
  const visit = (id: string, ...actors: string[]) =>
    update('Appointment', id, {
      status: 'proposed',
      participant: actors.map((reference) => ({ actor: { reference }, status: 'accepted' })),
    })
  const make = (...actors: string[]): Request => {
    const { body } = visit('any', ...actors)
    const { id: _, ...resource } = JSON.parse(body!.text)
    return { interaction: 'create', type: 'Appointment', query: [], body: { text: JSON.stringify(resource) } }
  }
  const own = make('Patient/p1', 'Practitioner/d1')
  t.equal((await as(doctor, own)).status, 201)
  const withOther = make('Patient/p1', 'Patient/p2', 'Practitioner/d1')
  t.equal(
    (await refusal(as(doctor, withOther))).status,
    403,
    'one patient does not open the door for another',
  )
  const team = {
    subject: { reference: 'Patient/p2' },
    participant: [{ member: { reference: 'Patient/p1' } }, { member: { reference: 'Practitioner/d1' } }],
  }
  t.equal((await refusal(as(doctor, create('CareTeam', team)))).status, 403)
  const focused = { ...JSON.parse(observation('x', 'p1').body!.text), focus: [{ reference: 'Patient/p2' }] }
  delete focused.id
  t.equal((await as(doctor, create('Observation', focused))).status, 201, 'what is in one compartment only')
  t.same(found(textOf(await as(doctor, list('Patient')))), ['Patient/p1'])

  const patient = person('patient', 'Patient/p1', 'user/*.cruds')
  t.equal((await refusal(as(patient, withOther))).status, 403)
  await perform(visit('group', 'Patient/p1', 'Patient/p2'))
  t.equal((await as(patient, visit('group', 'Patient/p2', 'Patient/p1'))).status, 200, 'who was there stays')
  const third = visit('group', 'Patient/p1', 'Patient/p2', 'Patient/p3')
  await perform(update('Patient', 'p3', {}))
  t.equal((await refusal(as(patient, third))).status, 403)
  t.equal((await as(person('receptionist', 'Practitioner/d2'), third)).status, 200)
})
