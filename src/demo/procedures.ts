/** Procedures: those that an illness calls for, and screening by age: http://hl7.org/fhir/R4/procedure.html */
import type { CodeableConcept } from 'fhir/r4.js'
import type { Attended } from './attended.ts'
import type { Chart } from './chart.ts'
import { snomed } from './coding.ts'
import type { Sex } from './names.ts'
import { ageAt, hour, minute, type Time, toDateTime } from './time.ts'

type Screening = { code: CodeableConcept; ages: readonly [number, number]; every: number; sex?: Sex }

const screenings: readonly Screening[] = [
  { code: snomed('73761001', 'Colonoscopy'), ages: [50, 75], every: 10 },
  { code: snomed('71651007', 'Mammography'), ages: [50, 74], every: 2, sex: 'female' },
  { code: snomed('312681000', 'Bone density scan'), ages: [65, 85], every: 5, sex: 'female' },
  {
    code: snomed('715252007', 'Depression screening using Patient Health Questionnaire Nine Item score'),
    ages: [13, 85],
    every: 4,
  },
]

const examinations: { readonly [key: string]: CodeableConcept } = {
  copd: snomed('127783003', 'Spirometry'),
  asthma: snomed('127783003', 'Spirometry'),
  heartFailure: snomed('433236007', 'Transthoracic echocardiography'),
  coronary: snomed('29303009', 'Electrocardiographic procedure'),
  fibrillation: snomed('29303009', 'Electrocardiographic procedure'),
}

export const writeProcedures = (chart: Chart, attended: Attended): void => {
  const { visit, random } = attended
  const length = (visit.end ?? chart.now) - visit.start
  const at = visit.start + Math.min(length / 3, visit.kind === 'inpatient' ? 6 * hour : 15 * minute)
  for (const code of visit.acute?.procedures ?? []) writeProcedure(chart, attended, code, at, length)
  const examination = examinations[visit.problem?.condition.key ?? '']
  if (examination !== undefined && visit.kind !== 'video' && random.chance(0.35)) {
    writeProcedure(chart, attended, examination, at, length)
  }
  if (visit.kind === 'wellness') writeScreenings(chart, attended, at, length)
}

/** Each in the years of age that are due, so that the interval holds without remembering. */
const writeScreenings = (chart: Chart, attended: Attended, at: Time, length: number): void => {
  const age = ageAt(chart.person.birth, at)
  for (const { code, ages, every, sex } of screenings) {
    if (age < ages[0] || age > ages[1] || (age - ages[0]) % every !== 0) continue
    if (sex === undefined || sex === chart.person.sex) writeProcedure(chart, attended, code, at, length)
  }
}

const writeProcedure = (
  chart: Chart,
  attended: Attended,
  code: CodeableConcept,
  at: Time,
  length: number,
): void => {
  const minutes = Math.min(attended.random.int(2, 9) * 5, (length / minute) * 0.6)
  const start = Math.floor(at / minute) * minute
  const [reason] = attended.findings
  chart.add({
    resourceType: 'Procedure',
    id: chart.newId(),
    status: 'completed',
    code,
    subject: chart.subject,
    encounter: attended.encounter,
    performedPeriod: { start: toDateTime(start), end: toDateTime(start + Math.ceil(minutes) * minute) },
    performer: [
      {
        actor: attended.doctor.reference,
        onBehalfOf: chart.hospital.to('Organization', `department-${attended.specialty}`),
      },
    ],
    ...(reason === undefined || attended.visit.kind === 'wellness'
      ? {}
      : { reasonReference: [reason.condition] }),
  })
}
