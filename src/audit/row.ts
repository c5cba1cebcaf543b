/** What an event can be found by: columns and keys of its row in the database, derived from its content alone. */
import type { AuditRow } from '../store/index.ts'
import type { AuditedEvent, SeenEvent, SentEvent } from './event.ts'
import { typeOf } from './types.ts'

const control = /\p{Cc}/gu
const clean = /^[\x20-\x7e]{0,500}$/

/** `a` agent, `p` patient, `e` entity: the letter, a colon, and the reference without version, or an identifier. */
export const agentKey = (value: string): string => `a:${value}`
export const patientKey = (reference: string): string => `p:${reference}`
export const entityKey = (reference: string): string => `e:${reference}`

/** The keys that an entity may stand under: a patient that the event was about has one key only. */
export const entityKeys = (reference: string): string[] =>
  reference.startsWith('Patient/') ? [entityKey(reference), patientKey(reference)] : [entityKey(reference)]

/** Keys have references without their version. */
export const unversioned = (reference: string): string => reference.replace(/\/_history\/.*$/, '')

/** Who did it, and by which application. */
export const doerKeys = ({ who }: Pick<SeenEvent, 'who'>): string[] => [
  agentKey(who.id),
  ...(who.fhirUser === undefined ? [] : [agentKey(who.fhirUser)]),
  ...(who.client === undefined ? [] : [agentKey(who.client)]),
]

const seenKeys = ({ who, data = [], patients = [] }: SeenEvent): string[] => [
  ...doerKeys({ who }),
  ...patients.map(patientKey),
  ...data.map((reference) => entityKey(unversioned(reference))),
]

type Coding = { readonly system?: string; readonly code?: string }
type Sent = {
  readonly type?: Coding
  readonly subtype?: readonly Coding[]
  readonly action?: string
  readonly outcome?: string
  readonly agent?: readonly {
    readonly who?: { readonly reference?: string; readonly identifier?: { readonly value?: string } }
    readonly network?: { readonly address?: string }
  }[]
  readonly entity?: readonly { readonly what?: { readonly reference?: string } }[]
}

const sentKeys = ({ agent = [], entity = [] }: Sent): string[] => {
  const agents = agent.flatMap(({ who }) => [who?.reference, who?.identifier?.value])
  const entities = entity.map(({ what }) => what?.reference)
  const touched = [...agents, ...entities].flatMap((reference) => (reference ? [unversioned(reference)] : []))
  return [
    ...agents.flatMap((value) => (value ? [agentKey(unversioned(value))] : [])),
    ...entities.flatMap((value) => (value ? [entityKey(unversioned(value))] : [])),
    ...touched.filter((reference) => reference.startsWith('Patient/')).map(patientKey),
  ]
}

/** A key as it is kept, which is no longer than this. */
export const askedKey = (key: string): string =>
  clean.test(key) ? key : key.replace(control, ' ').slice(0, 500)

const unique = (keys: readonly string[]): string[] => [...new Set(keys.map(askedKey))]

const outcomes = new Map([0, 4, 8, 12].map((code) => [String(code), code]))

const sentRow = (event: SentEvent, content: string): AuditRow => {
  const sent = event.resource as Sent
  return {
    id: event.id,
    at: event.at,
    type: sent.type?.code ?? '',
    subtype: sent.subtype?.[0]?.code ?? '',
    action: sent.action?.slice(0, 1) || 'E',
    outcome: outcomes.get(sent.outcome ?? '0') ?? 0,
    address: sent.agent?.find(({ network }) => network?.address)?.network?.address,
    keys: unique(sentKeys(sent)),
    content,
  }
}

/** `content` is the event's own text, as it was parsed from. */
export const rowOf = (event: AuditedEvent, content: string): AuditRow => {
  if ('resource' in event) return sentRow(event, content)
  const { type, subtype } = typeOf(event)
  return {
    id: event.id,
    at: event.at,
    type: type.code,
    subtype: subtype.code,
    action: event.action,
    outcome: event.outcome,
    address: event.address,
    keys: unique(seenKeys(event)),
    content,
  }
}
