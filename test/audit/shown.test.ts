/** What of an event that tells of several things its readers see. */
import t from 'tap'
import type { AuditedEvent, SeenEvent } from '../../src/audit/event.ts'
import { agentKey, entityKey, patientKey } from '../../src/audit/row.ts'
import { shownTo } from '../../src/audit/shown.ts'

const event = (more: Partial<SeenEvent>): SeenEvent => ({
  id: '01890000-0000-7000-8000-000000000000',
  tenant: 1,
  at: 0,
  kind: 'rest',
  code: 'create',
  action: 'C',
  outcome: 0,
  data: ['Organization/1/_history/1', 'Organization/2/_history/1'],
  who: { kind: 'person', id: 'account-1', display: 'Ada', fhirUser: 'Practitioner/7' },
  base: 'http://here/fhir',
  trace: 'trace',
  ...more,
})
const dataOf = (shown: AuditedEvent): readonly string[] | undefined =>
  'data' in shown ? shown.data : undefined

t.test(
  'about nobody: what else was touched is told to whoever did it, and to who may see everything',
  async (t) => {
    const both = event({})
    t.same(dataOf(shownTo([[entityKey('Organization/2')]], both)), ['Organization/2/_history/1'])
    t.same(
      dataOf(shownTo([[entityKey('Organization/2')], [entityKey('Organization/1')]], both)),
      [],
      'each list must have one',
    )
    t.same(dataOf(shownTo([[agentKey('Practitioner/7'), entityKey('Organization/2')]], both)), both.data)
    t.same(dataOf(shownTo([[agentKey('Practitioner/7')]], both)), both.data)
    t.same(dataOf(shownTo([], both)), both.data)
  },
)

t.test('about patients: to who may see all of them it is told whole', async (t) => {
  const own = event({
    patients: ['Patient/1'],
    data: ['Observation/1/_history/1', 'Observation/2/_history/1'],
  })
  t.same(dataOf(shownTo([[patientKey('Patient/1')]], own)), own.data)
  t.same(dataOf(shownTo([[entityKey('Observation/1')]], own)), undefined)
  const shared = { ...own, patients: ['Patient/1', 'Patient/2'] }
  t.match(shownTo([[patientKey('Patient/1')]], shared), { patients: ['Patient/1'], data: undefined })
})
