/** What all observations share: http://hl7.org/fhir/R4/observation.html */
import type { CodeableConcept, Observation, Reference } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { hl7 } from './coding.ts'
import { type Time, toDateTime } from './time.ts'

export const vitalSigns = hl7('observation-category', 'vital-signs', 'Vital Signs')
export const laboratory = hl7('observation-category', 'laboratory', 'Laboratory')
export const socialHistory = hl7('observation-category', 'social-history', 'Social History')

/** An observation made during a visit, without its value. */
export const observation = (
  chart: Chart,
  attended: Attended,
  category: CodeableConcept,
  code: CodeableConcept,
  at: Time,
  performer: Reference,
): Observation & { id: string } => ({
  resourceType: 'Observation',
  id: chart.newId(),
  status: 'final',
  category: [category],
  code,
  subject: chart.subject,
  encounter: attended.encounter,
  effectiveDateTime: toDateTime(at),
  issued: toDateTime(at),
  performer: [performer],
})
