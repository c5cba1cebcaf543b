/** A log of all kinds of events, of this server and of others, about a few resources; and questions about it. */
import fc from 'fast-check'
import type { AuditedEvent, SeenEvent, SentEvent } from '../../src/audit/event.ts'

/** 1 January 2026. */
export const start = Date.UTC(2026, 0, 1)
export const base = 'http://test.example/fhir'

const patients = ['Patient/p1', 'Patient/p2', 'Patient/p3']
const others = [
  'Observation/o1',
  'Observation/o2',
  'Encounter/none',
  'Observation/o1/_history/1',
  'Patient/p1/_history/1',
]

const uuidAt = (at: number, n: number): string => {
  const time = at.toString(16).padStart(12, '0')
  return `${time.slice(0, 8)}-${time.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

const whos: readonly SeenEvent['who'][] = [
  {
    kind: 'person',
    id: 'account-1',
    display: 'Dr. Ada Löwe',
    client: 'chart',
    fhirUser: 'Practitioner/7',
    session: 's-1',
  },
  {
    kind: 'person',
    id: 'account-2',
    display: 'Peter Own',
    client: 'portal',
    roles: ['patient'],
    fhirUser: 'Patient/p1',
  },
  { kind: 'person', id: 'account-3', display: 'Paula Else', client: 'portal', fhirUser: 'Patient/p2' },
  { kind: 'system', id: 'gateway', display: 'Gateway', client: 'gateway-client', fhirUser: 'Device/9' },
  { kind: 'internal', id: 'lamplight', display: 'Lamplight' },
]

const seen = fc.record({
  kind: fc.constantFrom('rest', 'sign-in', 'export', 'account'),
  code: fc.constantFrom('read', 'create', 'update', 'search-type'),
  action: fc.constantFrom('R', 'C', 'U', 'E'),
  outcome: fc.constantFrom(0, 0, 0, 4, 8),
  who: fc.constantFrom(...whos),
  patients: fc.subarray(patients),
  data: fc.subarray([...others, 'AuditEvent/other', 'Patient/p2'], { maxLength: 2 }),
  query: fc.option(fc.constantFrom('Observation?patient=p2', 'Patient?name=secret'), { nil: undefined }),
  said: fc.option(fc.constantFrom('No zebra for you.', 'secret-p2'), { nil: undefined, freq: 3 }),
  address: fc.constantFrom('192.0.2.7', '198.51.100.1', undefined),
  base: fc.constantFrom(base, 'https://[::1]:8080/fhir'),
})

const reference = fc.constantFrom(
  ...patients,
  ...others,
  `${base}/Patient/p1`,
  `${base}/Patient/p2`,
  'https://other.example/Patient/p1',
)
const sent = fc.record(
  {
    type: fc.constantFrom({ system: 'urn:s', code: 'rest' }, { system: 'urn:s', code: 'sent' }),
    subtype: fc.subarray([{ code: 'read' }, { system: 'urn:s', code: 'two', display: 'zebra' }]),
    action: fc.constantFrom('R', 'D'),
    outcome: fc.constantFrom('0', '8'),
    outcomeDesc: fc.constantFrom('secret-p2', 'zebra'),
    recorded: fc.constantFrom('2026-01-01T00:00:03Z', '2026-01-01T01:00:02.5+01:00', '2025-06-30T23:59:60Z'),
    agent: fc.array(
      fc.record(
        {
          who: fc.oneof(
            fc.constantFrom(
              { reference: 'Practitioner/7' },
              { reference: `${base}/Patient/p1` },
              { reference: 'Device/9' },
            ),
            fc.constantFrom(
              { identifier: { system: 'urn:i', value: 'chart' } },
              { identifier: { value: 'Practitioner/7' } },
            ),
          ),
          name: fc.constantFrom('ADA LOVELACE', 'Grace  Hopper', 'Löwe'),
          altId: fc.constant('alt'),
          policy: fc.constantFrom(['http://pol/1'], ['urn:ietf:params:oauth:jti:s-1']),
          network: fc.constantFrom({ address: '192.0.2.9' }, { address: 'Test.example' }),
          requestor: fc.boolean(),
        },
        { requiredKeys: ['requestor'] },
      ),
      { minLength: 1, maxLength: 2 },
    ),
    source: fc.constantFrom(
      { site: 'North', observer: { reference: 'Device/9' } },
      { observer: { display: 'zebra' } },
    ),
    entity: fc.array(
      fc.record(
        {
          what: fc.oneof(
            reference.map((one) => ({ reference: one })),
            fc.constant({ identifier: { value: 'zebra' } }),
          ),
          name: fc.constantFrom('Scan of knee', 'secret-p2'),
        },
        { requiredKeys: ['what'] },
      ),
      { maxLength: 3 },
    ),
    meta: fc.constantFrom({ tag: [{ code: 'blue' }] }, {}),
  },
  { requiredKeys: ['type', 'agent', 'source', 'recorded', 'meta'] },
)

const made = fc.oneof(
  { weight: 3, arbitrary: seen.map((event) => ({ event })) },
  { weight: 1, arbitrary: sent.map((resource) => ({ resource })) },
)

/** The events of a log; some refer to the one before. */
export const log = (size: number) =>
  fc.array(made, { minLength: size, maxLength: size }).map((all) =>
    all.map((one, n): AuditedEvent => {
      const at = start + n * 700
      const stamp = { id: uuidAt(at, n), tenant: 1, at }
      if ('event' in one) {
        const data = one.event.data.map((text) =>
          text === 'AuditEvent/other' ? `AuditEvent/${uuidAt(start + (n - 1) * 700, n - 1)}` : text,
        )
        return { ...stamp, ...one.event, data, trace: `trace-${n}` } as unknown as SeenEvent
      }
      const resource = { resourceType: 'AuditEvent', ...one.resource }
      const recorded = Date.parse(resource.recorded)
      return {
        ...stamp,
        at: Number.isNaN(recorded) ? Date.UTC(2025, 6, 1) : recorded,
        received: at,
        resource: resource as SentEvent['resource'],
      }
    }),
  )

const filters = [
  '',
  'patient=p1',
  'patient=Patient/p2',
  'patient=p2,p3',
  'patient:missing=true',
  'patient:Patient=p1',
  `patient=${base}/Patient/p1`,
  'patient.name=Fam',
  'patient.name=Famp2',
  'patient:Patient.gender=male',
  'patient.gender:not=male',
  '_has:Provenance:target:recorded=gt2020',
  '_has:List:item:_id=l1',
  '_list=l1',
  '_list=l2',
  'agent=Practitioner/7',
  'agent=7',
  'agent:identifier=chart',
  'agent:identifier=urn:i|chart',
  'agent:identifier=unknown',
  'agent:identifier=gateway',
  'agent=Device/9',
  'agent:Patient.name=Famp1',
  'agent-name=dr.%20ada',
  'agent-name=grace hopper',
  'agent-name:contains=LOV',
  'agent-name:exact=Grace  Hopper',
  'agent-name:missing=true',
  'agent-role:text=patient',
  'altid=alt',
  'altid:missing=false',
  'entity=Observation/o1',
  'entity=o1',
  'entity=Observation/o1/_history/1',
  'entity=Patient/p2',
  'entity:missing=true',
  'entity:Observation.status=final',
  'entity.subject=Patient/p2',
  'entity:identifier=trace-3',
  'entity:identifier=zebra',
  'entity:AuditEvent.action=R',
  'entity:AuditEvent.patient=p2',
  'entity-name=scan',
  'entity-name=secret',
  'entity-name:missing=false',
  'entity-role=4',
  'entity-type=2',
  'entity-type:not=2',
  'address=192',
  'address=test',
  'address=[::1]',
  'address:contains=2.7',
  'address:missing=true',
  'action=R',
  'action:not=R',
  'outcome=4,8',
  'outcome:not=0',
  'outcome=0',
  'outcome=9',
  'type=rest',
  'type=urn:s|rest',
  'type=http://terminology.hl7.org/CodeSystem/audit-event-type|rest',
  'type=urn:s|',
  'type:not=rest',
  'type:text=rest',
  'subtype=read',
  'subtype=two',
  'subtype:not=read',
  'subtype=http://hl7.org/fhir/restful-interaction|read',
  'source=Device/9',
  'source:missing=true',
  'site=North',
  'policy=urn:ietf:params:oauth:jti:s-1',
  'policy=http://pol/1',
  'policy:below=http://pol',
  'policy:missing=true',
  'date=2026-01-01',
  'date=ge2026-01-01T00:00:10Z',
  'date=lt2026-01-01T00:00:10.5Z',
  'date=ne2026-01-01T00:00:03Z',
  'date=eq2026-01-01T00:00:03Z',
  'date=2026-01-01T00:00:03.500Z,2026-01-01T00:00:04.200Z',
  'date=sa2026-01-01T00:00:05Z',
  'date=ap2026-01-01',
  'date=2025-06,2025-07',
  'date:missing=true',
  '_lastUpdated=ge2026-01-01T00:00:10Z',
  '_lastUpdated=ne2026-01-01T00:00:10Z',
  '_lastUpdated=lt2026-01-01T00:00:05Z',
  '_tag=blue',
  '_tag:not=blue',
  '_profile=https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.PatientRead',
  '_profile:missing=true',
  '_content=zebra',
  '_content=secret',
  '_content=löwe',
  '_filter=patient eq Patient/p2',
  '_filter=patient eq Patient/p2 or action eq C',
  '_filter=not(entity-name co "secret")',
  '_filter=outcome ne 0 and agent.name co "ada"',
  '_filter=patient.name sw Famp2',
] as const

const shapes = [
  '',
  '',
  '_summary=count',
  '_total=accurate&_count=3',
  '_sort=action',
  '_sort=-patient,date',
  '_sort=agent-name,-_id',
  '_sort=-entity',
  '_sort=entity-name',
  '_sort=-outcome,subtype,address',
  '_sort=_lastUpdated',
  '_sort=-_id',
  '_sort=date',
  '_include=AuditEvent:entity',
  '_include=AuditEvent:patient&_revinclude=*',
  '_include=*&_include:iterate=AuditEvent:entity',
  '_revinclude=AuditEvent:entity&_count=4',
  '_revinclude=List:item&_revinclude=Provenance:target',
  '_include=AuditEvent:patient&_revinclude:iterate=AuditEvent:patient',
  '_elements=action,entity',
  '_summary=true',
] as const

const pairs = (text: string): [string, string][] =>
  text
    .split('&')
    .filter((part) => part !== '')
    .map((part) => [part.slice(0, part.indexOf('=')), decodeURIComponent(part.slice(part.indexOf('=') + 1))])

export type Asked = {
  readonly filters: readonly [string, string][]
  readonly shape: readonly [string, string][]
}

export const asked: fc.Arbitrary<Asked> = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom(...filters), { minLength: 1, maxLength: 2 }),
    fc.constantFrom(...shapes),
  )
  .map(([some, shape]) => ({ filters: some.flatMap(pairs), shape: pairs(shape) }))
