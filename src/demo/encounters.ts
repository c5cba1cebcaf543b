/** A visit and everything that happens during it: http://hl7.org/fhir/R4/encounter.html */
import type { CodeableConcept, Encounter, EncounterLocation, Reference } from 'fhir/r4.js'
import type { PanelKey } from './analytes.ts'
import { writeKeptAppointment } from './appointments.ts'
import { type Attended, attend } from './attended.ts'
import type { Chart } from './chart.ts'
import { hl7, hl7Coding, snomed, ucum } from './coding.ts'
import { writeDiagnoses } from './conditions.ts'
import { writeDocuments } from './documents.ts'
import { bedPart } from './hospital.ts'
import { writePanel } from './laboratory.ts'
import { type MedicationList, prescribe } from './prescriptions.ts'
import { writeProcedures } from './procedures.ts'
import { bedsPerWard, wards } from './specialties.ts'
import { ageAt, atHour, day, hour, minute, type Time, toDateTime } from './time.ts'
import type { Visit, VisitKind } from './visits.ts'
import { writeVitals } from './vitals.ts'

export const encounterTypes: Record<VisitKind, CodeableConcept> = {
  wellness: snomed('185349003', 'Encounter for check up', 'Check-up'),
  'follow-up': snomed('390906007', 'Follow-up encounter', 'Follow-up'),
  video: snomed('448337001', 'Telemedicine consultation with patient', 'Video consultation'),
  illness: snomed('185345009', 'Encounter for symptom', 'Visit for symptoms'),
  emergency: snomed('50849002', 'Emergency room admission', 'Emergency visit'),
  inpatient: snomed('32485007', 'Hospital admission', 'Hospital stay'),
}

const classes = {
  ambulatory: hl7Coding('v3-ActCode', 'AMB', 'ambulatory'),
  virtual: hl7Coding('v3-ActCode', 'VR', 'virtual'),
  emergency: hl7Coding('v3-ActCode', 'EMER', 'emergency'),
  inpatient: hl7Coding('v3-ActCode', 'IMP', 'inpatient encounter'),
}

const classOf = (kind: VisitKind): Encounter['class'] => {
  if (kind === 'video') return classes.virtual
  return kind === 'emergency' || kind === 'inpatient' ? classes[kind] : classes.ambulatory
}

const attender = hl7('v3-ParticipationType', 'ATND', 'attender')
const primaryPerformer = hl7('v3-ParticipationType', 'PPRF', 'primary performer')
const admissionDiagnosis = hl7('diagnosis-role', 'AD', 'Admission diagnosis')
const chiefComplaint = hl7('diagnosis-role', 'CC', 'Chief complaint')
const comorbidity = hl7('diagnosis-role', 'CM', 'Comorbidity diagnosis')

/** Writes visit number `n` with its diagnoses, measurements, reports, procedures and documents. */
export const writeVisit = (chart: Chart, list: MedicationList, visit: Visit, n: number): Attended => {
  const attended = attend(chart, visit, n)
  const appointment = writeKeptAppointment(chart, attended)
  writeDiagnoses(chart, attended)
  chart.add(encounter(chart, attended, appointment))
  writeVitals(chart, attended)
  writeLaboratory(chart, attended)
  writeProcedures(chart, attended)
  prescribe(chart, list, attended)
  writeDocuments(chart, attended)
  return attended
}

const encounter = (
  chart: Chart,
  attended: Attended,
  appointment: Reference | undefined,
): Encounter & { id: string } => {
  const { visit, findings, specialty, doctor } = attended
  const stay = visit.kind === 'inpatient'
  const period = {
    start: toDateTime(visit.start),
    ...(visit.end === undefined ? {} : { end: toDateTime(visit.end) }),
  }
  const reasons = findings.slice(0, 1).map((f) => f.condition)
  return {
    resourceType: 'Encounter',
    id: attended.id,
    status: visit.end === undefined ? 'in-progress' : 'finished',
    class: classOf(visit.kind),
    type: [encounterTypes[visit.kind]],
    serviceType: doctor.specialty.concept,
    subject: chart.subject,
    participant: [{ type: [stay ? attender : primaryPerformer], period, individual: doctor.reference }],
    ...(appointment === undefined ? {} : { appointment: [appointment] }),
    period,
    ...(visit.end === undefined
      ? {}
      : { length: ucum(Math.round((visit.end - visit.start) / minute), 'min', 'minutes') }),
    ...(reasons.length === 0 || visit.kind === 'wellness' ? {} : { reasonReference: reasons }),
    ...(findings.length === 0 ? {} : { diagnosis: diagnoses(attended) }),
    ...(stay ? { hospitalization: hospitalization(attended) } : {}),
    ...(visit.kind === 'video' ? {} : { location: places(chart, attended, period) }),
    serviceProvider: chart.hospital.to('Organization', `department-${specialty}`, doctor.specialty.name),
  }
}

