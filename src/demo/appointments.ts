/** Appointments kept, missed and to come: http://hl7.org/fhir/R4/appointment.html */
import type { Appointment, CodeableConcept, Reference } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { hl7 } from './coding.ts'
import { keptSlot, slotMinutes } from './hospital.ts'
import { routine, slot } from './schedules.ts'
import { atHour, day, minute, type Time, toDateTime, workingDay, year } from './time.ts'

const followUp: CodeableConcept = hl7('v2-0276', 'FOLLOWUP', 'A follow up visit from a previous appointment')
const noReason = hl7('appointment-cancellation-reason', 'pat', 'Patient')

type About = {
  readonly status: Appointment['status']
  readonly start: Time
  readonly made: Time
  readonly type: CodeableConcept
  readonly description: string
  readonly slot?: Reference
}

const appointment = (chart: Chart, id: string, about: About): Appointment & { id: string } => {
  const accepted = about.status === 'cancelled' ? ('declined' as const) : ('accepted' as const)
  return {
    resourceType: 'Appointment',
    id,
    status: about.status,
    ...(about.status === 'cancelled' ? { cancelationReason: noReason } : {}),
    specialty: [chart.familyDoctor.specialty.concept],
    appointmentType: about.type,
    description: about.description,
    start: toDateTime(about.start),
    end: toDateTime(about.start + slotMinutes * minute),
    minutesDuration: slotMinutes,
    ...(about.slot === undefined ? {} : { slot: [about.slot] }),
    created: toDateTime(about.made),
    participant: [
      { actor: chart.subject, required: 'required', status: accepted },
      { actor: chart.familyDoctor.reference, required: 'required', status: 'accepted' },
      { actor: chart.hospital.to('Location', 'clinic-family', 'Family Medicine Clinic'), status: 'accepted' },
    ],
  }
}

const bookable = new Set(['wellness', 'follow-up'])

/** The appointment that led to this visit, if it was one of the last year. */
export const writeKeptAppointment = (chart: Chart, { visit, random }: Attended): Reference | undefined => {
  if (!bookable.has(visit.kind) || visit.start < chart.now - year) return undefined
  const made = Math.max(chart.person.birth, visit.start - random.int(3, 45) * day)
  return chart.add(
    appointment(chart, chart.newId(), {
      status: 'fulfilled',
      start: visit.start,
      made,
      type: visit.kind === 'wellness' ? routine : followUp,
      description: visit.kind === 'wellness' ? 'Check-up' : 'Follow-up',
    }),
  )
}

/** One missed or cancelled in the past for some, one ahead for about half of those who live. */
export const writeOtherAppointments = (chart: Chart, visits: readonly Attended[]): void => {
  const random = chart.random.fork('appointments')
  const first = visits[0]?.visit.start
  if (first !== undefined && random.chance(0.2) && chart.end - first > 60 * day) {
    const start = atHour(
      workingDay(first + random.between(0.1, 0.9) * (chart.end - first - 3 * day)),
      random.int(8, 15),
    )
    const made = start - random.int(2, 30) * day
    const status = random.chance(0.5) ? 'noshow' : 'cancelled'
    chart.add(
      appointment(chart, chart.newId(), { status, start, made, type: followUp, description: 'Follow-up' }),
    )
  }
  if (chart.person.died === undefined && chart.person.bed === undefined && random.chance(0.5))
    writeBooking(chart, random.int(1, 28))
}

const writeBooking = (chart: Chart, daysAgo: number): void => {
  const { hospital, familyDoctor, person } = chart
  const start = keptSlot(hospital, person.index)
  const id = chart.newId()
  const busy = chart.add(slot(hospital, familyDoctor, start, id, 'busy'))
  const made = Math.max(person.birth, atHour(chart.now - daysAgo * day, 10))
  const type = chart.diagnosed.size > 0 ? followUp : routine
  const description = chart.diagnosed.size > 0 ? 'Follow-up' : 'Check-up'
  chart.add(
    appointment(chart, chart.newId(), { status: 'booked', start, made, type, description, slot: busy }),
  )
}
