/** The front door of the generator: a seed and a number make a patient, always the same one. */
import type { Bundle, FhirResource } from 'fhir/r4.js'
import { writeAllergies } from './allergies.ts'
import { writeOtherAppointments } from './appointments.ts'
import { writeCare } from './care.ts'
import { type Chart, createChart, put, transaction } from './chart.ts'
import { writeClaim } from './claims.ts'
import { writeCoverage } from './coverage.ts'
import { writeVisit } from './encounters.ts'
import { createHospital, familyDoctorOf, type Hospital } from './hospital.ts'
import { writeImmunizations } from './immunizations.ts'
import { locations } from './locations.ts'
import { organizations } from './organizations.ts'
import { writePatient } from './patient.ts'
import { drawPerson, patientRandom } from './person.ts'
import { practitioners } from './practitioners.ts'
import { createMedicationList, writePrescriptions } from './prescriptions.ts'
import { drawProblems } from './problems.ts'
import { schedules, slots } from './schedules.ts'
import { hour, parseDate, type Time } from './time.ts'
import { planVisits } from './visits.ts'

/** The day on which the records end unless another is asked for: fixed, so that the same seed gives the same bytes next year. */
export const defaultDay = '2026-11-02'

/** `day` as `2026-11-02`; the records end at eight in the morning. */
const recordsEnd = (day: string): Time => parseDate(day) + 8 * hour

export type DemoGenerator = {
  /** Organizations, locations, staff and schedules, as transactions to be sent in order, before any patient. */
  hospitalBundles(): Iterable<Bundle>
  /** Everything about patient number `index` (from 0), as one transaction. Refers to the hospital by id. */
  patientBundle(index: number): Bundle
}

/** Same `seed` and `day`, same bytes. Patients do not depend on each other and may be made in any order. */
export const createGenerator = (seed: number, day: string = defaultDay): DemoGenerator => {
  const hospital = createHospital(seed, recordsEnd(day))
  return {
    hospitalBundles: () => hospitalBundles(hospital),
    patientBundle: (index) => patientBundle(hospital, index),
  }
}

/** One patient of a hospital; for a series, `createGenerator` is faster. */
export const generatePatientBundle = (seed: number, index: number, day?: string): Bundle =>
  createGenerator(seed, day).patientBundle(index)

function* hospitalBundles(hospital: Hospital): Generator<Bundle> {
  yield bundleOf(organizations(hospital), locations(hospital))
  yield bundleOf(practitioners(hospital), schedules(hospital))
  yield bundleOf(slots(hospital))
}

const bundleOf = (...parts: Iterable<FhirResource & { id: string }>[]): Bundle =>
  transaction(parts.flatMap((part) => [...part].map((resource) => put(resource))))

const patientBundle = (hospital: Hospital, index: number): Bundle => {
  const random = patientRandom(hospital.seed, index)
  const person = drawPerson(hospital, index, random.fork('person'))
  const problems = drawProblems(person, random.fork('problems'))
  const familyDoctor = familyDoctorOf(hospital, index)
  const chart = createChart({ person, hospital, random, problems, familyDoctor })
  writeRecord(chart)
  return transaction(chart.entries)
}

const writeRecord = (chart: Chart): void => {
  const { parent } = writePatient(chart)
  const cover = writeCoverage(chart, parent)
  const medicines = createMedicationList(writeAllergies(chart))
  const plan = planVisits(chart.hospital, chart.person, chart.problems, chart.random.fork('visits'))
  const visits = plan.map((visit, n) => writeVisit(chart, medicines, visit, n))
  writePrescriptions(chart, medicines)
  writeImmunizations(chart, visits)
  for (const visit of visits) writeClaim(chart, visit, cover)
  writeCare(chart, visits)
  writeOtherAppointments(chart, visits)
}
