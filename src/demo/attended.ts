/** A visit that takes place: who is there, and what is found. */
import type { Reference } from 'fhir/r4.js'
import type { Chart } from './chart.ts'
import type { Practitioner } from './hospital.ts'
import type { Random } from './random.ts'
import type { SpecialtyKey } from './specialties.ts'
import type { Visit } from './visits.ts'

/** A Condition with which this visit has to do. */
export type Finding = { readonly condition: Reference; readonly name: string }

export type Attended = {
  readonly visit: Visit
  readonly id: string
  readonly encounter: Reference
  readonly specialty: SpecialtyKey
  readonly doctor: Practitioner
  readonly nurse: Practitioner
  /** What the visit is about first. */
  readonly findings: Finding[]
  readonly random: Random
}

const specialtyOf = (chart: Chart, visit: Visit): SpecialtyKey => {
  if (visit.kind === 'emergency') return 'emergency'
  if (visit.kind !== 'inpatient') return 'family'
  if (visit.end === undefined && chart.person.bed !== undefined) return chart.person.bed.ward.specialty
  if (chart.person.age < 16) return 'paediatrics'
  const place = visit.problem?.condition.ward ?? visit.acute?.place
  return place === undefined || place === 'clinic' || place === 'emergency' || place === 'paediatrics'
    ? 'medicine'
    : place
}

/** Number `n` of the patient's visits. */
export const attend = (chart: Chart, visit: Visit, n: number): Attended => {
  const random = chart.random.fork(`visit ${n}`)
  const specialty = specialtyOf(chart, visit)
  const doctor = specialty === 'family' ? chart.familyDoctor : random.pick(chart.hospital.doctors(specialty))
  const nurse = random.pick(chart.hospital.nurses(specialty))
  const id = chart.newId()
  return {
    visit,
    id,
    encounter: { reference: `urn:uuid:${id}` },
    specialty,
    doctor,
    nurse,
    findings: [],
    random,
  }
}
