/** What of an event somebody may see whose access goes by patients: nothing of the others that it was about. */
import type { AuditEvent, AuditEventEntity } from 'fhir/r4.js'
import { forbidden } from '../base/problem.ts'
import type { AuditedEvent } from './event.ts'
import { patientKey } from './row.ts'

/** Lists of keys, of each of which an event must have one; see `reach.ts`. */
type Keys = readonly (readonly string[])[]

const isOfAgents = (keys: readonly string[]): boolean => keys.every((key) => key.startsWith('a:'))

/** Whether all that an event tells may be seen by whoever may see it: it was the own doing, or everything may be seen. */
const isWhole = (reach: Keys): boolean => reach.every(isOfAgents)

const maySee = (reach: Keys, patient: string): boolean =>
  reach.every((keys) => isOfAgents(keys) || keys.includes(patientKey(patient)))

/**
 * The keys that somebody asked for, without those that would tell of others: what an event was about beside the own
 * patients is not shown, so it cannot be searched for either. Throws 403 for what would then find nothing at all.
 */
export const askable = (reach: Keys, asked: Keys): Keys => {
  if (isWhole(reach)) return asked
  return asked.map((keys) => {
    const kept = keys.filter(
      (key) => key.startsWith('a:') || (key.startsWith('p:') && maySee(reach, key.slice(2))),
    )
    if (kept.length === 0 && keys.every((key) => key.startsWith('e:')))
      throw forbidden(
        'Your access to AuditEvents goes by patients: search by patient, agent or date instead of entity.',
      )
    return kept
  })
}

const isPatient = (text: string | undefined): boolean => text?.startsWith('Patient/') === true

/** An event about several patients tells one of them who did what and when, but neither what else it touched nor what was asked. */
export const shownTo = (reach: Keys, event: AuditedEvent): AuditedEvent => {
  if (isWhole(reach)) return event
  if ('resource' in event) return { ...event, resource: sentTo(reach, event.resource) }
  const { patients = [], data, query, said, ...rest } = event
  if (patients.every((one) => maySee(reach, one))) return event
  return { ...rest, patients: patients.filter((one) => maySee(reach, one)) }
}

const sentTo = (reach: Keys, resource: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { entity = [], outcomeDesc, text, ...rest } = resource as unknown as AuditEvent
  const patientOf = ({ what }: AuditEventEntity) =>
    isPatient(what?.reference) ? what?.reference?.replace(/\/_history\/.*$/, '') : undefined
  const isOther = (one: AuditEventEntity): boolean => {
    const patient = patientOf(one)
    return patient !== undefined && !maySee(reach, patient)
  }
  if (!entity.some(isOther)) return { ...resource }
  return { ...rest, entity: entity.filter((one) => patientOf(one) !== undefined && !isOther(one)) }
}