const diagnoses = ({ findings, visit }: Attended): NonNullable<Encounter['diagnosis']> =>
  findings.map(({ condition }, i) => ({
    condition,
    use: i > 0 ? comorbidity : visit.kind === 'inpatient' ? admissionDiagnosis : chiefComplaint,
    rank: i + 1,
  }))

const hospitalization = ({ visit, random }: Attended): NonNullable<Encounter['hospitalization']> => ({
  admitSource: random.chance(0.6)
    ? hl7('admit-source', 'emd', 'From accident/emergency department')
    : hl7('admit-source', 'gp', 'General Practitioner referral'),
  ...(visit.end === undefined
    ? {}
    : {
        dischargeDisposition: visit.fatal
          ? hl7('discharge-disposition', 'exp', 'Expired')
          : hl7('discharge-disposition', 'home', 'Home'),
      }),
})

type Period = { start: string; end?: string }

const places = (chart: Chart, attended: Attended, period: Period): EncounterLocation[] => {
  const { visit, specialty, random } = attended
  if (visit.kind !== 'inpatient')
    return [{ location: chart.hospital.to('Location', `clinic-${specialty}`), period }]
  const status = visit.end === undefined ? 'active' : 'completed'
  const bed = visit.end === undefined ? chart.person.bed : undefined
  const numbers = [...wards.keys()].filter((i) => wards[i]!.specialty === specialty)
  const wardNumber = bed?.wardNumber ?? (random.pick(numbers) ?? 0) + 1
  const ward = wards[wardNumber - 1]!
  const part = bedPart(bed ?? { ward, wardNumber, bed: random.int(1, bedsPerWard) })
  return [
    { location: chart.hospital.to('Location', `ward-${wardNumber}`, ward.name), status, period },
    {
      location: chart.hospital.to('Location', part),
      status,
      physicalType: hl7('location-physical-type', 'bd', 'Bed'),
      period,
    },
  ]
}

/** Results are ready two hours after the blood was drawn; what is not ready yet is not in the record. */
const ready = 2 * hour

const writeLaboratory = (chart: Chart, attended: Attended): void => {
  const { visit } = attended
  const order = (key: PanelKey, at: Time): void => {
    if (at + ready <= chart.end) writePanel(chart, attended, key, at)
  }
  if (visit.kind === 'video' || ageAt(chart.person.birth, visit.start) < 1) return
  const drawn = visit.start + (visit.kind === 'inpatient' ? 40 : 10) * minute
  for (const key of panelsFor(chart, attended)) order(key, drawn)
  if (visit.kind !== 'inpatient') return
  const end = visit.end ?? chart.now
  for (let at = atHour(visit.start + day, 6.5); at < end; at += day) {
    order('bloodCount', at)
    order('metabolic', at)
  }
}

const panelsFor = (chart: Chart, { visit, random }: Attended): ReadonlySet<PanelKey> => {
  const age = ageAt(chart.person.birth, visit.start)
  const wanted = new Set<PanelKey>(visit.acute?.panels)
  for (const key of visit.problem?.condition.panels ?? []) if (random.chance(0.75)) wanted.add(key)
  if (visit.kind === 'inpatient') return wanted.add('bloodCount').add('metabolic')
  if (visit.kind !== 'wellness' || age < 20) return wanted
  if (random.chance(0.35)) wanted.add('bloodCount')
  if (random.chance(0.35)) wanted.add('metabolic')
  if (age >= 40 && random.chance(0.4)) wanted.add('lipids')
  return wanted
}
