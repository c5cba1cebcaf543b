/** What of an event somebody may see whose access goes by patients: nothing of the others that it was about. */
import type { AuditEvent, AuditEventEntity } from 'fhir/r4.js'
import type { AuditedEvent, SeenEvent } from './event.ts'
import { doerKeys, entityKeys, patientKey, unversioned } from './row.ts'

/** Lists of keys, of each of which an event must have one; see `reach.ts`. */
export type Keys = readonly (readonly string[])[]

const isOfAgents = (keys: readonly string[]): boolean => keys.every((key) => key.startsWith('a:'))

/** Whether all that an event tells may be seen by whoever may see it: it was the own doing, or everything may be seen. */
export const isWhole = (reach: Keys): boolean => reach.every(isOfAgents)

const maySee = (reach: Keys, patient: string): boolean =>
  reach.every((keys) => isOfAgents(keys) || keys.includes(patientKey(patient)))

/** An event about several patients tells one of them who did what and when, but neither what else it touched nor what was asked. */
export const shownTo = (reach: Keys, event: AuditedEvent): AuditedEvent => {
  if (isWhole(reach)) return event
  if ('resource' in event) return { ...event, resource: sentTo(reach, event.resource) }
  const { patients = [], data, query, said, ...rest } = event
  if (patients.every((one) => maySee(reach, one))) return patients.length > 0 ? event : ownOf(reach, event)
  return { ...rest, patients: patients.filter((one) => maySee(reach, one)) }
}

/** An event about nobody tells what else it touched to whoever it is of, and to others only what they may see it for. */
const ownOf = (reach: Keys, event: SeenEvent): SeenEvent => {
  const { data = [] } = event
  if (data.length <= 1) return event
  const doer = doerKeys(event)
  const mayKnow = (reference: string): boolean => {
    const own = [...doer, ...entityKeys(unversioned(reference))]
    return reach.every((keys) => own.some((key) => keys.includes(key)))
  }
  return { ...event, data: data.filter(mayKnow) }
}

/** The patient that a reference leads to, wherever it is; undefined for what is no patient. */
const patientOf = ({ what }: AuditEventEntity): string | undefined => {
  const [, patient] = /(?:^|\/)(Patient\/[^/]+)(?:\/_history\/[^/]*)?$/.exec(what?.reference ?? '') ?? []
  return patient
}

/** Elements that tell of the act and not of those that it was about. */
const ofTheAct = [
  'resourceType',
  'meta',
  'type',
  'subtype',
  'action',
  'period',
  'recorded',
  'outcome',
  'purposeOfEvent',
  'agent',
  'source',
] as const

const sentTo = (reach: Keys, resource: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { entity = [] } = resource as unknown as AuditEvent
  const isOther = (one: AuditEventEntity): boolean => {
    const patient = patientOf(one)
    // What is called a patient elsewhere is never the own one.
    return patient !== undefined && !(one.what?.reference?.startsWith(patient) && maySee(reach, patient))
  }
  if (!entity.some(isOther)) return { ...resource }
  const kept = ofTheAct.flatMap((name) => (name in resource ? [[name, resource[name]] as const] : []))
  const own = entity.filter((one) => patientOf(one) !== undefined && !isOther(one))
  return { ...Object.fromEntries(kept), ...(own.length > 0 ? { entity: own } : {}) }
}
