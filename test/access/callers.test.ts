/** What the policies of roles, scopes and consents let people do, on a database. */
import t from 'tap'
import type { Ctx } from '../../src/access/ctx.ts'
import type { Principal, Role } from '../../src/access/principal.ts'
import { parseScopes } from '../../src/access/scope.ts'
import { loadDefinitions } from '../../src/fhir/definitions/load.ts'
import { readPolicies } from '../../src/policies.ts'
import { createCallers, type Request } from '../../src/rest/index.ts'
import { createStore } from '../../src/store/index.ts'
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
  const opened = await openRest(t)
  const store = createStore(opened.database, 'checked')
  const callers = createCallers({ definitions, search, store, policies })
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
  return { ...opened, as }
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
