/** A kept event as an AuditEvent resource in the shape of IHE's Basic Audit Log Patterns: https://profiles.ihe.net/ITI/BALP/ */
import type { AuditEvent, AuditEventAgent, AuditEventEntity, Coding as FhirCoding } from 'fhir/r4.js'
import type { AuditedEvent, SeenEvent } from './event.ts'
import { type Coding, dcm, typeOf } from './types.ts'

const source = dcm('110153', 'Source Role ID')
const destination = dcm('110152', 'Destination Role ID')
const application = dcm('110150', 'Application')
const participation = (code: string, display: string): Coding => ({
  system: 'http://terminology.hl7.org/CodeSystem/v3-ParticipationType',
  code,
  display,
})
const recipient = participation('IRCP', 'information recipient')
const author = participation('AUT', 'author (originator)')
const custodian: Coding = {
  system: 'http://terminology.hl7.org/CodeSystem/provenance-participant-type',
  code: 'custodian',
  display: 'Custodian',
}

/** Which way the data went. IHE counts the parameters of a query as the data. */
const machinesOf = ({ kind, code, action }: SeenEvent): readonly [client: Coding, server: Coding] => {
  if (kind !== 'rest') return [application, custodian]
  if (code === 'delete') return [application, custodian]
  return action === 'R' ? [destination, source] : [source, destination]
}

/** What stands before the token that somebody came with. */
export const sessionPolicy = 'urn:ietf:params:oauth:jti:'

const concept = (coding: FhirCoding) => ({ coding: [coding] })

const network = (address: string | undefined) =>
  address === undefined ? {} : { network: { address, type: '2' as const } }

/** As it stands in the base, so that whoever searches the log's text finds it. */
const hostOf = (base: string): string => /^[a-z]+:\/\/(\[[^\]]*\]|[^/:?#]*)/i.exec(base)?.[1] ?? base

const agentsOf = (event: SeenEvent): AuditEventAgent[] => {
  const { who, address, action, base, emergency } = event
  const [client, server] = machinesOf(event)
  const app = who.client ?? (who.kind === 'person' ? undefined : who.id)
  const isPerson = who.kind === 'person'
  const reference = who.fhirUser === undefined ? {} : { reference: who.fhirUser }
  const clientAgent: AuditEventAgent = {
    type: concept(client),
    who: {
      ...(isPerson ? {} : reference),
      identifier: { value: app ?? 'unknown' },
      ...(isPerson ? {} : { display: who.display }),
    },
    requestor: !isPerson,
    ...network(address),
  }
  const serverAgent: AuditEventAgent = {
    type: concept(server),
    who: { identifier: { value: base }, display: 'Lamplight' },
    requestor: false,
    network: { address: hostOf(base), type: '1' },
  }
  if (!isPerson) return [clientAgent, serverAgent]
  const person: AuditEventAgent = {
    type: concept(action === 'C' || action === 'U' || action === 'D' ? author : recipient),
    who: {
      ...reference,
      identifier: { value: who.id },
      display: who.display,
    },
    name: who.display,
    requestor: true,
    ...(who.roles ? { role: who.roles.map((text) => ({ text })) } : {}),
    ...(who.session === undefined ? {} : { policy: [sessionPolicy + who.session] }),
    ...(emergency === undefined ? {} : { purposeOfUse: [breakGlass(emergency)] }),
  }
  return [clientAgent, serverAgent, person]
}

const breakGlass = (reason: string) => ({
  coding: [
    {
      system: 'http://terminology.hl7.org/CodeSystem/v3-ActReason',
      code: 'BTG',
      display: 'break the glass',
    },
  ],
  text: reason,
})

const role = (code: string, display: string): FhirCoding => ({
  system: 'http://terminology.hl7.org/CodeSystem/object-role',
  code,
  display,
})
const entityType = (code: string, display: string): FhirCoding => ({
  system: 'http://terminology.hl7.org/CodeSystem/audit-entity-type',
  code,
  display,
})
const object = entityType('2', 'System Object')
const person = entityType('1', 'Person')

const requestId = (value: string): AuditEventEntity => ({
  what: { identifier: { value } },
  type: { system: 'https://profiles.ihe.net/ITI/BALP/CodeSystem/BasicAuditEntityType', code: 'XrequestId' },
})

const isReference = /^[A-Z][A-Za-z]+\/[A-Za-z0-9\-.]{1,64}(\/_history\/[A-Za-z0-9\-.]{1,64})?$/

const whatOf = (text: string) => (isReference.test(text) ? { reference: text } : { display: text })

const entitiesOf = ({
  data = [],
  patients = [],
  query,
  trace,
  correlation,
}: SeenEvent): AuditEventEntity[] => [
  ...patients.map((patient) => ({
    what: { reference: patient },
    type: person,
    role: role('1', 'Patient'),
  })),
  ...data.map((text) => ({ what: whatOf(text), type: object, role: role('4', 'Domain Resource') })),
  ...(query === undefined
    ? []
    : [{ type: object, role: role('24', 'Query'), query: Buffer.from(query).toString('base64') }]),
  requestId(trace),
  ...(correlation === undefined ? [] : [requestId(correlation)]),
]

const versioned = (at: number) => ({ versionId: '1', lastUpdated: new Date(at).toISOString() })

const shapes: Readonly<Record<string, string>> = {
  read: 'Read',
  vread: 'Read',
  create: 'Create',
  update: 'Update',
  delete: 'Delete',
  'search-type': 'Query',
  'search-system': 'Query',
}

/** The pattern that a successful event meets; they are for one resource, and for one patient. */
const profileOf = ({ kind, code, outcome, data = [], patients = [] }: SeenEvent): { profile?: string[] } => {
  const shape = kind === 'rest' && outcome === 0 ? shapes[code] : undefined
  if (shape === undefined || patients.length > 1 || data.length > 1) return {}
  const of = patients.length === 1 ? 'Patient' : ''
  return { profile: [`https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit.${of}${shape}`] }
}

/** The resource; a sent one is given back with the id and the version that it got here. */
export const resourceOf = (event: AuditedEvent): AuditEvent => {
  if ('resource' in event) {
    const { meta, ...rest } = event.resource as unknown as AuditEvent
    return { ...rest, id: event.id, meta: { ...meta, ...versioned(event.received) } }
  }
  const { type, subtype } = typeOf(event)
  return {
    resourceType: 'AuditEvent',
    id: event.id,
    meta: { ...versioned(event.at), ...profileOf(event) },
    type,
    subtype: [subtype],
    action: event.action,
    recorded: new Date(event.at).toISOString(),
    outcome: String(event.outcome) as '0' | '4' | '8' | '12',
    ...(event.said === undefined ? {} : { outcomeDesc: event.said }),
    agent: agentsOf(event),
    source: {
      observer: { identifier: { value: event.base }, display: 'Lamplight' },
      type: [
        {
          system: 'http://terminology.hl7.org/CodeSystem/security-source-type',
          code: '4',
          display: 'Application Server',
        },
      ],
    },
    entity: entitiesOf(event),
  }
}
