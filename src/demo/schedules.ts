/** When the family doctors can be seen: http://hl7.org/fhir/R4/schedule.html, http://hl7.org/fhir/R4/slot.html */
import type { CodeableConcept, Schedule, Slot } from 'fhir/r4.js'
import { hl7 } from './coding.ts'
import { type Hospital, type Practitioner, slotMinutes, workingDayAfter } from './hospital.ts'
import { day, hour, minute, type Time, toDateTime } from './time.ts'

const openDays = 10
const afternoon = [13, 16] as const

/** Kind of a visit to the doctor. */
export const routine = hl7('v2-0276', 'ROUTINE', 'Routine appointment - default if not valued')

const schedulePart = (doctor: Practitioner): string => `schedule-${doctor.number}`

export function* schedules(hospital: Hospital): Generator<Schedule & { id: string }> {
  for (const doctor of hospital.doctors('family')) {
    yield {
      resourceType: 'Schedule',
      id: hospital.idOf(schedulePart(doctor)),
      active: true,
      serviceType: [appointmentType],
      specialty: [doctor.specialty.concept],
      actor: [doctor.reference, hospital.to('Location', 'clinic-family', 'Family Medicine Clinic')],
      planningHorizon: {
        start: toDateTime(workingDayAfter(hospital.now, 0)),
        end: toDateTime(workingDayAfter(hospital.now, 0) + 365 * day),
      },
    }
  }
}

const appointmentType: CodeableConcept = hl7('service-type', '124', 'General Practice')

/** The open afternoons of two weeks. Morning slots come with the patients who have booked them. */
export function* slots(hospital: Hospital): Generator<Slot & { id: string }> {
  for (const doctor of hospital.doctors('family')) {
    for (let n = 0; n < openDays; n++) {
      const date = workingDayAfter(hospital.now, n)
      for (let at = date + afternoon[0] * hour; at < date + afternoon[1] * hour; at += slotMinutes * minute) {
        yield slot(
          hospital,
          doctor,
          at,
          hospital.idOf(`slot-${doctor.number}-${n}-${(at - date) / minute}`),
          'free',
        )
      }
    }
  }
}

/** Half an hour of a doctor's time. */
export const slot = (
  hospital: Hospital,
  doctor: Practitioner,
  at: Time,
  id: string,
  status: 'free' | 'busy',
): Slot & { id: string } => ({
  resourceType: 'Slot',
  id,
  serviceType: [appointmentType],
  specialty: [doctor.specialty.concept],
  appointmentType: routine,
  schedule: hospital.to('Schedule', schedulePart(doctor)),
  status,
  start: toDateTime(at),
  end: toDateTime(at + slotMinutes * minute),
})
